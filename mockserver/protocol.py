"""Protocol: uvicorn's HTTP/1.1 over httptools, less what trips it over real clients."""

from __future__ import annotations

import re
from collections import deque

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from .wire import WIRE, Wire

# Java's HttpClient and ``curl --http2`` offer HTTP/2 in each first request. A server may
# ignore the offer (RFC 9110, section 7.8), but the parser ends the request at its headers.
_OFFER = re.compile(rb"(?i)(\r\n)upgrade:(?=[ \t]*h2c[ \t]*\r\n)")
_IGNORED = rb"\1x-offer:"


class Protocol(HttpToolsProtocol):
    """Ignores the offer of HTTP/2 that some clients make, and answers in HTTP/1.1.

    Each request finds its :class:`Wire` in its scope.
    """

    _unanswered: deque[RequestResponseCycle] | None = None  # The oldest first.

    def data_received(self, data: bytes) -> None:
        """Feed what has come to the parser."""
        if b"h2c" in data or b"H2C" in data:
            head, blank, rest = data.partition(b"\r\n\r\n")
            data = _OFFER.sub(_IGNORED, head + blank) + rest
        super().data_received(data)

    def on_headers_complete(self) -> None:
        """Begin to answer, with the wire in reach of whoever does."""
        super().on_headers_complete()
        # The task that answers exists, but runs only after this.
        self.cycle.scope[WIRE] = Wire(self.cycle)  # type: ignore[literal-required]
        unanswered = self._unanswered
        if unanswered is None:
            unanswered = self._unanswered = deque()
        # Pipelined requests are answered in their order: the first that isn't ends the search.
        # A look at each of them made ten thousand in one piece hold up everybody for seconds.
        while unanswered and unanswered[0].response_complete:
            unanswered.popleft()
        unanswered.append(self.cycle)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell all that still answer; uvicorn tells the last of pipelined requests only."""
        for cycle in self._unanswered or ():
            cycle.disconnected = not cycle.response_complete
            cycle.message_event.set()
        self._unanswered = None
        super().connection_lost(exc)
