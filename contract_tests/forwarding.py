"""Forwarding: the bytes of one connection of the proxy, on their way there and back."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
from collections.abc import Coroutine
from urllib.parse import urlsplit

import httptools

from .redirecting.detour import Attempt, Detour, Leak
from .rewriting import Rewriter

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
) -> None:
    """Send the requests of one connection to the stand-in, and its bytes back as they come.

    Without an ``origin`` each request's ``Host`` names it.
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

    rewriter = Rewriter(new_target)
    place = urlsplit(detour.url)
    if not detour.url:
        first = first or await reader.read(_PIECE)
        _rewrite(rewriter, first)
        raise Refusal(403, f"nertwin does not answer for {origin}")
    there, back = await asyncio.open_connection(place.hostname, place.port)

    async def send() -> None:
        piece = first or await reader.read(_PIECE)
        while piece:
            back.write(_rewrite(rewriter, piece))
            await back.drain()
            piece = await reader.read(_PIECE)

    try:
        await _either(send(), _pump(there, writer))
    except ConnectionResetError:
        _reset(writer)
        raise
    finally:
        back.close()


def _rewrite(rewriter: Rewriter, piece: bytes) -> bytes:
    """What of it is sent on; a refusal leaves the parser as its error's context."""
    try:
        return rewriter.feed(piece)
    except httptools.HttpParserError as error:
        refusal = error.__context__
        if isinstance(refusal, Refusal):
            raise refusal from None
        raise Refusal(400, f"nertwin's proxy can't read this request: {error}") from error


async def tunnel(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, port: int
) -> None:
    """Bytes there and back, of which nothing is known."""
    try:
        there, back = await asyncio.open_connection(host, port)
    except OSError as error:
        raise Refusal(502, f"can't reach {host} port {port}: {error}") from error
    writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
    try:
        await _either(_pump(reader, back), _pump(there, writer))
    finally:
        back.close()


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
