"""Session clock: the one time that a session goes by, whichever clock drives it."""

from __future__ import annotations

from .clock import BadClock, Clock, ManualClock


class SessionClock:
    """A clock that can change its kind while its time goes on from where it was."""

    __slots__ = ("_base", "_driver")

    def __init__(self, driver: Clock) -> None:
        self._driver = driver
        self._base = 0.0

    def __repr__(self) -> str:
        return f"SessionClock({self._driver!r})"

    @property
    def now(self) -> float:
        """Seconds since the session began."""
        return self._base + self._driver.now

    @property
    def is_frozen(self) -> bool:
        """Whether it stands still until it is advanced."""
        return isinstance(self._driver, ManualClock)

    async def wait(self, seconds: float) -> None:
        """Return once that many seconds have gone by; a frozen clock is advanced by them."""
        await self._driver.wait(seconds)

    def advance(self, seconds: float) -> None:
        """Let that many seconds go by on a frozen clock.

        Raises:
            BadClock: The seconds are negative or no finite number, or the clock runs by itself.
        """
        if not isinstance(self._driver, ManualClock):
            raise BadClock(
                f"the clock is {self._driver!r} and runs by itself; set it to frozen to advance it"
            )
        self._driver.advance(seconds)

    def become(self, driver: Clock) -> None:
        """Go on from now by a ``driver`` that begins now.

        Requests that wait at that moment finish their wait by the clock that they began it with.
        """
        self._base = self.now - driver.now
        self._driver = driver
