"""Sessions: the sessions of a server by id, made on first use and bounded in number."""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from itertools import count, islice
from typing import Protocol, TypeAlias

from .budget import Budget
from .errors import NertwinError, quote
from .session import DEFAULT_SESSION, Session

#: A session of that id, which adds what it holds to the budget and opens its journal with a note.
NewSession: TypeAlias = Callable[[str, Budget, str], Session]

#: The header that names a request's session, before its path and its token.
SESSION_HEADER = b"x-nertwin-session"

# Clients resolve "." and ".." in a URL before they send it, so no session can be called so.
_SESSION_ID = re.compile(r"(?!\.+\Z)[A-Za-z0-9_.-]{1,64}\Z")
_MOST_FORGOTTEN = 10_000
_LOOKED_AT = 100  # Sessions whose journals may be shortened before one is forgotten.


class NamedSession(Protocol):
    """What a list of sessions tells of each."""

    @property
    def id(self) -> str:
        """By which it is found."""

    @property
    def requests(self) -> int:
        """How many have come."""

    @property
    def used(self) -> float:
        """When it was last found, in seconds of one clock for all."""


class SessionBook(Protocol):
    """What the control API asks of the sessions of a server."""

    def __iter__(self) -> Iterator[NamedSession]: ...

    def find(self, session_id: str = DEFAULT_SESSION) -> Session:
        """The session of that id, new if it is not there."""

    def get(self, session_id: str) -> Session | None:
        """The session of that id, if it is there."""

    def peek(self, session_id: str) -> Session | None:
        """The same, without its use being noted."""

    def free_id(self) -> str:
        """An id that no session has."""

    def remove(self, session_id: str) -> None:
        """Forget the session of that id."""


class BadSession(NertwinError):
    """A request names a session in a way that no session can be named."""


class Sessions:
    """The sessions by id, made on first use.

    When there are too many, or they hold too much together, those go that were idle longest;
    so do those that were idle for too long. The session that is asked for stays. Before
    one goes for what it holds, long journals lose their older half, of idle sessions first.
    """

    def __init__(
        self,
        new_session: NewSession,
        *,
        most: int = 10_000,
        session_ttl: float = 24 * 3600.0,
        max_bytes: int = 128 * 1024 * 1024,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._new_session = new_session
        self._most = most
        self._session_ttl = session_ttl  # Idle seconds on the machine's clock.
        self._max_bytes = max_bytes
        self._monotonic = monotonic
        self._budget = Budget()
        self._sessions: OrderedDict[str, Session] = OrderedDict()  # The idlest first.
        self._numbers = count(1)
        self._forgotten: OrderedDict[str, tuple[float, str]] = OrderedDict()
        self._leaving: dict[str, None] = {}  # Ids; other threads add to it.

    def __len__(self) -> int:
        self._remove_leaving()
        return len(self._sessions)

    def __iter__(self) -> Iterator[Session]:
        self._remove_leaving()
        return iter(tuple(self._sessions.values()))

    @property
    def bytes_held(self) -> int:
        """What all sessions take together."""
        self._remove_leaving()
        return self._budget.held

    def find(self, session_id: str = DEFAULT_SESSION) -> Session:
        """The session of that id, new if it is not there, or no longer."""
        now = self._monotonic()
        if self._leaving:
            self._remove_leaving()
        self._forget_expired(now)
        found = self._sessions.get(session_id)
        if found is None:
            first_note = self._obituary(session_id, now)
            found = self._new_session(session_id, Budget(self._budget), first_note)
            self._sessions[session_id] = found
        else:
            self._sessions.move_to_end(session_id)
        found.used = now
        if len(self._sessions) > self._most:
            self._forget(now, f"there were more than max_sessions = {self._most}")
        while self._budget.held > self._max_bytes and len(self._sessions) > 1:
            if not self._shed_journal():
                self._forget(now, f"all held more than max_session_bytes = {self._max_bytes}")
        return found

    def get(self, session_id: str) -> Session | None:
        """The session of that id, if it is there."""
        self._remove_leaving()
        self._forget_expired(self._monotonic())
        return self.find(session_id) if session_id in self._sessions else None

    def peek(self, session_id: str) -> Session | None:
        """The session of that id, if it is there; to other threads nothing changes by it."""
        return None if session_id in self._leaving else self._sessions.get(session_id)

    def free_id(self) -> str:
        """An id that no session has: ``session-1``, then ``session-2``, never one again.

        Nothing random, so that the same tests get the same ids, and what is derived from them.
        """
        while (session_id := f"session-{next(self._numbers)}") in self._sessions:
            pass
        return session_id

    def remove(self, session_id: str) -> None:
        """Forget the session of that id; a call to it begins a new one."""
        removed = self._sessions.pop(session_id, None)
        if removed is not None:
            removed.detach()
            removed.bell.end()

    def remove_soon(self, session_id: str) -> None:
        """Forget the session of that id before any is looked for again; for other threads."""
        leaving = self._sessions.get(session_id)
        if leaving is not None:
            self._leaving[session_id] = None
            leaving.bell.end()

    def _remove_leaving(self) -> None:
        for session_id in tuple(self._leaving):
            self.remove(session_id)
            del self._leaving[session_id]

    def _shed_journal(self) -> bool:
        """Halve one journal that is larger than its share, and say whether there was one."""
        share = self._max_bytes / len(self._sessions)
        newest = next(reversed(self._sessions.values()))
        idlest = islice(self._sessions.values(), _LOOKED_AT)
        return any(session.shed(share) for session in (*idlest, newest))

    def _forget_expired(self, now: float) -> None:
        while self._sessions:
            idlest = next(iter(self._sessions.values()))
            if now - idlest.used < self._session_ttl:
                return
            self._forget(now, f"it was idle for session_ttl = {self._session_ttl:g} s")

    def _forget(self, now: float, why: str) -> None:
        session_id, session = self._sessions.popitem(last=False)
        session.detach()
        self._forgotten[session_id] = (now, why)
        if len(self._forgotten) > _MOST_FORGOTTEN:
            self._forgotten.popitem(last=False)

    def _obituary(self, session_id: str, now: float) -> str:
        """What a new session should know of the last one of its id."""
        if session_id not in self._forgotten:
            return ""
        when, why = self._forgotten.pop(session_id)
        return (
            f"a session of this id was forgotten {now - when:.3g} s ago, because {why};"
            " its clock, models, answers and journal began anew"
        )


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
        " A-Z, a-z, 0-9, '_', '.' and '-', and not dots alone"
    )
