"""Clock: the time that a session goes by, real, frozen or sped up."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

from .errors import NertwinError, did_you_mean, quote

_KINDS = ("real", "frozen", "scaled")
_LARGEST_FACTOR = 1e6


class BadClock(NertwinError):
    """A clock was asked for something that time can't do."""


class Clock(Protocol):
    """Seconds since a session began, and a way to let some go by."""

    @property
    def now(self) -> float:
        """Seconds since the clock began; never less than before."""

    async def wait(self, seconds: float) -> None:
        """Return once that many seconds have gone by on this clock.

        Raises:
            BadClock: The seconds are negative or no finite number.
        """


class RealClock:
    """The clock of the machine, from 0 on; setting the machine's time does not move it."""

    def __init__(
        self,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._monotonic = monotonic
        self._sleep = sleep
        self._began = monotonic()

    def __repr__(self) -> str:
        return "RealClock()"

    @property
    def now(self) -> float:
        """Seconds since the clock was made."""
        return self._monotonic() - self._began

    async def wait(self, seconds: float) -> None:
        """Sleep for that long."""
        await self._sleep(check_seconds(seconds, "wait"))


class ManualClock:
    """A clock that stands still until it is advanced.

    Waiting advances it at once: whoever waits has an answer immediately, and ``now`` tells
    how long it would have taken.
    """

    def __init__(self, now: float = 0.0) -> None:
        self._now = check_seconds(now, "now")

    def __repr__(self) -> str:
        return f"ManualClock({self._now!r})"

    @property
    def now(self) -> float:
        """What the clock has been advanced by."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Let that many seconds go by.

        Raises:
            BadClock: The seconds are negative or no finite number, also in sum.
        """
        self._now = check_seconds(self._now + check_seconds(seconds, "advance"), "now")

    async def wait(self, seconds: float) -> None:
        """Advance by that much, then let others run."""
        self.advance(seconds)
        await asyncio.sleep(0)


class ScaledClock:
    """A clock that runs ``factor`` times as fast as another one, a real one by default."""

    def __init__(self, factor: float, *, base: Clock | None = None) -> None:
        if not (math.isfinite(factor) and 0 < factor <= _LARGEST_FACTOR):
            raise BadClock(
                f"the clock's factor is {factor!r}; it must be above 0 and at most"
                f" {_LARGEST_FACTOR:.0f}. Give the session's seconds per real second, as 100."
            )
        self.factor = float(factor)
        self._base = RealClock() if base is None else base

    def __repr__(self) -> str:
        return f"ScaledClock({self.factor!r})"

    @property
    def now(self) -> float:
        """The other clock's seconds times the factor."""
        return self._base.now * self.factor

    async def wait(self, seconds: float) -> None:
        """Wait for that many of this clock's seconds."""
        await self._base.wait(check_seconds(seconds, "wait") / self.factor)


def parse_clock(text: str, *, monotonic: Callable[[], float] = time.monotonic) -> Clock:
    """A new clock of the kind that a setting names: ``real``, ``frozen`` or ``scaled:100``.

    One that runs by itself reads ``monotonic``.

    Raises:
        BadClock: The text is none of these.
    """
    kind, colon, factor = text.strip().lower().partition(":")
    if kind == "real" and not colon:
        return RealClock(monotonic=monotonic)
    if kind == "frozen" and not colon:
        return ManualClock()
    if kind == "scaled":
        try:
            return ScaledClock(float(factor), base=RealClock(monotonic=monotonic))
        except ValueError:
            pass
    raise BadClock(
        f"there is no clock {quote(text)}; write real, frozen or scaled:FACTOR,"
        f" as scaled:100.{did_you_mean(kind, () if kind in _KINDS else _KINDS)}"
    )


def check_seconds(seconds: float, what: str) -> float:
    """The seconds as a float.

    Raises:
        BadClock: They are negative or no finite number; ``what`` names them.
    """
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        raise BadClock(f"{what} is {quote(seconds)}; it must be a number of seconds, as 1.5")
    try:
        value = float(seconds)
    except OverflowError:  # An int of more than 308 digits.
        value = math.inf
    if not (math.isfinite(value) and value >= 0):
        raise BadClock(
            f"{what} is {quote(seconds)} seconds; it must be finite and at least 0,"
            " for time only goes forward"
        )
    return value
