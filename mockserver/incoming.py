"""Incoming: a request as it came, before anyone has understood it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from starlette.requests import ClientDisconnect, Request
from starlette.types import Scope

from .reply import Headers


class BodyTooLarge(Exception):
    """The body has more bytes than the settings allow."""


class Incoming(NamedTuple):
    """What a client sent; its token is among the headers, so its repr tells nothing."""

    body: bytes
    headers: Mapping[str, str] = MappingProxyType({})  #: Names in lower case.
    query: Mapping[str, str] = MappingProxyType({})  #: The last value of each name.

    def __repr__(self) -> str:
        return "Incoming(…)"


def read_headers(scope: Scope) -> dict[str, str]:
    """The headers of a request; of several of one name the first, as Starlette has it."""
    return {
        name.decode("latin-1"): value.decode("latin-1")
        for name, value in reversed(scope["headers"])
    }


async def read_body(request: Request, limit: int) -> bytes:
    """The body of ``request``.

    Raises:
        BodyTooLarge: It is longer than ``limit`` bytes; no more than that is ever held.
        ClientDisconnect: Its sender left before its end.
    """
    if declares_more(request.scope["headers"], limit):
        raise BodyTooLarge
    chunks: list[bytes] = []
    length = 0
    is_whole = False
    while not is_whole:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk = message.get("body", b"")
        length += len(chunk)
        if length > limit:
            raise BodyTooLarge
        chunks.append(chunk)
        is_whole = not message.get("more_body", False)
    return b"".join(chunks)


def declares_more(headers: Headers, limit: int) -> bool:
    """Whether the first content-length among the headers is above the limit."""
    most = b"%d" % limit
    for name, value in headers:
        if name == b"content-length":
            digits = value.lstrip(b"0")
            return value.isdigit() and (len(digits), digits) > (len(most), most)
    return False
