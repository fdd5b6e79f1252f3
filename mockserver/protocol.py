"""Protocol: uvicorn's HTTP/1.1 over httptools, less what trips it over real clients."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Awaitable

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from .wire import WIRE, Wire
from .writer import Writer

# Java's HttpClient and ``curl --http2`` offer HTTP/2 in each first request. A server may
# ignore the offer (RFC 9110, section 7.8), but the parser ends the request at its headers.
_OFFER = re.compile(rb"(?i)(\r\n)upgrade:(?=[ \t]*h2c[ \t]*\r\n)")
_IGNORED = rb"\1x-offer:"


class Protocol(HttpToolsProtocol):
    """Ignores the offer of HTTP/2 that some clients make, and answers in HTTP/1.1.

    Each request finds its :class:`Wire` in its scope.
    """

    _unanswered: deque[RequestResponseCycle] | None = None  # The oldest first.

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Answer through a writer of our own what comes by the connection."""
        super().connection_made(transport)
        self.app = _Written(self.app)

    def data_received(self, data: bytes) -> None:
        """Feed what has come to the parser."""
        if b"h2c" in data or b"H2C" in data:
            head, blank, rest = data.partition(b"\r\n\r\n")
            data = _OFFER.sub(_IGNORED, head + blank) + rest
        super().data_received(data)

    def on_headers_complete(self) -> None:
        """Begin to answer, with the wire in reach of whoever does."""
        super().on_headers_complete()
        cycle = self.cycle
        # The task that answers exists, but runs only after this.
        cycle.scope[WIRE] = Wire(cycle)  # type: ignore[literal-required]
        unanswered = self._unanswered
        if unanswered is None:
            unanswered = self._unanswered = deque()
        # Pipelined requests are answered in their order: the first that isn't ends the search.
        # A look at each of them made ten thousand in one piece hold up everybody for seconds.
        while unanswered and unanswered[0].response_complete:
            unanswered.popleft()
        unanswered.append(cycle)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell all that still answer; uvicorn tells the last of pipelined requests only."""
        for cycle in self._unanswered or ():
            cycle.disconnected = not cycle.response_complete
            cycle.message_event.set()
        self._unanswered = None
        super().connection_lost(exc)


class _Written:
    """Answers through an application whose messages a :class:`Writer` writes."""

    __slots__ = ("_app",)

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def __call__(self, scope: Scope, receive: Receive, _send: Send) -> Awaitable[None]:
        wire: Wire = scope[WIRE]
        return self._app(scope, receive, Writer(wire.cycle).send)
