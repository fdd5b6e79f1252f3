"""Retries: clients that ask again and again without waiting."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Hashable
from zlib import crc32

from .budget import Budget
from .findings import Finding

_MOST_CALLS = 16  # Different calls that are watched at a time.
_OVERHEAD = 1152  # What one of them takes besides the model's id.


class RetryWatch:
    """Sees the calls of a session and finds those that are repeated in a hot loop.

    A loop is hot when more than ``most`` equal calls were refused within ``seconds`` of the
    session's clock; on a clock that stands still, all calls come at once. It is reported when
    it begins and then each time that its calls have doubled, so an endless one stays cheap.
    What is remembered is the same for ten calls as for a million.
    """

    def __init__(
        self, *, most: int = 10, seconds: float = 1.0, budget: Budget | None = None
    ) -> None:
        self._budget = Budget(budget)
        self._most = most
        self._seconds = seconds
        self._loops: OrderedDict[tuple[str, Hashable], _Loop] = OrderedDict()

    @property
    def bytes_held(self) -> int:
        """What the watched calls take, by a cautious estimate."""
        return self._budget.held

    def see(
        self,
        *,
        model: str,
        body: Hashable,
        status: int,
        now: float,
        asked: str = "",
    ) -> Finding | None:
        """What the call, answered at ``now``, has made of a loop.

        Args:
            model: The id that was called.
            body: Something small that is equal for equal bodies: a hash, not the body.
            status: Of the answer; one below 400 ends a loop.
            now: Seconds on the session's clock.
            asked: What the answer asked for, as ``estimated_time 20 s``; empty if nothing.
        """
        key = (model, body)
        if status < 400:
            if self._loops.pop(key, None) is not None:
                self._budget.add(-_size(key))
            return None
        loop = self._loops.get(key)
        if loop is None or loop.status != status:
            self._budget.add(_size(key) if loop is None else 0)
            loop = self._loops[key] = _Loop(status, self._most)
            if len(self._loops) > _MOST_CALLS:
                gone, _ = self._loops.popitem(last=False)
                self._budget.add(-_size(gone))
        self._loops.move_to_end(key)
        if not loop.turn(now, self._seconds):
            return None
        took = now - loop.began
        pace = f"in {took:.3g} s" if took else "at the same instant"
        wish = f"each answer asked for {asked}" if asked else "nothing said that it would help"
        return Finding(
            "retry.hot-loop",
            f"model {model}"[:200],
            f"{loop.calls} equal calls were refused with {status} {pace} of the session's clock;"
            f" {wish}. Wait before each retry, longer each time, and give up after a few.",
        )

    def clear(self) -> None:
        """Forget all calls."""
        self._loops.clear()
        self._budget.add(-self._budget.held)


def likeness(body: bytes) -> int:
    """What tells bodies apart: a checksum, as every process that has the session makes it."""
    return crc32(body)


def _size(key: tuple[str, Hashable]) -> int:
    return _OVERHEAD + len(key[0])


class _Loop:
    """Equal calls that were refused equally, one after the other."""

    __slots__ = ("_next", "_times", "began", "calls", "status")

    def __init__(self, status: int, most: int) -> None:
        self.status = status
        self._times: deque[float] = deque(maxlen=most + 1)
        self._next = 0
        self.calls = 0  # Of the hot loop.
        self.began = 0.0

    def turn(self, now: float, seconds: float) -> bool:
        """Take one more call, and tell whether there is something new to report."""
        times = self._times
        times.append(now)
        if len(times) < (times.maxlen or 0) or now - times[0] > seconds:
            self.calls = 0
            return False
        if not self.calls:
            self.calls, self.began, self._next = len(times), times[0], len(times)
        else:
            self.calls += 1
        if self.calls < self._next:
            return False
        self._next = self.calls * 2
        return True
