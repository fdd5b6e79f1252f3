"""Quota: how many calls a key may make in a window of time."""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass
from typing import NamedTuple

from .clock import Clock
from .errors import NertwinError

#: The key of all who send no token.
ANONYMOUS = b""


class BadQuota(NertwinError):
    """A quota was given a bound that is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaPlan:
    """How many calls may be made, and what the answers tell of it."""

    calls: int | None = None  #: Of each token in a window; None is no limit.
    anonymous_calls: int | None = None  #: Of all that send no token, together.
    window: float = 3600.0  #: Seconds on the session's clock.
    retry_after: bool = False  #: Send ``Retry-After`` with refusals. The real API doesn't.
    ratelimit: bool = False  #: Send ``RateLimit`` and ``RateLimit-Policy``, as the hub does.

    def __post_init__(self) -> None:
        for name in ("calls", "anonymous_calls"):
            value = getattr(self, name)
            if value is not None and value < 0:
                raise BadQuota(f"{name} is {value!r}; it must be at least 0")
        if not (math.isfinite(self.window) and self.window > 0):
            raise BadQuota(f"window is {self.window!r} seconds; it must be above 0 and finite")


class Allowance(NamedTuple):
    """What a key may do at a moment."""

    is_allowed: bool
    calls: int  #: In a whole window.
    window: float  #: Seconds.
    remaining: int  #: Calls, in this window.
    reset: float  #: Seconds until the next window.

    @property
    def retry_after(self) -> str:
        """Whole seconds to wait, as ``Retry-After`` has them."""
        return str(max(1, math.ceil(self.reset)))

    @property
    def ratelimit(self) -> str:
        """The value of a ``RateLimit`` header."""
        return f'"api";r={self.remaining};t={max(1, math.ceil(self.reset))}'

    @property
    def ratelimit_policy(self) -> str:
        """The value of a ``RateLimit-Policy`` header."""
        return f'"fixed window";"api";q={self.calls};w={math.ceil(self.window)}'


class Quota:
    """A number of calls per key in each window; windows begin at zero on the clock.

    A key is a digest of a token, or :data:`ANONYMOUS`. When there are more keys in a window
    than are remembered, those that were idle longest begin anew.
    """

    def __init__(
        self, clock: Clock, *, calls: int, window: float = 3600.0, max_keys: int = 10_000
    ) -> None:
        for name, value, least in (("calls", calls, 0), ("max_keys", max_keys, 1)):
            if value < least:
                raise BadQuota(f"{name} is {value!r}; it must be at least {least}")
        if not (math.isfinite(window) and window > 0):
            raise BadQuota(f"window is {window!r} seconds; it must be above 0 and finite")
        self._clock = clock
        self._calls = calls
        self._window = float(window)
        self._max_keys = max_keys
        self._index = 0.0  # Of the window that the counts belong to.
        self._used: OrderedDict[bytes, int] = OrderedDict()

    def __len__(self) -> int:
        return len(self._used)

    def take(self, key: bytes) -> Allowance:
        """Let the key make one call, if it may. A refused call is not counted."""
        before = self.look(key)
        if not before.is_allowed:
            return before
        used = self._used[key] = self._used.get(key, 0) + 1
        self._used.move_to_end(key)
        if len(self._used) > self._max_keys:
            self._used.popitem(last=False)
        return self._allowance(is_allowed=True, used=used)

    def look(self, key: bytes) -> Allowance:
        """What a call of the key would get, without one."""
        index = self._clock.now // self._window
        if index != self._index:
            self._index = index
            self._used.clear()
        used = self._used.get(key, 0)
        return self._allowance(is_allowed=used < self._calls, used=used)

    def clear(self, key: bytes | None = None) -> None:
        """Forget the calls of one key, or all of them."""
        if key is None:
            self._used.clear()
        else:
            self._used.pop(key, None)

    def _allowance(self, *, is_allowed: bool, used: int) -> Allowance:
        return Allowance(
            is_allowed=is_allowed,
            calls=self._calls,
            window=self._window,
            remaining=self._calls - used,
            reset=self._window - self._clock.now % self._window,
        )


class Quotas:
    """The quotas of a plan: one for those who send a token, one for those who don't."""

    def __init__(self, clock: Clock, plan: QuotaPlan) -> None:
        self.plan = plan
        self._named = _quota(clock, plan.calls, plan.window)
        self._anonymous = _quota(clock, plan.anonymous_calls, plan.window)

    def __len__(self) -> int:
        """The keys that have made calls in this window."""
        return sum(len(quota) for quota in (self._named, self._anonymous) if quota is not None)

    def take(self, key: bytes) -> Allowance | None:
        """Let the key make one call, if it may; None where there is no limit."""
        quota = self._of(key)
        return None if quota is None else quota.take(key)

    def look(self, key: bytes) -> Allowance | None:
        """What a call of the key would get, without one."""
        quota = self._of(key)
        return None if quota is None else quota.look(key)

    def _of(self, key: bytes) -> Quota | None:
        return self._anonymous if key == ANONYMOUS else self._named


def _quota(clock: Clock, calls: int | None, window: float) -> Quota | None:
    return None if calls is None else Quota(clock, calls=calls, window=window)
