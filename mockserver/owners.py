"""Owners: which of several workers holds a session, and so answers what is for it."""

from __future__ import annotations

import sys
from zlib import crc32

from starlette.types import Scope

from .control import PREFIX
from .naming import named_session
from .sessions import BadSession
from .settings import Settings

_OF_SESSIONS = f"{PREFIX}sessions/"


def have_owners(settings: Settings) -> bool:
    """Whether each session belongs to one worker, to which connections are handed over.

    Nothing else decides it. Sessions that are shared, outside of the workers, need no owners; and
    connections are handed over on Linux alone.
    """
    return settings.workers > 1 and not settings.is_shared and sys.platform == "linux"


def owner_of(session_id: str, count: int) -> int:
    """The number of the worker, of that many, that holds the session; the same in each process."""
    return crc32(session_id.encode()) % count


def session_of(scope: Scope) -> str | None:
    """The session that the request is for, or None if any worker may answer it.

    That are refusals of what can be no session, and what the control API is asked of the server.
    """
    path: str = scope["path"]
    if path.startswith(_OF_SESSIONS):
        return path[len(_OF_SESSIONS) :].partition("/")[0]
    if path.startswith(PREFIX) or path == PREFIX[:-1]:
        return None
    try:
        return named_session(scope)
    except BadSession:
        return None
