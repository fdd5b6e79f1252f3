"""Layers: plain ASGI callables around the routes, the outermost first in :func:`wrap`."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable
from urllib.parse import quote as percent_encode

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .call import CALL, Call
from .errors import BrokenConnection, ServerEnds, StateLost, mask_tokens
from .recall import Recall
from .reply import our_refusal
from .session import DEFAULT_SESSION
from .sessions import SESSION_HEADER, BadSession, Sessions, check_session_id

_LOG = logging.getLogger("nertwin")
_SESSION_PATH = "/s/"
_SESSION_TOKEN = b"hf_nertwin_"
# The page's own table writes a colon after the scheme, and so do those who copy it.
_BEARER = re.compile(rb"bearer:? +hf_nertwin_(.*)\Z", re.IGNORECASE | re.DOTALL)


def wrap(app: ASGIApp, sessions: Sessions, recall: Recall | None = None) -> ASGIApp:
    """The app in all its layers; with ``recall``, what it has answered is remembered there."""
    return InSession(within_session(app), sessions, recall)


def within_session(app: ASGIApp) -> ASGIApp:
    """The app in the layers that need a session to be found already."""
    return CommonHeaders(CrashReport(app))


class CommonHeaders:
    """Adds what every reply has, whoever gives it, and notes on the call what goes out."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer through the app inside."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        call: Call = scope[CALL]
        session = call.session
        number = session.salt + session.requests
        extra = session.endpoint.profile.common_headers(number, scope["headers"])

        # No coroutine of its own: each would cost every reply a few microseconds.
        def send_with_extra(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                call.status = message["status"]
                kept = extra
                if call.withheld:
                    kept = tuple(pair for pair in extra if pair[0] not in call.withheld)
                call.headers = (*message["headers"], *kept)
                message["headers"] = call.headers
            elif message["type"] == "http.response.body":
                call.answer += message.get("body", b"")
            return send(message)

        await self.app(scope, receive, send_with_extra)


class CrashReport:
    """Turns an exception of ours into a JSON 500 that says so, with the traceback in the log."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer through the app inside."""
        started = False

        def send_and_note(message: Message) -> Awaitable[None]:
            nonlocal started
            started = True
            return send(message)

        try:
            await self.app(scope, receive, send_and_note)
        except (asyncio.CancelledError, ServerEnds):
            if not started:
                await our_refusal(503, "nertwin is ending")(scope, receive, send_and_note)
        except (BrokenConnection, StateLost):
            raise  # The caller in this process, or the layer outside, is to see it.
        except Exception as error:
            if started or scope["type"] != "http":
                raise
            _LOG.exception("%s %s failed", scope["method"], mask_tokens(scope["path"]))
            message = (
                f"nertwin itself failed with {type(error).__name__}; its log has the traceback."
                " This is a bug in nertwin, not in your request."
            )
            if CALL in scope:
                scope[CALL].why = message
            await our_refusal(500, message)(scope, receive, send)


class InSession:
    """Finds a request's session, by header, path or token, and has it journalled there."""

    def __init__(self, app: ASGIApp, sessions: Sessions, recall: Recall | None = None) -> None:
        self.app = app
        self.sessions = sessions
        self.recall = recall

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer through the app inside, or refuse an id that can't be one."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        try:
            session_id, scope = locate(scope)
        except BadSession as error:
            await our_refusal(400, str(error), kind=b"session")(scope, receive, send)
            return
        session = self.sessions.find(session_id)
        session.requests += 1
        session.in_flight += 1
        call = Call(session, session.clock.now)
        scope[CALL] = call
        endpoint, edition = session.endpoint, session.rules.edition
        try:
            await self.app(scope, receive, send)
        finally:
            session.in_flight -= 1
            call.record(scope)
        # What has changed meanwhile may have come too late for this answer.
        is_same = session.endpoint is endpoint and session.rules.edition is edition
        if is_same and self.recall is not None:
            self.recall.remember(scope, call)


def locate(scope: Scope) -> tuple[str, Scope]:
    """The id of a request's session, and the request without the part of its path that names it.

    Raises:
        BadSession: It can't be the id of any.
    """
    session_id = named_session(scope)
    if not scope["path"].startswith(_SESSION_PATH):
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
    if scope["path"].startswith(_SESSION_PATH):
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
    session_id, _, rest = path.removeprefix(_SESSION_PATH).partition("/")
    return session_id, f"/{rest}"
