"""Rewriting: requests of one connection, on their way to another place."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import httptools

#: What a client tells its proxy and nobody else.
_HOP_BY_HOP = (
    b"connection",
    b"keep-alive",
    b"upgrade",
    b"proxy-connection",
    b"proxy-authorization",
)


class Rewriter:
    """Reads requests as they come and gives them again, each with another target.

    Names and values of headers, and the bytes of bodies, stay as they are. Of a connection to a
    proxy it takes one request, and tells the server so: the next may be for another host.
    """

    def __init__(
        self,
        new_target: Callable[[str, str, dict[str, str]], str],
        *,
        is_proxy: bool = False,
        added: Iterable[tuple[bytes, bytes]] = (),
    ) -> None:
        self._new_target = new_target  # From method, target, and headers in lower case.
        self._is_proxy = is_proxy
        self._added = tuple(added)
        self._is_over = False
        self._is_socket = False  # A web socket: no requests follow, but bytes.
        self._parser = httptools.HttpRequestParser(self)
        self._out = bytearray()
        self._target = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._is_head = True
        self._is_chunked = False

    def feed(self, piece: bytes) -> bytes:
        """What is to be sent on for that piece of what came.

        Raises:
            httptools.HttpParserError: What came is no HTTP/1.1, or with a ConnectionAbortedError
                as its context, another request to a proxy.
        """
        if self._is_socket and self._is_over:
            return piece
        rest = b""
        try:
            self._parser.feed_data(piece)
        except httptools.HttpParserUpgrade as upgrade:
            # Whoever offers another protocol may go on in this one.
            rest = piece[upgrade.args[0] :]
            self._parser = httptools.HttpRequestParser(self)
        out = bytes(self._out)
        self._out.clear()
        return out + self.feed(rest) if rest else out

    def on_message_begin(self) -> None:
        """A request begins."""
        if self._is_over:
            raise ConnectionAbortedError
        self._target, self._headers, self._is_head = b"", [], True

    def on_url(self, piece: bytes) -> None:
        """Another piece of its target came."""
        self._target += piece

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header came, or behind the body a trailer, which is left out."""
        if self._is_head:
            self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Its head is whole, so the new one is sent on."""
        self._is_head = False
        method = self._parser.get_method()
        fields = {name.decode("latin-1").lower(): value for name, value in self._headers}
        self._is_chunked = fields.get("transfer-encoding", b"").lower().endswith(b"chunked")
        texts = {name: value.decode("latin-1") for name, value in fields.items()}
        target = self._new_target(method.decode("ascii"), self._target.decode("latin-1"), texts)
        version = self._parser.get_http_version().encode("ascii")
        self._out += b"%s %s HTTP/%s\r\n" % (method, target.encode("latin-1"), version)
        self._is_socket = self._is_proxy and fields.get("upgrade", b"").lower() == b"websocket"
        for name, value in (*self._kept(), *self._added):
            self._out += b"%s: %s\r\n" % (name, value)
        self._out += b"\r\n"

    def _kept(self) -> list[tuple[bytes, bytes]]:
        if not self._is_proxy:
            return self._headers
        kept = [pair for pair in self._headers if pair[0].lower() not in _HOP_BY_HOP]
        if self._is_socket:
            return [*kept, (b"Connection", b"Upgrade"), (b"Upgrade", b"websocket")]
        return [*kept, (b"Connection", b"close")]

    def on_body(self, piece: bytes) -> None:
        """Some of its body came."""
        self._out += b"%x\r\n%s\r\n" % (len(piece), piece) if self._is_chunked else piece

    def on_message_complete(self) -> None:
        """It has ended."""
        self._is_over = self._is_proxy
        if self._is_chunked:
            self._out += b"0\r\n\r\n"
