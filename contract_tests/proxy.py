"""Proxy: what programs of any language send to the API's hosts goes to the stand-in."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from urllib.parse import urlsplit

from nertwin.mockserver.errors import NertwinError

from .authority import CA_VARIABLES, Authority
from .forwarding import Refusal, forward, refuse, reply, tunnel
from .redirecting.detour import Attempt, Detour, url_of
from .redirecting.hosts import is_api, is_owned

_HOST = "127.0.0.1"
_LONGEST_HEAD = 64 * 1024
_PLAIN_PORT = 80
_PIECE = 64 * 1024
#: The port of the API's hosts.
HTTPS = 443
_NO_TEST = "nertwin's proxy serves no test or program at the moment"
_NO_CERTIFICATES = (
    "nertwin's proxy, which redirects programs that are neither Python nor Node, has no"
    " certificates; run pip install 'nertwin[redirect]'"
)


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
    direct_ports: Sequence[int] = (),
) -> Iterator[Proxy]:
    """A proxy on a free port of this machine, until the block ends.

    It ends the TLS of what is sent to Hugging Face's hosts, and no other. Without an authority
    it refuses that. What its clients can't know of is told to ``note``. At ``direct_ports`` it
    is taken for the hosts themselves.
    """
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server((_HOST, 0)))
        direct = [stack.enter_context(socket.create_server((_HOST, port))) for port in direct_ports]
        server = _Server(listener, direct, _Desk(find_detour, authority, note))
        thread = threading.Thread(target=server.run, name="nertwin-proxy", daemon=True)
        thread.start()
        try:
            yield Proxy(f"http://{_HOST}:{listener.getsockname()[1]}")
        finally:
            server.end()
            thread.join()


class _Server:
    """An event loop that accepts until it is told to end."""

    def __init__(self, listener: socket.socket, direct: list[socket.socket], desk: _Desk) -> None:
        self._listener = listener
        self._direct = direct
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
        desk = self._desk
        servers = [
            await asyncio.start_server(desk.receive, sock=self._listener, limit=_LONGEST_HEAD)
        ]
        for listener in self._direct:
            context = desk.direct_context()
            servers.append(
                await asyncio.start_server(desk.receive_direct, sock=listener, ssl=context)
            )
        await self._ended.wait()
        for server in servers:
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

    def direct_context(self) -> ssl.SSLContext:
        """TLS for those who take this for one of the hosts, each with the certificate it wants."""
        authority = self._authority
        if authority is None:
            raise NertwinError(_NO_CERTIFICATES)
        context = authority.context("huggingface.co")

        def choose(shaken: ssl.SSLObject | ssl.SSLSocket, name: str | None, _: object) -> None:
            if name and is_api(name):
                shaken.context = authority.context(name)

        context.sni_callback = choose
        return context

    async def receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection of a client that asks its proxy."""
        await self._until_it_ends(self._serve(reader, writer), writer)

    async def receive_direct(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Serve one connection of a client that takes this for one of the API's hosts."""
        detour = self._find_detour()
        if detour is not None:
            await self._until_it_ends(self._forward_direct(reader, writer, detour), writer)

    async def _forward_direct(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, detour: Detour
    ) -> None:
        with self._noting_distrust("one of the API's hosts"):
            first = await _first_piece(reader)
        await forward(reader, writer, first, detour, "")

    @contextlib.contextmanager
    def _noting_distrust(self, host: str) -> Iterator[None]:
        """Some programs end the handshake, others say so behind it, or say nothing."""
        try:
            yield
        except (ssl.SSLError, ConnectionError) as error:
            self._note(_distrust(host, getattr(error, "reason", None) or type(error).__name__))
            raise

    async def _until_it_ends(
        self, served: Coroutine[None, None, None], writer: asyncio.StreamWriter
    ) -> None:
        try:
            await served
        except Refusal as refusal:
            await reply(writer, refusal)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # The client, or the host it wanted, has gone.
        finally:
            # Not to be waited for: asyncio does not tell of a connection that a handshake lost.
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        method, _, rest = head.partition(b"\r\n")[0].decode("latin-1").partition(" ")
        target = rest.rpartition(" ")[0]
        detour = self._find_detour()
        if detour is None:
            raise Refusal(503, _NO_TEST)
        if method != "CONNECT":
            host = urlsplit(target).hostname or ""
            await self._pass_plain(reader, writer, head, detour, host)
            return
        host, port = _place(target)
        if not (is_api(host) or (is_owned(host) and detour.refuses(host))):
            if detour.refuses(host):
                refuse(detour, Attempt(host, method))
            await tunnel(reader, writer, host, port)
            return
        if self._authority is None:
            self._note(f"a program asked for {host}: {_NO_CERTIFICATES}")
            raise Refusal(502, _NO_CERTIFICATES)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        scheme = "http" if port == _PLAIN_PORT else "https"
        first = b""
        if scheme == "https":
            with self._noting_distrust(host):
                await writer.start_tls(self._authority.context(host))
                first = await _first_piece(reader)
        await forward(reader, writer, first, detour, url_of(scheme, host, port, ""))

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
            raise Refusal(501, "nertwin's proxy is for https; leave HTTP_PROXY unset")
        await forward(reader, writer, head, detour, f"http://{host}")


def _place(target: str) -> tuple[str, int]:
    """Host and port that a CONNECT names."""
    try:
        parts = urlsplit(f"//{target}")
        port = parts.port or HTTPS
    except ValueError as error:
        raise Refusal(400, f"{target[:80]!r} is no host and port: {error}") from error
    return parts.hostname or "", port


async def _first_piece(reader: asyncio.StreamReader) -> bytes:
    piece = await reader.read(_PIECE)
    if not piece:
        raise ConnectionAbortedError
    return piece


def _distrust(host: str, reason: str) -> str:
    return (
        f"a program asked for {host} and went away before its first request ({reason}): it seems"
        " not to trust the certificates of this run. It must read one of"
        f" {', '.join(CA_VARIABLES[:-1])} and {CA_VARIABLES[-1]}."
    )
