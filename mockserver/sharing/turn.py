"""Turn: what a call waits for to be in a session, and to know that its changes are kept."""

from __future__ import annotations

import asyncio

from ..errors import StateLost


class Turn:
    """A call's turn in a room, from its wish to enter on."""

    __slots__ = ("_begun", "_ended", "_kept")

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self._begun: asyncio.Future[None] = loop.create_future()
        self._ended: asyncio.Future[None] = loop.create_future()
        self._kept: asyncio.Future[StateLost | None] = loop.create_future()

    @property
    def is_given_up(self) -> bool:
        """Whether nobody waits for the turn any more."""
        return self._begun.done()

    async def begin(self) -> None:
        """Wait for it, as its call does.

        Raises:
            StateLost: It won't come.
        """
        try:
            await self._begun
        except asyncio.CancelledError:
            self.end()  # It may have come in the same moment.
            raise

    async def take_place(self) -> None:
        """Let it come, and wait for its end, as the room does."""
        self._begun.set_result(None)
        await self._ended

    def end(self) -> None:
        """Let the next one come."""
        if not self._ended.done():
            self._ended.set_result(None)

    async def keep(self) -> None:
        """End it, and wait until what was changed in it is kept.

        Raises:
            StateLost: It isn't, or that is unknown.
        """
        self.end()
        lost = await self._kept
        if lost is not None:
            raise StateLost(str(lost))  # One of its own: others raise it, too.

    def settle(self, lost: StateLost | None) -> None:
        """Say that what was changed in it is kept, or why not."""
        if not self._begun.done():
            if lost is not None:
                self._begun.set_exception(StateLost(str(lost)))
        elif not self._kept.done():
            self._kept.set_result(lost)
