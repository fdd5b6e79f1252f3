"""Beginning: the session that a test gets, which no other test and no other run shares."""

from __future__ import annotations

import re
import zlib

from nertwin.mockserver import Control, ControlError, Settings
from nertwin.mockserver.control.client import ControlledSession
from nertwin.schemas import JSON

from .marking import Setup

_CONFLICT = 409
_NO_ID = re.compile(r"[^A-Za-z0-9_.-]+")
_LONGEST_NAME = 36


def session_id(worker: str, name: str, nodeid: str) -> str:
    """An id that no other test has, nor another worker that shares the server."""
    short = _NO_ID.sub("-", name)[:_LONGEST_NAME].strip("-")
    return f"{worker}.{short}.{zlib.crc32(nodeid.encode('utf-8', 'replace')):08x}"


def known_settings(settings: Settings, setup: Setup) -> dict[str, JSON]:
    """What a session has of the server's settings where its own say nothing."""
    names = ("profile", "default_model")
    return {name: setup.session.get(name, getattr(settings, name)) for name in names}


def begin(control: Control, id_: str, settings: dict[str, JSON]) -> ControlledSession:
    """A session that begins now, also where a run that was killed has left one of its id."""
    try:
        return control.session(id_, settings=settings)
    except ControlError as error:
        if error.status != _CONFLICT:
            raise
    control.session(id_).close()
    return control.session(id_, settings=settings)
