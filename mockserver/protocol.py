"""Protocol: uvicorn's HTTP/1.1 over httptools, less what trips it over real clients."""

from __future__ import annotations

import re

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# Java's HttpClient and ``curl --http2`` offer HTTP/2 in each first request. A server may
# ignore the offer (RFC 9110, section 7.8), but the parser ends the request at its headers.
_OFFER = re.compile(rb"(?i)(\r\n)upgrade:(?=[ \t]*h2c[ \t]*\r\n)")
_IGNORED = rb"\1x-offer:"


class Protocol(HttpToolsProtocol):
    """Ignores the offer of HTTP/2 that some clients make, and answers in HTTP/1.1."""

    def data_received(self, data: bytes) -> None:
        """Feed what has come to the parser."""
        if b"h2c" in data or b"H2C" in data:
            head, blank, rest = data.partition(b"\r\n\r\n")
            data = _OFFER.sub(_IGNORED, head + blank) + rest
        super().data_received(data)
