"""Exchange: one request and what came back, as it was on the wire."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal, TypeAlias

from nertwin.schemas import JSON

from .entries import Entry, find_entries
from .secrets import SHORTEST, find_secret, redact
from .strictjson import NotStrict, read_strictly

HeaderLines: TypeAlias = tuple[tuple[str, str], ...]
#: How an exchange can break: what was wrong, whoever's fault it is.
Breakage: TypeAlias = Literal[
    "unknown-host", "unreachable", "tls", "timeout", "closed", "not-http", "too-large"
]

LARGEST_BODY = 16 * 1024 * 1024

_SHOWN = 120


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is sent. The token is no part of it: the client adds it.

    Equal requests are sent once in a run; :meth:`again` makes one that differs.
    """

    target: str  #: Path and query.
    method: str = "POST"
    headers: HeaderLines = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    is_call: bool = False  #: Whether it asks for a classification at the model's address.
    is_chunked: bool = False
    sends_token: bool = True  #: Whether the client adds the endpoint's token.
    on_new_connection: bool = False
    is_patient: bool = True  #: Whether a 429 or a loading 503 is waited out and asked again.
    attempt: int = 0  #: Tells apart equal requests that are to be sent each.

    def __repr__(self) -> str:
        body = redact(self.body.decode("utf-8", "replace"))
        shown = body if len(body) <= _SHOWN else body[: _SHOWN - 1] + "…"
        return f"<{self.method} {redact(self.target)} {shown}>"

    def again(self, attempt: int = 1) -> Request:
        """The same request, to be sent once more; ``attempt`` counts them."""
        return replace(self, attempt=attempt)

    def with_headers(self, *lines: tuple[str, str]) -> Request:
        """The request with more header lines."""
        return replace(self, headers=(*self.headers, *lines))

    def header(self, name: str) -> str | None:
        """The last value of a header, or None."""
        return _last(self.headers, name)

    @cached_property
    def payload(self) -> JSON:
        """The body as JSON, or None where it is none."""
        try:
            document: JSON = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return document

    @property
    def inputs(self) -> str | list[str] | None:
        """The text or the texts of a call, or None where the body has neither."""
        inputs = self.payload.get("inputs") if isinstance(self.payload, dict) else None
        if isinstance(inputs, list):
            texts = [text for text in inputs if isinstance(text, str)]
            return texts if len(texts) == len(inputs) else None
        return inputs if isinstance(inputs, str) else None

    @property
    def parameters(self) -> dict[str, JSON]:
        """The call's parameters; empty where there are none."""
        found = self.payload.get("parameters") if isinstance(self.payload, dict) else None
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True, kw_only=True)
class Response:
    """What came back, down to the framing."""

    status: int
    headers: HeaderLines = ()  #: In the order and the spelling of the wire.
    body: bytes = field(default=b"", repr=False)  #: As received, chunks joined.
    is_whole: bool = True  #: Whether the body ended where the framing said.
    surplus: bytes = field(default=b"", repr=False)  #: What came after its end.
    echoes_token: bool = False  #: Whether our token was in it; then asterisks stand for it.

    def header(self, name: str) -> str | None:
        """The last value of a header, or None."""
        return _last(self.headers, name)

    @property
    def media_type(self) -> str:
        """``content-type`` without its parameters, in lower case; empty where absent."""
        return (self.header("content-type") or "").partition(";")[0].strip().lower()

    def veil(self, token: str | None) -> Response:
        """The response with asterisks for a token, so that no report can tell it.

        Nothing shorter than eight characters is taken for a secret.
        """
        if not token or len(token) < SHORTEST:
            return self
        secret = find_secret(token)
        content = self.content.decode("latin-1")
        is_in_content = secret.search(content) is not None
        if not is_in_content and not any(secret.search(value) for _, value in self.headers):
            return self
        lines = ((name, secret.sub(_stars, value)) for name, value in self.headers)
        is_coded = is_in_content and self.content != self.body
        body = content if is_coded else self.body.decode("latin-1")
        return replace(
            self,
            headers=tuple(
                line for line in lines if not is_coded or line[0].lower() != "content-encoding"
            ),
            body=secret.sub(_stars, body).encode("latin-1"),
            surplus=secret.sub(_stars, self.surplus.decode("latin-1")).encode("latin-1"),
            echoes_token=True,
        )

    @cached_property
    def content(self) -> bytes:
        """The body without its ``content-encoding``; as received where that is unknown."""
        if (self.header("content-encoding") or "").lower() not in ("gzip", "deflate"):
            return self.body
        try:
            return zlib.decompressobj(wbits=47).decompress(self.body, LARGEST_BODY)
        except zlib.error:
            return self.body

    @property
    def problem(self) -> str:
        """Why the content is no strict JSON; empty where it is."""
        return self._read[1]

    @property
    def document(self) -> JSON:
        """The content as strict JSON; None where it is none (see :attr:`problem`)."""
        return self._read[0]

    @cached_property
    def _read(self) -> tuple[JSON, str]:
        try:
            return read_strictly(self.content), ""
        except NotStrict as error:
            return None, str(error)


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One request and its response, or how it broke."""

    request: Request
    response: Response | None = None
    breakage: Breakage | None = None
    problem: str = ""  #: The breakage in words.
    seconds: float = 0.0  #: From the first byte sent to the last received.
    connection: int = 0  #: Counts the run's connections.
    number: int = 0  #: Counts the run's exchanges.

    @property
    def status(self) -> int:
        """The response's status; 0 where none came."""
        return self.response.status if self.response else 0

    @property
    def document(self) -> JSON:
        """The response as strict JSON; None where it is none."""
        return self.response.document if self.response else None

    @cached_property
    def entries(self) -> list[list[Entry]]:
        """The objects of a 200, a list for each text; many judges ask."""
        return find_entries(self.document, self.request.inputs) if self.status == 200 else []

    def header(self, name: str) -> str | None:
        """The last value of a header of the response, or None."""
        return self.response.header(name) if self.response else None


def _stars(found: re.Match[str]) -> str:
    return "*" * len(found[0])


def _last(lines: Iterable[tuple[str, str]], name: str) -> str | None:
    found = [value for line, value in lines if line.lower() == name.lower()]
    return found[-1] if found else None
