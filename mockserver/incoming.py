"""Incoming: a request as it came, before anyone has understood it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.requests import Request


class BodyTooLarge(Exception):
    """The body has more bytes than the settings allow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """What a client sent; its token is among the headers, so it has no repr of them."""

    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  #: Names in lower case.
    query: Mapping[str, str] = field(default_factory=dict)  #: The last value of each name.


async def read_body(request: Request, limit: int) -> bytes:
    """The body of ``request``.

    Raises:
        BodyTooLarge: It is longer than ``limit`` bytes; no more than that is ever held.
    """
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit():
        digits = declared.lstrip("0")
        if len(digits) > len(str(limit)) or int(digits or "0") > limit:
            raise BodyTooLarge
    chunks: list[bytes] = []
    length = 0
    async for chunk in request.stream():
        length += len(chunk)
        if length > limit:
            raise BodyTooLarge
        chunks.append(chunk)
    return b"".join(chunks)
