"""Memory: the sessions of a server in this process, as its other threads may see them."""

from __future__ import annotations

from .exchange import Exchange
from .sessions import Sessions


class Memory:
    """The sessions of a server in this process, for its other threads."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def peek(self, session_id: str) -> tuple[Exchange, ...] | None:
        """What a session's journal holds, or None while a request is not in it yet."""
        session = self._sessions.peek(session_id)
        return () if session is None else session.exchanges

    def forget(self, session_id: str) -> None:
        """Remove the session if it is there.

        Nobody waits for the server's thread: it does so before it looks for any session again.
        """
        self._sessions.remove_soon(session_id)
