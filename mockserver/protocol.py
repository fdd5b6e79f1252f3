"""Protocol: uvicorn's HTTP/1.1 over httptools, less what trips it over real clients."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Awaitable
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from .recall import LONGEST, TRACE, Asked, Digest, Recall, Trace
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
    _recall: Recall | None = None
    _beginning = b""  # The beginning of a request that may be known when the rest has come.
    _first: tuple[bytes, Digest] | None = None  # Of a request of which more is to come.
    _trace: Trace | None = None  # Of the latest request.
    _begun = 0  # Requests that began in what was received last.
    _is_within = False  # Whether a request has begun that isn't there to its end.
    _last_recalled = 0.0  # By the loop's clock.

    def __init__(self, config: Config, *arguments: Any, **named: Any) -> None:  # noqa: ANN401
        super().__init__(config, *arguments, **named)
        # uvicorn logs where anybody listens, and pytest listens to every logger.
        self.access_log = config.access_log and self.access_log

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Answer through a writer of our own what comes by the connection."""
        super().connection_made(transport)
        if not self.access_log:
            self._recall = getattr(self.app, "recall", None)
        self.app = _Written(self.app)

    def data_received(self, data: bytes) -> None:
        """Answer what is known byte for byte; feed all else to the parser.

        Many clients send head and body apart. Where a request is known that begins like this
        one, its beginning is held until more comes.
        """
        recall = self._recall
        if recall is None or (self._first is None and not self._is_idle):
            self._feed_beginning()
            self._feed(data)
        elif self._first is None:
            self._begin(recall, data)
        else:
            (before, beginning), self._first = self._first, None
            self._feed(data)
            whole = before + data
            if self._is_whole and len(whole) <= LONGEST:
                self._note(recall.look_at(whole), beginning)

    def _begin(self, recall: Recall, data: bytes) -> None:
        """Answer, hold or feed what came while nothing was being answered."""
        held = self._beginning
        whole = held + data
        if len(whole) > LONGEST:
            self._feed_beginning()
            self._feed(data)
            return
        asked = recall.look_at(whole)
        is_here = self._is_here(asked)
        answer = recall.answer(asked, self.server_state.default_headers) if is_here else b""
        if answer:
            self._beginning = b""
            self.transport.write(answer)
            self._stay_alive()
        elif is_here and not held and recall.begins(asked):
            self._beginning = data
            self._unset_keepalive_if_required()
        else:
            self._begun = 0
            self._feed_beginning()  # By itself, as it came: what follows may be a head, too.
            self._feed(data)
            if self._is_whole:
                self._note(asked, recall.look_at(held).digest if held else b"")
            elif self._begun == 1 and self._is_busy:  # All of its head has come.
                self._first = whole, asked.digest

    def _is_here(self, asked: Asked) -> bool:  # noqa: ARG002
        """Whether the session that is asked is one of this process: always, if it has all."""
        return True

    @property
    def _is_whole(self) -> bool:
        """Whether all that came since it was idle is one request that may be known again."""
        return self._begun == 1 and not self._is_within and self.cycle.keep_alive

    def _note(self, asked: Asked, beginning: Digest) -> None:
        """Note by what the latest request may be remembered."""
        trace = self._trace
        if trace is not None and self._recall is not None and self._recall.is_worth_it(asked):
            trace.asked, trace.beginning = asked, beginning

    def on_message_begin(self) -> None:
        """Note that a request has begun."""
        self._begun += 1
        self._is_within = True
        super().on_message_begin()

    def on_message_complete(self) -> None:
        """Note that the request has come to its end."""
        self._is_within = False
        super().on_message_complete()

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection by which nothing has come for long, on the short way neither."""
        left = self._last_recalled + self.timeout_keep_alive - self.loop.time()
        if left <= 0:
            super().timeout_keep_alive_handler()
        else:
            self._close_after(left)

    @property
    def _is_idle(self) -> bool:
        """Whether all that came is answered, and what comes next can be sent at once."""
        return (
            not self._is_busy
            and not self._is_within
            and not self.flow.write_paused
            and not self.transport.is_closing()
        )

    @property
    def _is_busy(self) -> bool:
        """Whether a request is being answered."""
        return self.cycle is not None and not self.cycle.response_complete

    def _stay_alive(self) -> None:
        self.server_state.total_requests += 1
        self._last_recalled = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._close_after(self.timeout_keep_alive)

    def _close_after(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(
            seconds, self.timeout_keep_alive_handler
        )

    def _feed(self, data: bytes) -> None:
        if b"h2c" in data or b"H2C" in data:
            head, blank, rest = data.partition(b"\r\n\r\n")
            data = _OFFER.sub(_IGNORED, head + blank) + rest
        super().data_received(data)

    def _feed_beginning(self) -> None:
        if self._beginning:
            beginning, self._beginning = self._beginning, b""
            self._feed(beginning)

    def on_headers_complete(self) -> None:
        """Begin to answer, with the wire in reach of whoever does."""
        super().on_headers_complete()
        # What comes behind a body is no header: it could name another session.
        self.headers = []
        cycle = self.cycle
        # The task that answers exists, but runs only after this.
        cycle.scope[WIRE] = Wire(cycle)  # type: ignore[literal-required]
        if self._recall is not None:
            self._trace = cycle.scope[TRACE] = Trace()  # type: ignore[literal-required]
        unanswered = self._unanswered
        if unanswered is None:
            unanswered = self._unanswered = deque()
        # Pipelined requests are answered in their order: the first that isn't ends the search.
        # A look at each of them made ten thousand in one piece hold up everybody for seconds.
        while unanswered and unanswered[0].response_complete:
            unanswered.popleft()
        unanswered.append(cycle)

    def shutdown(self) -> None:
        """End once what has come is answered, of which the rest may be on its way."""
        self._feed_beginning()
        super().shutdown()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell all that still answer; uvicorn tells the last of pipelined requests only."""
        self._feed_beginning()  # Part of a request came, and that is journalled.
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
