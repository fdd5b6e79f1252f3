"""Archive: the exchanges of an HTTP Archive 1.2, as a journal tells them."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import count
from typing import Any
from urllib.parse import unquote, urlsplit

from nertwin.mockserver.errors import NertwinError
from nertwin.mockserver.findings import Findings
from nertwin.mockserver.misuse import find_misuse
from nertwin.mockserver.naming import SESSION_PATH
from nertwin.mockserver.tokens import mask_query, redact, secrets_of, token_form
from nertwin.schemas import JSON, Profile

from .seen import Visit, a_visit

_OURS = "nertwin"
_MODELS = "/models/"
_LOOK_UPS = "/api/"
_CREDENTIALS = ("authorization", "proxy-authorization")


class BadArchive(NertwinError):
    """A file is no HTTP Archive."""


def read_archive(document: Any, *, profile: Profile = "classic") -> Visit:  # noqa: ANN401  # JSON.
    """What an archive tells of a client.

    It may come from any tool. Tokens in it are masked before anything else is read.

    Raises:
        BadArchive: It is none.
    """
    try:
        log = document["log"]
        is_ours = log.get("creator", {}).get("name") == _OURS
        journal: list[dict[str, JSON]] = []
        findings = Findings()
        for number, entry in zip(count(1), log["entries"], strict=False):
            told = _told(number, entry)
            journal.append(told)
            if told["model"]:
                for finding in _misuse(entry, profile):
                    findings.add(finding, number)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise BadArchive(
            f"this is no HTTP Archive: {type(error).__name__} {str(error)[:80]!r}; give a file with"
            ' {"log": {"entries": […]}}, as GET /_nertwin/sessions/ID/journal.har gives it'
        ) from error
    found = [each.to_json() for each in findings]
    # An archive of ours goes by the session's clock, which may have stood still.
    clock = "frozen" if is_ours else "real"
    return a_visit(journal, found, clock=clock, profile=profile, dropped=0)


def _told(number: int, entry: Mapping[str, Any]) -> dict[str, JSON]:
    request, response = entry["request"], entry["response"]
    began = datetime.fromisoformat(entry["startedDateTime"]).timestamp()
    seconds = max(0.0, float(entry.get("time", 0))) / 1000
    secrets = _secrets(request)
    parts = urlsplit(request["url"])
    way = _within_session(parts.path)
    path = mask_query(f"{way}?{parts.query}" if parts.query else way)
    body, answer = _sent(request), _content(response.get("content", {}))
    return {
        "number": number,
        "time": began,
        "seconds": seconds,
        "method": str(request["method"]),
        "path": redact(path.encode(), secrets).decode(),
        "model": _model(str(request["method"]), way),
        "request": _message(request, body, secrets),
        "status": int(response["status"]),
        "response": _message(response, answer, secrets),
        "gate": "",
        "why": "",
        "repeats": 0,
        "last_time": began,
        "real_time": began,
        "real_seconds": seconds,
        "last_real_time": began,
    }


def _message(part: Mapping[str, Any], body: bytes, secrets: tuple[bytes, ...]) -> JSON:
    headers: list[JSON] = []
    for name, value in _headers(part):
        is_credential = name in _CREDENTIALS
        shown = _form(value) if is_credential else redact(value.encode(), secrets).decode()
        headers.append([name, shown])
    text = redact(body, secrets).decode("utf-8", "replace")
    return {"headers": headers, "body": text, "body_bytes": len(body), "body_is_cut": False}


def _misuse(entry: Mapping[str, Any], profile: Profile) -> Iterator[Any]:
    request = entry["request"]
    headers = tuple((name.encode(), value.encode()) for name, value in _headers(request))
    query = urlsplit(request["url"]).query.encode()
    has_options = profile == "classic"
    for finding in find_misuse(_sent(request), headers, has_options=has_options, query=query):
        # In an archive of ours the form of a token stands where the token did.
        if not finding.id.startswith("authorization.") or finding.id == "authorization.misplaced":
            yield finding


def _headers(part: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(str(each["name"]).lower(), str(each["value"])) for each in part.get("headers", ())]


def _secrets(request: Mapping[str, Any]) -> tuple[bytes, ...]:
    values = [value.encode() for name, value in _headers(request) if name in _CREDENTIALS]
    return tuple(secret for value in values for secret in secrets_of(value) if not _is_form(value))


def _form(value: str) -> str:
    return value if _is_form(value.encode()) else token_form(value.encode()).value


def _is_form(value: bytes) -> bool:
    return value in (b"absent", b"empty", b"bearer-hf", b"bearer-other", b"colon", b"bare")


def _sent(request: Mapping[str, Any]) -> bytes:
    return str(request.get("postData", {}).get("text", "")).encode("utf-8", "replace")


def _content(content: Mapping[str, Any]) -> bytes:
    text = str(content.get("text", ""))
    if content.get("encoding") == "base64":
        return base64.b64decode(text)
    return text.encode("utf-8", "replace")


def _within_session(path: str) -> str:
    """The path without what names a session of a stand-in, as ``/s/ID``."""
    if not path.startswith(SESSION_PATH):
        return path
    return "/" + path.removeprefix(SESSION_PATH).partition("/")[2]


def _model(method: str, path: str) -> str:
    """The model that a path of the hosted API names, if any."""
    if method != "POST" or path.startswith(_LOOK_UPS) or _MODELS not in path:
        return ""
    return unquote(path.rpartition(_MODELS)[2]).strip("/")
