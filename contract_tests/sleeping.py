"""Sleeping: a sleep that takes no time and advances a session's clock instead."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from nertwin.mockserver.errors import NertwinError

if TYPE_CHECKING:
    import pytest

    from nertwin.mockserver.control.parts import ControlledClock

_Result = TypeVar("_Result")

# Our own threads, as the stand-in's, go on by the machine's time.
_OWN_THREADS = "nertwin"


class BadSleep(NertwinError):
    """The session's clock can't be advanced by sleeping."""


class Sleeps:
    """Stands in for ``time.sleep`` and ``asyncio.sleep``, and keeps what was slept."""

    def __init__(self, advance: Callable[[float], object]) -> None:
        self._advance = advance
        self._sleep = time.sleep
        self._async_sleep = asyncio.sleep
        self.seconds: list[float] = []  #: Each sleep, the oldest first.

    def sleep(self, seconds: float) -> None:
        """What ``time.sleep`` does."""
        if not self._goes_by(seconds):
            self._sleep(seconds)

    async def async_sleep(self, delay: float, result: _Result | None = None) -> _Result | None:
        """What ``asyncio.sleep`` does; others run meanwhile."""
        goes_by = self._goes_by(delay)
        return await self._async_sleep(0 if goes_by else delay, result)

    def _goes_by(self, seconds: float) -> bool:
        """Whether the session's clock was advanced in place of a sleep."""
        if not seconds > 0 or threading.current_thread().name.startswith(_OWN_THREADS):
            return False
        self.seconds.append(seconds)
        self._advance(seconds)
        return True


def replace_sleep(clock: ControlledClock, monkeypatch: pytest.MonkeyPatch) -> Sleeps:
    """Let sleeping advance the clock until the end of the test.

    Raises:
        BadSleep: The clock runs by itself.
    """
    kind = clock.kind
    if kind != "frozen":
        raise BadSleep(
            f"nertwin_sleep advances a clock that stands still, and this one is {kind}; leave clock"
            " out of the marker, or sleep for real"
        )
    sleeps = Sleeps(clock.advance)
    monkeypatch.setattr("time.sleep", sleeps.sleep)
    monkeypatch.setattr("asyncio.sleep", sleeps.async_sleep)
    return sleeps
