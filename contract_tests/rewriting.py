"""Rewriting: requests of one connection, on their way to another place."""

from __future__ import annotations

from collections.abc import Callable

import httptools


class Rewriter:
    """Reads requests as they come and gives them again, each with another target.

    Names and values of headers, and the bytes of bodies, stay as they are.
    """

    def __init__(self, new_target: Callable[[str, str, dict[str, str]], str]) -> None:
        self._new_target = new_target  # From method, target, and headers in lower case.
        self._parser = httptools.HttpRequestParser(self)
        self._out = bytearray()
        self._target = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._is_head = True
        self._is_chunked = False

    def feed(self, piece: bytes) -> bytes:
        """What is to be sent on for that piece of what came.

        Raises:
            httptools.HttpParserError: What came is no HTTP/1.1.
        """
        self._parser.feed_data(piece)
        out = bytes(self._out)
        self._out.clear()
        return out

    def on_message_begin(self) -> None:
        """A request begins."""
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
        for name, value in self._headers:
            self._out += b"%s: %s\r\n" % (name, value)
        self._out += b"\r\n"

    def on_body(self, piece: bytes) -> None:
        """Some of its body came."""
        self._out += b"%x\r\n%s\r\n" % (len(piece), piece) if self._is_chunked else piece

    def on_message_complete(self) -> None:
        """It has ended."""
        if self._is_chunked:
            self._out += b"0\r\n\r\n"
