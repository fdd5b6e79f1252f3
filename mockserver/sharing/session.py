"""Session: the copy of a shared session that its calls to this server work on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from ..bell import Bell, takes_no_time
from ..budget import Budget
from ..cache import AnswerCache, CachedAnswer, CacheKey
from ..clock import Clock
from ..endpoint import Endpoint
from ..exchange import Exchange
from ..rulebook import Rulebook
from ..session import Session
from ..sessionclock import SessionClock
from ..verification import Verdict, Wanted, check_longest, find, verify_count
from .visit import VISIT

if TYPE_CHECKING:
    from .room import Room

_Asked = ParamSpec("_Asked")
_Result = TypeVar("_Result")

# Seconds between looks at whether another server has changed what a call waits for.
_LOOK_EVERY = 0.05
# A server that ended while a call waited never says that the call is over.
_LONGEST_AWAY = 3600.0


class SharedSession(Session):
    """A session that is in a Redis; a call to it works on this copy while it is in it.

    Whatever takes a while is done outside, see :meth:`aside`: others come in meanwhile, and the
    copy is brought up to date when the call comes back.
    """

    __slots__ = ("away", "time", "touched")

    bell: SharedBell

    def __init__(
        self,
        session_id: str,
        endpoint: Endpoint,
        *,
        rules: Rulebook,
        first_note: str,
        time: Callable[[], float],
        budget: Budget | None = None,
    ) -> None:
        #: Answers that were found, kept or dropped since this was last cleared, in that order.
        self.touched: dict[CacheKey, None] = {}
        self.time = time  #: Redis's, in seconds since 1970.
        self.away: dict[str, float] = {}  #: Calls that are out, and since when.
        super().__init__(
            session_id,
            endpoint,
            budget=budget,
            rules=rules,
            first_note=first_note,
            monotonic=time,
        )
        self.bell = SharedBell()

    @property
    def exchanges(self) -> tuple[Exchange, ...] | None:
        """None: this copy may be an old one."""
        return None

    async def aside(
        self,
        work: Callable[_Asked, Awaitable[_Result]],
        *args: _Asked.args,
        **kwargs: _Asked.kwargs,
    ) -> _Result:
        """What work gives that is done outside of the session.

        Who is cancelled meanwhile stays outside.
        """
        return await aside(work, *args, **kwargs)

    async def wait_for_count(self, wanted: Wanted, count: int, *, longest: float) -> Verdict:
        """The verdict on ``count`` as soon as that many were like that, on any server."""
        ends = asyncio.get_running_loop().time() + check_longest(longest)
        while sum(exchange.count for exchange in find(self.journal, wanted)) < count:
            left = ends - asyncio.get_running_loop().time()
            if left <= 0:
                break
            await self.aside(asyncio.sleep, min(left, _LOOK_EVERY))
        return verify_count(self.journal, wanted, count)

    def go_away(self, visit: str) -> None:
        """Note that a call leaves the session and will come back."""
        self.away[visit] = self.time()

    def come_back(self, visit: str) -> None:
        """Note that a call is in the session, for the first time or again."""
        self.away.pop(visit, None)
        if self.away:
            began = self.time() - _LONGEST_AWAY
            self.away = {name: at for name, at in self.away.items() if at > began}
        self.in_flight = 1 + len(self.away)

    def _new_clock(self) -> SessionClock:
        return SharedClock(self._new_driver())

    def _new_cache(self, ttl: float) -> AnswerCache:
        return SharedCache(self.clock, ttl=ttl, budget=self._budget, touched=self.touched)


async def aside(
    work: Callable[_Asked, Awaitable[_Result]], *args: _Asked.args, **kwargs: _Asked.kwargs
) -> _Result:
    """What work gives, done outside of the session that the present call is in."""
    visit = VISIT.get()
    if visit is None:
        return await work(*args, **kwargs)
    await visit.leave(for_good=False)
    try:
        result = await work(*args, **kwargs)
    except Exception:  # Whoever handles it goes on in the session.
        await visit.enter()
        raise
    await visit.enter()
    return result


class SharedClock(SessionClock):
    """A clock whose waits are spent outside of the session."""

    __slots__ = ()

    async def wait(self, seconds: float) -> None:
        """Return once that many seconds have gone by; a frozen clock is advanced by them."""
        await (super().wait(seconds) if self.is_frozen else aside(super().wait, seconds))


class SharedBell(Bell):
    """A bell that is heard on all servers, soon after it rings."""

    __slots__ = ("rings",)

    def __init__(self) -> None:
        super().__init__()
        self.rings = 0  #: How often it was rung.

    @property
    def is_over(self) -> bool:
        """Whether the session, from which the present call went away to wait, is no more."""
        visit = VISIT.get()
        return visit is not None and visit.is_detached

    def ring(self) -> None:
        """Let all that wait look again."""
        self.rings += 1
        super().ring()

    async def wait(self, clock: Clock, seconds: float) -> float:
        """Wait that long on the clock, or until it rings; gives the seconds that went by."""
        visit = VISIT.get()
        if takes_no_time(clock) or visit is None or visit.is_detached:
            return await super().wait(clock, seconds)
        before = clock.now
        is_over = await aside(self._listen, clock, seconds, visit.room, str(self.rings).encode())
        return seconds if is_over else min(seconds, max(0.0, clock.now - before))

    async def _listen(self, clock: Clock, seconds: float, room: Room, rings: bytes) -> bool:
        """Whether that time went by before the bell was rung anywhere."""
        # The class's own wait: that of a shared clock would leave the session a second time.
        wait = SessionClock.wait(clock, seconds) if isinstance(clock, SessionClock) else None
        waiting = asyncio.ensure_future(wait or clock.wait(seconds))
        try:
            while True:
                await asyncio.wait((waiting,), timeout=_LOOK_EVERY)
                if waiting.done():
                    waiting.result()
                    return True
                if await room.rings() != rings:
                    return False
        finally:
            waiting.cancel()


class SharedCache(AnswerCache):
    """A cache that notes what of it was used or has gone."""

    def __init__(
        self, clock: Clock, *, ttl: float, budget: Budget, touched: dict[CacheKey, None]
    ) -> None:
        super().__init__(clock, ttl=ttl, budget=budget)
        self._touched = touched

    def find(self, key: CacheKey) -> CachedAnswer | None:
        """The answer that was kept under ``key``, unless it is gone or too old."""
        answer = super().find(key)
        if answer is not None:
            self._touch(key)
        return answer

    def keep(self, key: CacheKey, answer: CachedAnswer) -> bool:
        """Keep an answer in place of an older one, and tell whether it was kept."""
        is_kept = super().keep(key, answer)
        if is_kept:
            self._touch(key)
        return is_kept

    def _drop(self, key: CacheKey) -> None:
        super()._drop(key)
        self._touch(key)

    def _touch(self, key: CacheKey) -> None:
        self._touched.pop(key, None)
        self._touched[key] = None
