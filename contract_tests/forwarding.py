"""Forwarding: the bytes of one connection of the proxy, on their way there and back."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import ssl
import struct
from collections.abc import Coroutine
from urllib.parse import urlsplit

import httptools

from .redirecting.detour import Attempt, Detour, Leak
from .rewriting import Rewriter
from .upstream import Upstream

_PIECE = 64 * 1024
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: on, no time; a close is then a reset.


class Refusal(Exception):
    """The client is told no, and why."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


async def forward(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    first: bytes,
    detour: Detour,
    origin: str,
    *,
    is_proxy: bool = False,
) -> None:
    """Send the requests of one connection to the stand-in, and its bytes back as they come.

    Without an ``origin`` each request's ``Host`` names it. What comes to a proxy is one request.
    """

    def new_target(method: str, target: str, headers: dict[str, str]) -> str:
        place = origin or f"https://{headers.get('host', '')}"
        url = target if "://" in target else place + target
        try:
            found = detour.redirect(method, url)
        except Leak as leak:
            raise Refusal(403, str(leak)) from leak
        if found is None:
            raise Refusal(403, f"nertwin does not answer for {place}")
        parts = urlsplit(found)
        return f"{parts.path}?{parts.query}" if parts.query else parts.path

    rewriter = Rewriter(new_target, is_proxy=is_proxy)
    place = urlsplit(detour.url)
    if not detour.url:
        first = first or await reader.read(_PIECE)
        _rewrite(rewriter, first)
        raise Refusal(403, f"nertwin does not answer for {origin}")
    there, back = await asyncio.open_connection(place.hostname, place.port)
    try:
        await _either(_send(reader, back, first, rewriter), _pump(there, writer))
    except ConnectionResetError:
        _reset(writer)
        raise
    finally:
        back.close()


async def pass_on(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    first: bytes,
    place: tuple[str, int],
    upstream: Upstream | None,
) -> None:
    """Send the one request of a connection to the host that it is for, and bytes back."""

    def new_target(_method: str, target: str, _headers: dict[str, str]) -> str:
        if upstream is not None:
            return target
        parts = urlsplit(target)
        return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"

    added = upstream.headers() if upstream else ()
    rewriter = Rewriter(new_target, is_proxy=True, added=added)
    there, back = await _reach(*place, upstream)
    try:
        await _either(_send(reader, back, first, rewriter), _pump(there, writer))
    finally:
        back.close()


async def _send(
    reader: asyncio.StreamReader,
    back: asyncio.StreamWriter,
    first: bytes,
    rewriter: Rewriter,
) -> None:
    piece = first or await reader.read(_PIECE)
    while piece:
        back.write(_rewrite(rewriter, piece))
        await back.drain()
        piece = await reader.read(_PIECE)


def _rewrite(rewriter: Rewriter, piece: bytes) -> bytes:
    """What of it is sent on; a refusal leaves the parser as its error's context."""
    try:
        return rewriter.feed(piece)
    except httptools.HttpParserError as error:
        reason = error.__context__
        if isinstance(reason, Refusal | ConnectionAbortedError):
            raise reason from None
        raise Refusal(400, f"nertwin's proxy can't read this request: {error}") from error


async def tunnel(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    place: tuple[str, int],
    upstream: Upstream | None,
) -> None:
    """Bytes there and back, of which nothing is known."""
    there, back = await _reach(*place, upstream)
    try:
        answer = b"HTTP/1.1 200 Connection established\r\n\r\n"
        if upstream is not None:
            # Its refusal is for the client, which would have had it without this proxy.
            answer = await _connect(there, back, place, upstream)
        writer.write(answer)
        await _either(_pump(reader, back), _pump(there, writer))
    finally:
        back.close()


async def _reach(
    host: str, port: int, upstream: Upstream | None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to the host, or to the proxy in front of it."""
    if upstream is not None:
        host, port = upstream.host, upstream.port
    tls = ssl.create_default_context() if upstream is not None and upstream.has_tls else None
    try:
        return await asyncio.open_connection(host, port, ssl=tls)
    except OSError as error:
        what = "the environment's proxy " if upstream is not None else ""
        raise Refusal(502, f"can't reach {what}{host} port {port}: {error}") from error


async def _connect(
    there: asyncio.StreamReader,
    back: asyncio.StreamWriter,
    place: tuple[str, int],
    upstream: Upstream,
) -> bytes:
    """What the proxy answers when it is asked to connect to the place."""
    name = f"[{place[0]}]" if ":" in place[0] else place[0]
    target = f"{name}:{place[1]}".encode()
    headers = [(b"Host", target), *upstream.headers()]
    lines = b"".join(b"%s: %s\r\n" % header for header in headers)
    back.write(b"CONNECT %s HTTP/1.1\r\n%s\r\n" % (target, lines))
    try:
        return await there.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        what = f"the environment's proxy {upstream.host} port {upstream.port}"
        raise Refusal(502, f"{what} gave no answer to CONNECT") from error


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(_PIECE):
        writer.write(piece)
        await writer.drain()


async def _either(*ways: Coroutine[None, None, None]) -> None:
    """Go both ways until one has ended; its error is raised."""
    tasks = [asyncio.ensure_future(way) for way in ways]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _reset(writer: asyncio.StreamWriter) -> None:
    """End the client's connection as the stand-in has ended its own."""
    connection = writer.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()


def refuse(detour: Detour, attempt: Attempt) -> None:
    """Tell of the attempt and refuse it."""
    try:
        detour.refuse(attempt)
    except Leak as leak:
        raise Refusal(403, str(leak)) from leak


async def reply(writer: asyncio.StreamWriter, refusal: Refusal) -> None:
    """Tell the client why, in the API's form of an error."""
    body = json.dumps({"error": str(refusal)}).encode()
    head = (
        f"HTTP/1.1 {refusal.status} Refused by nertwin\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
    )
    with contextlib.suppress(OSError):
        writer.write(head.encode("ascii") + body)
        await writer.drain()
