"""Layers: plain ASGI callables around the routes, the outermost first in :func:`wrap`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .call import CALL, Call
from .errors import BrokenConnection, ServerEnds, StateLost, mask_tokens
from .naming import by_session
from .recall import Recall
from .reply import our_refusal
from .sessions import Sessions

_LOG = logging.getLogger("nertwin")


def wrap(app: ASGIApp, sessions: Sessions, recall: Recall | None = None) -> ASGIApp:
    """The app in all its layers; with ``recall``, what it has answered is remembered there."""
    inner = within_session(app)
    return by_session(inner, InSession(inner, sessions, recall).answer)


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
    """Makes a request a call in its session, and has it journalled there."""

    def __init__(self, app: ASGIApp, sessions: Sessions, recall: Recall | None = None) -> None:
        self.app = app
        self.sessions = sessions
        self.recall = recall

    async def answer(self, session_id: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer through the app inside."""
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
