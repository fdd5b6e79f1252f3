"""Sessions: the sessions of a server by id, made on first use and bounded in number."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable

from .errors import NertwinError, quote
from .session import DEFAULT_SESSION, Session

_SESSION_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}\Z")


class BadSession(NertwinError):
    """A request names a session in a way that no session can be named."""


class Sessions:
    """The sessions by id, made on first use; when there are too many, the idlest one goes."""

    def __init__(self, new_session: Callable[[str], Session], *, most: int = 10_000) -> None:
        self._new_session = new_session
        self._most = most
        self._sessions: OrderedDict[str, Session] = OrderedDict()

    def __len__(self) -> int:
        return len(self._sessions)

    def find(self, session_id: str = DEFAULT_SESSION) -> Session:
        """The session of that id, new if it is not there, or no longer."""
        found = self._sessions.get(session_id)
        if found is None:
            found = self._sessions[session_id] = self._new_session(session_id)
            if len(self._sessions) > self._most:
                self._sessions.popitem(last=False)
        else:
            self._sessions.move_to_end(session_id)
        return found


def check_session_id(text: str, *, source: str, is_secret: bool = False) -> str:
    """The text if it can be a session's id.

    Raises:
        BadSession: It can't; the message names its ``source``, but no secret.
    """
    if _SESSION_ID.match(text):
        return text
    shown = "" if is_secret else f" {quote(text)}"
    raise BadSession(
        f"the session id{shown} in {source} is malformed; write 1 to 64 of the characters"
        " A-Z, a-z, 0-9, '_', '.' and '-'"
    )
