"""Reception: one connection of the proxy, by what it asks for."""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from collections.abc import Callable, Coroutine, Iterator
from urllib.parse import urlsplit

from nertwin.mockserver.errors import NertwinError

from .authority import CA_VARIABLES, Authority
from .forwarding import Refusal, forward, pass_on, refuse, reply, tunnel
from .redirecting.detour import Attempt, Detour, url_of
from .redirecting.hosts import is_api, is_owned
from .upstream import NoWay, Upstream, Upstreams

HTTP, HTTPS = 80, 443  #: Ports of what they name.
_PIECE = 64 * 1024
# Of HTTP/2, which ends here; behind it the parser takes a body for the other protocol.
_OFFER = re.compile(rb"^upgrade:(?![ \t]*websocket).*\r\n", re.IGNORECASE | re.MULTILINE)
_NO_TEST = "nertwin's proxy serves no test or program at the moment"
_NONE = Detour("", "off", lambda _: None)
_NO_CERTIFICATES = (
    "nertwin's proxy, which redirects programs other than Python, Node and Bun, has no"
    " certificates; run pip install 'nertwin[redirect]'"
)


class Reception:
    """Receives connections, each with what it asks for."""

    def __init__(
        self,
        find_detour: Callable[[], Detour | None],
        authority: Authority | None,
        note: Callable[[str], None],
        upstreams: Upstreams,
    ) -> None:
        self._find_detour = find_detour
        self._authority = authority
        self._note = note
        self._upstreams = upstreams

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
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        tls: ssl.SSLContext | None,
    ) -> None:
        """Serve one connection of a client that takes this for one of the API's hosts."""
        detour = self._find_detour()
        if detour is not None:
            await self._until_it_ends(self._forward_direct(reader, writer, detour, tls), writer)

    async def _forward_direct(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        detour: Detour,
        tls: ssl.SSLContext | None,
    ) -> None:
        host, first = "one of the API's hosts", b""
        if tls is None:
            self._note(_unencrypted(host))
        else:
            with self._noting_distrust(host):
                await writer.start_tls(tls)
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
        if method != "CONNECT":
            await self._serve_plain(reader, writer, head, target)
            return
        host, port = _place(target)
        detour = self._detour_of(host)
        if not (is_api(host) or (is_owned(host) and detour.refuses(host))):
            if detour.refuses(host):
                refuse(detour, Attempt(host, method))
            scheme = "http" if port == HTTP else "https"
            await tunnel(reader, writer, (host, port), self._upstream(scheme, host, port))
            return
        if self._authority is None:
            self._note(f"a program asked for {host}: {_NO_CERTIFICATES}")
            raise Refusal(502, _NO_CERTIFICATES)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        scheme = "http" if port == HTTP else "https"
        first = b""
        if scheme == "https":
            with self._noting_distrust(host):
                await writer.start_tls(self._authority.context(host))
                first = await _first_piece(reader)
        await forward(reader, writer, first, detour, url_of(scheme, host, port, ""))

    async def _serve_plain(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        head: bytes,
        target: str,
    ) -> None:
        """A request for ``http://…``."""
        place = _plain_place(target)
        host = place[0]
        detour = self._detour_of(host)
        head = _OFFER.sub(b"", head)
        if is_api(host):
            self._note(_unencrypted(host))
        if is_api(host) or detour.refuses(host):
            await forward(reader, writer, head, detour, f"http://{host}", is_proxy=True)
        else:
            await pass_on(reader, writer, head, place, self._upstream("http", *place))

    def _detour_of(self, host: str) -> Detour:
        detour = self._find_detour()
        if detour is None and is_owned(host):
            raise Refusal(503, _NO_TEST)
        # Clients that were made in a test may keep its proxy for longer.
        return detour or _NONE

    def _upstream(self, scheme: str, host: str, port: int) -> Upstream | None:
        try:
            return self._upstreams.find(scheme, host, port)
        except NoWay as no_way:
            self._note(f"a program asked for {host}: {no_way}")
            raise Refusal(502, str(no_way)) from no_way


def _place(target: str) -> tuple[str, int]:
    """Host and port that a CONNECT names."""
    try:
        parts = urlsplit(f"//{target}")
        port = parts.port or HTTPS
    except ValueError as error:
        raise Refusal(400, f"{target[:80]!r} is no host and port: {error}") from error
    return parts.hostname or "", port


def _plain_place(target: str) -> tuple[str, int]:
    """Host and port of a URL that is asked of a proxy."""
    try:
        parts = urlsplit(target)
        host, port = parts.hostname, parts.port or HTTP
    except ValueError:
        host = None
    if not host or parts.scheme != "http":
        raise Refusal(400, f"this is nertwin's proxy, which can't ask for {target[:80]!r}")
    return host, port


async def _first_piece(reader: asyncio.StreamReader) -> bytes:
    piece = await reader.read(_PIECE)
    if not piece:
        raise ConnectionAbortedError
    return piece


def _unencrypted(host: str) -> str:
    return f"a program called {host} by http, which sends its token for all to read; use https"


def _distrust(host: str, reason: str) -> str:
    return (
        f"a program asked for {host} and went away before its first request ({reason}): it seems"
        " not to trust the certificates of this run. It must read one of"
        f" {', '.join(CA_VARIABLES[:-1])} and {CA_VARIABLES[-1]}."
    )
