"""Visit: a call's way in and out of a session that it shares with calls to other servers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .room import Room
    from .session import SharedSession
    from .turn import Turn

_NUMBERS = count(1)


class Visit:
    """Enters a session and leaves it, as often as its call has to wait for something.

    Between :meth:`enter` and :meth:`leave` nobody else, on whichever server, is in the session.
    Who leaves waits until Redis has kept what was changed; ``on_kept`` is called after that.
    A session that was removed meanwhile is finished with where it is: nobody has it any more.
    """

    def __init__(self, room: Room, *, on_kept: Callable[[], Awaitable[None]]) -> None:
        self.room = room
        self.session: SharedSession | None = None  #: None where there is none.
        self.is_detached = False  #: Whether it was removed while the call was out.
        self._on_kept = on_kept
        self._turn: Turn | None = None
        self._name = f"{room.server}:{next(_NUMBERS)}"

    async def enter(self) -> None:
        """Be in the session, if the call isn't yet.

        Raises:
            StateLost: That can't be.
        """
        if self._turn is not None or self.is_detached:
            return
        turn = await self.room.take_turn()
        if self.session is not None and self.session is not self.room.session:
            self.is_detached = True
            turn.end()
            return
        self._turn = turn
        self.session = self.room.session
        if self.session is not None:
            self.session.come_back(self._name)

    def make(self) -> SharedSession:
        """Begin the session if it isn't there; the call is in it."""
        if self.session is None:
            self.session = self.room.make()
            self.session.come_back(self._name)
        return self.session

    async def leave(self, *, for_good: bool = True) -> None:
        """Be out of the session, with all kept that the call has changed.

        Raises:
            StateLost: It is not kept, or that is unknown.
        """
        turn, self._turn = self._turn, None
        if turn is not None:
            if self.session is not None and not for_good:
                self.session.go_away(self._name)
            await turn.keep()
        await self._on_kept()

    def abandon(self) -> None:
        """Be out of the session, however it went; nobody waits for what is kept."""
        turn, self._turn = self._turn, None
        if turn is not None:
            turn.end()


#: That of the call which is being answered.
VISIT: ContextVar[Visit | None] = ContextVar("nertwin.visit", default=None)
