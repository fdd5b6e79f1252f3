"""HAR: exchanges as an HTTP Archive 1.2, for the tools that read it."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from importlib.metadata import version
from urllib.parse import parse_qsl

from nertwin.schemas import JSON

from .exchange import Body, Exchange
from .heads import HeaderLines
from .naming import SESSION_PATH
from .notes import Note
from .session import DEFAULT_SESSION
from .sessions import SESSION_HEADER

#: Where a session's clock is said to begin when nobody knows.
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SESSION_HEADER = SESSION_HEADER.decode()
_LATEST = datetime(9999, 1, 1, tzinfo=UTC)


def to_har(
    exchanges: Iterable[Exchange],
    *,
    base_url: str = "http://nertwin",
    session_id: str = DEFAULT_SESSION,
    began: datetime = EPOCH,
    notes: Iterable[Note] = (),
) -> dict[str, JSON]:
    """The archive of the exchanges, with the session's clock at zero when it ``began``.

    Whoever sends its requests again comes to the session of that id: URLs begin with ``/s/ID``
    unless a header of the request names it. That is how they came, but for those that a token
    brought there, which nobody keeps. The ``notes`` of the journal become the comment of the whole.
    """
    home = base_url.rstrip("/")
    entries: list[JSON] = [
        _entry(exchange, home + _prefix(exchange, session_id), began) for exchange in exchanges
    ]
    creator: JSON = {"name": "nertwin", "version": version("nertwin")}
    comment = "\n".join(f"at {note.time:g} s: {note.text}" for note in notes)
    log: dict[str, JSON] = {"version": "1.2", "creator": creator, "entries": entries}
    return {"log": {**log, "comment": comment} if comment else log}


def _prefix(exchange: Exchange, session_id: str) -> str:
    """What of the URL names the session, which the journal leaves out of the path."""
    if session_id == DEFAULT_SESSION or _header(exchange.request_headers, _SESSION_HEADER):
        return ""
    return SESSION_PATH + session_id


def _entry(exchange: Exchange, base_url: str, began: datetime) -> JSON:
    milliseconds = exchange.seconds * 1000
    repeats = f"; {exchange.repeats} equal ones followed" if exchange.repeats else ""
    return {
        "startedDateTime": _moment(began, exchange.time).isoformat(timespec="milliseconds"),
        "time": milliseconds,
        "request": _request(exchange, base_url),
        "response": _response(exchange),
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        "comment": f"{exchange.gate}: {exchange.why}{repeats}",
    }


def _moment(began: datetime, seconds: float) -> datetime:
    try:
        return began + timedelta(seconds=seconds)
    except OverflowError:  # A clock may be advanced beyond the calendar.
        return _LATEST


def _request(exchange: Exchange, base_url: str) -> JSON:
    body = exchange.request_body
    query = parse_qsl(exchange.path.partition("?")[2], keep_blank_values=True)
    request: dict[str, JSON] = {
        "method": exchange.method,
        "url": base_url + exchange.path,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(exchange.request_headers),
        "queryString": _pairs(tuple(query)),
        "headersSize": -1,
        "bodySize": body.length,
    }
    if body.length:
        request["postData"] = {
            "mimeType": _content_type(exchange.request_headers),
            "text": body.text,
            "comment": _cut(body),
        }
    return request


def _response(exchange: Exchange) -> JSON:
    return {
        "status": exchange.status,
        "statusText": _reason(exchange.status),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(exchange.response_headers),
        "content": _content(exchange),
        "redirectURL": _header(exchange.response_headers, "location"),
        "headersSize": -1,
        "bodySize": exchange.response_body.length,
    }


def _content(exchange: Exchange) -> JSON:
    body = exchange.response_body
    content: dict[str, JSON] = {
        "size": body.length,
        "mimeType": _content_type(exchange.response_headers),
        "text": body.text,
        "comment": _cut(body),
    }
    if body.text.encode() != body.kept:  # Compressed, or broken on purpose.
        content |= {"text": base64.b64encode(body.kept).decode(), "encoding": "base64"}
    return content


def _cut(body: Body) -> str:
    return f"the first {len(body.kept)} of {body.length} bytes" if body.is_cut else ""


def _pairs(lines: HeaderLines) -> JSON:
    return [{"name": name, "value": value} for name, value in lines]


def _content_type(headers: HeaderLines) -> str:
    return _header(headers, "content-type") or "application/octet-stream"


def _header(headers: HeaderLines, wanted: str) -> str:
    return next((value for name, value in headers if name.lower() == wanted), "")


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
