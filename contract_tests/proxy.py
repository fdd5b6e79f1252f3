"""Proxy: what programs of any language send to the API's hosts goes to the stand-in."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import httptools

from .authority import Authority
from .redirecting.detour import Attempt, Detour, Leak, url_of
from .redirecting.hosts import is_api, is_owned
from .rewriting import Rewriter

_HOST = "127.0.0.1"
_LONGEST_HEAD = 64 * 1024
_PIECE = 64 * 1024
_PLAIN_PORT = 80
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: on, no time; a close is then a reset.
_NO_TEST = "nertwin's proxy serves no test or program at the moment"
_NO_CERTIFICATES = "nertwin's proxy has no certificates; run pip install 'nertwin[redirect]'"


class _Refusal(Exception):
    """The client is told no, and why."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy that runs in a thread of this process."""

    url: str  #: What ``HTTPS_PROXY`` should be.


@contextlib.contextmanager
def running_proxy(
    find_detour: Callable[[], Detour | None],
    authority: Authority | None,
    *,
    note: Callable[[str], None],
) -> Iterator[Proxy]:
    """A proxy on a free port of this machine, until the block ends.

    It ends the TLS of what is sent to Hugging Face's hosts, and no other. Without an authority
    it refuses that. What its clients can't know of is told to ``note``.
    """
    with socket.create_server((_HOST, 0)) as listener:
        server = _Server(listener, _Desk(find_detour, authority, note))
        thread = threading.Thread(target=server.run, name="nertwin-proxy", daemon=True)
        thread.start()
        try:
            yield Proxy(f"http://{_HOST}:{listener.getsockname()[1]}")
        finally:
            server.end()
            thread.join()


class _Server:
    """An event loop that accepts until it is told to end."""

    def __init__(self, listener: socket.socket, desk: _Desk) -> None:
        self._listener = listener
        self._desk = desk
        self._loop = asyncio.new_event_loop()
        self._ended = asyncio.Event()

    def run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    def end(self) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)

    async def _serve(self) -> None:
        # Tasks that are left when the runner ends are cancelled by it.
        server = await asyncio.start_server(
            self._desk.receive, sock=self._listener, limit=_LONGEST_HEAD
        )
        await self._ended.wait()
        server.close()


class _Desk:
    """Receives connections, each with what it asks for."""

    def __init__(
        self,
        find_detour: Callable[[], Detour | None],
        authority: Authority | None,
        note: Callable[[str], None],
    ) -> None:
        self._find_detour = find_detour
        self._authority = authority
        self._note = note

    async def receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection to its end."""
        try:
            await self._serve(reader, writer)
        except _Refusal as refusal:
            await _reply(writer, refusal)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # The client, or the host it wanted, has gone.
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        method, _, rest = head.partition(b"\r\n")[0].decode("latin-1").partition(" ")
        target = rest.rpartition(" ")[0]
        detour = self._find_detour()
        if detour is None:
            raise _Refusal(503, _NO_TEST)
        if method != "CONNECT":
            host = urlsplit(target).hostname or ""
            await self._pass_plain(reader, writer, head, detour, host)
            return
        parts = urlsplit(f"//{target}")
        host, port = parts.hostname or "", parts.port or 443
        if not (is_api(host) or is_owned(host)):
            if detour.refuses(host):
                _refuse(detour, Attempt(host, method))
            await _tunnel(reader, writer, host, port)
            return
        if self._authority is None:
            raise _Refusal(502, _NO_CERTIFICATES)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        scheme = "http" if port == _PLAIN_PORT else "https"
        if scheme == "https":
            try:
                await writer.start_tls(self._authority.context(host))
            except (ssl.SSLError, ConnectionError) as error:
                self._note(_distrust(host, error))
                raise
        await _forward(reader, writer, b"", detour, url_of(scheme, host, port, ""))

    async def _pass_plain(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        head: bytes,
        detour: Detour,
        host: str,
    ) -> None:
        """A request for ``http://…``, which no program needs for this API."""
        if not (is_api(host) or is_owned(host)):
            raise _Refusal(501, "nertwin's proxy is for https; leave HTTP_PROXY unset")
        await _forward(reader, writer, head, detour, f"http://{host}")


async def _forward(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    first: bytes,
    detour: Detour,
    origin: str,
) -> None:
    """Send the requests of one connection to the stand-in, and its bytes back as they come."""

    def new_target(method: str, target: str, _: dict[str, str]) -> str:
        url = target if "://" in target else origin + target
        try:
            found = detour.redirect(method, url)
        except Leak as leak:
            raise _Refusal(403, str(leak)) from leak
        if found is None:
            raise _Refusal(403, f"nertwin does not answer for {origin}")
        parts = urlsplit(found)
        return f"{parts.path}?{parts.query}" if parts.query else parts.path

    rewriter = Rewriter(new_target)
    place = urlsplit(detour.url)
    if not detour.url:
        first = first or await reader.read(_PIECE)
        _rewrite(rewriter, first)
        raise _Refusal(403, f"nertwin does not answer for {origin}")
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
        if isinstance(refusal, _Refusal):
            raise refusal from None
        raise _Refusal(400, f"nertwin's proxy can't read this request: {error}") from error


async def _tunnel(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, port: int
) -> None:
    """Bytes there and back, of which nothing is known."""
    try:
        there, back = await asyncio.open_connection(host, port)
    except OSError as error:
        raise _Refusal(502, f"can't reach {host} port {port}: {error}") from error
    writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
    try:
        await _either(_pump(reader, back), _pump(there, writer))
    finally:
        back.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(_PIECE):
        writer.write(piece)
        await writer.drain()


async def _either(*ways: asyncio.Coroutine[None, None, None]) -> None:
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


def _refuse(detour: Detour, attempt: Attempt) -> None:
    try:
        detour.refuse(attempt)
    except Leak as leak:
        raise _Refusal(403, str(leak)) from leak


async def _reply(writer: asyncio.StreamWriter, refusal: _Refusal) -> None:
    body = json.dumps({"error": str(refusal)}).encode()
    head = (
        f"HTTP/1.1 {refusal.status} Refused by nertwin\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
    )
    with contextlib.suppress(OSError):
        writer.write(head.encode("ascii") + body)
        await writer.drain()


def _distrust(host: str, error: Exception) -> str:
    return (
        f"a program asked for {host} and ended the TLS handshake"
        f" ({getattr(error, 'reason', None) or type(error).__name__}): it does not trust the"
        " certificates of this run. It must read one of SSL_CERT_FILE, REQUESTS_CA_BUNDLE,"
        " CURL_CA_BUNDLE and NODE_EXTRA_CA_CERTS."
    )
