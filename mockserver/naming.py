"""Naming: which session a request names, and the request without that name."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import TypeAlias
from urllib.parse import quote as percent_encode

from starlette.types import ASGIApp, Receive, Scope, Send

from .reply import our_refusal
from .session import DEFAULT_SESSION
from .sessions import SESSION_HEADER, BadSession, check_session_id

#: What a path begins with that names a session.
SESSION_PATH = "/s/"
_SESSION_TOKEN = b"hf_nertwin_"
# The page's own table writes a colon after the scheme, and so do those who copy it.
_BEARER = re.compile(rb"bearer:? +hf_nertwin_(.*)\Z", re.IGNORECASE | re.DOTALL)

#: An ASGI application that is told, too, in which session it answers.
SessionApp: TypeAlias = Callable[[str, Scope, Receive, Send], Awaitable[None]]


def by_session(app: ASGIApp, session_app: SessionApp) -> ASGIApp:
    """What answers requests in the session that they name, and all that is no HTTP by ``app``."""

    # No coroutine of its own: every request would pay for it.
    def find_session(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != "http":
            return app(scope, receive, send)
        try:
            session_id, scope = locate(scope)
        except BadSession as error:
            return our_refusal(400, str(error), kind=b"session")(scope, receive, send)
        return session_app(session_id, scope, receive, send)

    return find_session


def locate(scope: Scope) -> tuple[str, Scope]:
    """The id of a request's session, and the request without the part of its path that names it.

    Raises:
        BadSession: It can't be the id of any.
    """
    session_id = named_session(scope)
    if not scope["path"].startswith(SESSION_PATH):
        return session_id, scope
    path = _split_path(scope["path"])[1]
    return session_id, {**scope, "path": path, "raw_path": _raw_path(scope)}


def named_session(scope: Scope) -> str:
    """The id of the session that a request's header, path or token names, or the default one's.

    Raises:
        BadSession: What is named can be no session.
    """
    token = b""
    for name, value in scope["headers"]:
        if name == SESSION_HEADER:
            return check_session_id(value.decode("latin-1"), source=SESSION_HEADER.decode())
        if name == b"authorization":
            token = value
    if scope["path"].startswith(SESSION_PATH):
        return check_session_id(_split_path(scope["path"])[0], source="the path")
    if _SESSION_TOKEN in token and (match := _BEARER.match(token)):
        id_ = match[1].decode("latin-1")
        return check_session_id(id_, source="the bearer token", is_secret=True)
    return DEFAULT_SESSION


def _raw_path(scope: Scope) -> bytes:
    """The path below the session as it was sent, its percents included."""
    raw: bytes = scope.get("raw_path") or percent_encode(scope["path"]).encode()
    return b"/" + raw.split(b"/", 3)[3] if raw.count(b"/") > 2 else b"/"


def _split_path(path: str) -> tuple[str, str]:
    """``/s/ID/models/x`` as the id and the path without it."""
    session_id, _, rest = path.removeprefix(SESSION_PATH).partition("/")
    return session_id, f"/{rest}"
