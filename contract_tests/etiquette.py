"""Etiquette: how much, how fast and how long an endpoint is asked."""

from __future__ import annotations

import email.utils
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from .exchange import Exchange, Request

LOCAL_RATE = 0.0
REMOTE_RATE = 5.0
_SHORTEST_WAIT = 0.05
_LONGEST_STEP = 5.0  # Seconds that are waited though less was announced.


class Stopped(Exception):
    """No more requests in this run; the message says why."""


@dataclass
class Etiquette:
    """A budget of requests, a rate, and patience with what says to come back later."""

    max_requests: int = 400
    rate: float = LOCAL_RATE  #: Requests a second; 0 is as fast as answers come.
    patience: float = 60.0  #: Seconds that are waited for one request, all waits together.
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    sent: int = field(default=0, init=False)
    _next: float = field(default=0.0, init=False, repr=False)
    _stopped: str = field(default="", init=False, repr=False)

    @property
    def left(self) -> int:
        """How many requests may still be sent."""
        return 0 if self._stopped else max(0, self.max_requests - self.sent)

    def claim(self, count: int = 1) -> None:
        """Take requests from the budget, and wait until they may be sent.

        Raises:
            Stopped: The budget doesn't hold them, or the endpoint told us to stop.
        """
        if self._stopped:
            raise Stopped(self._stopped)
        if self.sent + count > self.max_requests:
            raise Stopped(f"the budget of {self.max_requests} requests is used up")
        self.sent += count
        if self.rate > 0:
            now = self.now()
            if self._next > now:
                self.sleep(self._next - now)
            self._next = max(self._next, now) + count / self.rate

    def heed(self, exchange: Exchange) -> None:
        """Remember a refusal that holds for every request to come."""
        # A token or a payer named by the request itself is refused for this request only.
        own = ("authorization", "x-hf-bill-to")
        is_ours = exchange.request.sends_token and not any(map(exchange.request.header, own))
        if is_ours and exchange.request.is_call and exchange.status in (401, 402):
            reason = {401: "wants another token", 402: "wants to be paid"}[exchange.status]
            self._stopped = f"the endpoint {reason}: it answered {exchange.status}"

    def wait_wanted(self, exchange: Exchange, waited: float) -> float | None:
        """How long to wait before the same request is sent again; None: not at all."""
        if not exchange.request.is_patient:
            return None
        seconds = _announced(exchange)
        if seconds is None:
            return None
        # Who announces too little again and again is asked less and less often.
        seconds = max(seconds, _SHORTEST_WAIT, min(waited, _LONGEST_STEP))
        return seconds if waited + seconds <= self.patience else None


def _announced(exchange: Exchange) -> float | None:
    if exchange.status not in (429, 503):
        return None
    after = exchange.header("retry-after")
    if after is not None:
        return _retry_after(after)
    document = exchange.document
    estimate = document.get("estimated_time") if isinstance(document, dict) else None
    if isinstance(estimate, int | float) and not isinstance(estimate, bool):
        return float(estimate) if 0 <= estimate < 1e6 else None
    return None


def _retry_after(value: str) -> float | None:
    if value.isdigit():
        return float(value)
    try:
        until = email.utils.parsedate_to_datetime(value).timestamp()
    except ValueError:
        return None
    return max(0.0, until - time.time())


def is_in_the_way(exchange: Exchange) -> bool:
    """Whether the exchange tells of the day's circumstances and not of the contract."""
    if exchange.breakage is not None or exchange.response is None:
        return True
    return exchange.status in (401, 402, 403, 429, 502, 503, 504)


def describe_obstacle(exchange: Exchange) -> str:
    """Why nothing could be judged, in words."""
    if exchange.breakage is not None:
        return exchange.problem
    return f"the endpoint answered {exchange.status}"


def next_attempt(request: Request, attempt: int) -> Request:
    """The request as it is sent to see a finding again."""
    return request.again(request.attempt * 100 + attempt)
