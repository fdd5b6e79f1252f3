"""Memory: the sessions of a server in this process, as its other threads may see them."""

from __future__ import annotations

import asyncio
import threading

from .exchange import Exchange
from .sessions import Sessions

_LONGEST = 3.0  # Seconds that the server has to get to it; it may be ending.


class Memory:
    """The sessions of a server in this process, for its other threads."""

    def __init__(self, sessions: Sessions, loop: asyncio.AbstractEventLoop) -> None:
        self._sessions = sessions
        self._loop = loop

    def peek(self, session_id: str) -> tuple[Exchange, ...] | None:
        """What a session's journal holds, or None while a request is not in it yet."""
        session = self._sessions.peek(session_id)
        return () if session is None else session.exchanges

    def forget(self, session_id: str) -> None:
        """Remove the session if it is there."""
        is_done = threading.Event()

        def remove() -> None:
            self._sessions.remove(session_id)
            is_done.set()

        self._loop.call_soon_threadsafe(remove)
        is_done.wait(_LONGEST)
