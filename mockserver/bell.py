"""Bell: wakes the calls that wait on a session's clock when something has changed meanwhile."""

from __future__ import annotations

import asyncio

from .clock import Clock, ManualClock
from .sessionclock import SessionClock


class Bell:
    """What calls listen to while they wait, each on the event loop that it runs on."""

    __slots__ = ("_is_over", "_waiting")

    def __init__(self) -> None:
        self._is_over = False
        self._waiting: set[asyncio.Future[None]] | None = None  # Hardly any session has some.

    def __len__(self) -> int:
        """How many calls listen."""
        return len(self._waiting or ())

    @property
    def is_over(self) -> bool:
        """Whether there is nothing to wait for any more."""
        return self._is_over

    def ring(self) -> None:
        """Let all that wait look again."""
        for rung in tuple(self._waiting or ()):
            rung.get_loop().call_soon_threadsafe(_wake, rung)

    def end(self) -> None:
        """Let nobody wait any more; other threads may say so."""
        self._is_over = True
        self.ring()

    async def wait(self, clock: Clock, seconds: float) -> float:
        """Wait that long on the clock, or until it rings; gives the seconds that went by."""
        if takes_no_time(clock):
            await clock.wait(seconds)
            return seconds
        before = clock.now
        rung: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting = self._waiting or set()
        self._waiting.add(rung)
        if self._is_over:  # Looked at only now: whoever ends it looks who waits after that.
            rung.set_result(None)
        waiting = asyncio.ensure_future(clock.wait(seconds))
        try:
            await asyncio.wait((waiting, rung), return_when=asyncio.FIRST_COMPLETED)
            if waiting.done():
                waiting.result()
                return seconds
            return min(seconds, clock.now - before)
        finally:
            waiting.cancel()
            self._waiting.discard(rung)


def takes_no_time(clock: Clock) -> bool:
    """Whether a wait advances the clock at once, so that nothing can happen meanwhile."""
    return isinstance(clock, ManualClock) or (isinstance(clock, SessionClock) and clock.is_frozen)


def _wake(rung: asyncio.Future[None]) -> None:
    if not rung.done():
        rung.set_result(None)
