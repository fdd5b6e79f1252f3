"""API: the control API as an ASGI application beside the stand-in's own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from nertwin.schemas import JSON

from ..errors import NertwinError, StateLost, mask_tokens
from ..layers import CrashReport
from ..reply import Headers, Reply, content_length
from ..rounds import ROUNDS
from ..sessions import Sessions
from ..settings import Settings
from ..tokens import TokenReader
from . import PREFIX
from .access import Access, choose_token, is_loopback
from .refusal import ControlRefused

if TYPE_CHECKING:
    from ..sharing.sharing import Sharing
    from .route import Asked, Route

_HEADERS: Headers = (
    (b"content-type", b"application/json"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
)


def is_control(scope: Scope) -> bool:
    """Whether the request is for the control API."""
    path: str = scope.get("path", "")
    is_below = path.startswith(PREFIX) or path == PREFIX[:-1]
    return is_below and scope["type"] == "http"


class ControlAPI:
    """Answers what comes under ``/_nertwin/``.

    Each route reads and checks all that it was sent before it changes anything, and changes it
    in one go: what is refused has changed nothing.
    """

    def __init__(
        self,
        settings: Settings,
        sessions: Sessions,
        tokens: TokenReader,
        sharing: Sharing | None = None,
    ) -> None:
        self._settings = settings
        self._sessions = sessions
        self._tokens = tokens
        self._sharing = sharing
        #: What it asks for; empty where the address lets in nobody from elsewhere.
        self.token = choose_token(settings) if sharing is None else settings.control_token
        self._access: Access | None = None
        self._app = CrashReport(self._respond)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self._app(scope, receive, send)

    async def _respond(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            reply = await self._reply(Request(scope, receive))
        except ClientDisconnect:
            return
        except ControlRefused as error:
            reply = _refuse(error.status, error, error.headers)
        except NertwinError as error:
            reply = _refuse(400, error)
        except StateLost as error:
            reply = _refuse(503, error)
        await reply(scope, receive, send)

    async def _reply(self, request: Request) -> Reply:
        if not self._settings.control:
            raise ControlRefused(
                404, "the control API is switched off; start nertwin with control = true"
            )
        (await self._find_access()).check(request.scope)
        # Many servers are never asked, and all that can be asked takes a while to load.
        from .reading import read_json, read_query
        from .route import Asked
        from .routes import ROUTES

        path = request.scope["path"]
        if path == PREFIX + "openapi.json" and request.method in ("GET", "HEAD"):
            from .openapi import openapi

            return _json(200, openapi(ROUTES))
        route, names = _find(ROUTES, path, request.method)
        has_others = self._settings.workers > 1 and ROUNDS not in request.scope
        if route.is_of_session and has_others and self._sharing is None:
            raise ControlRefused(
                409,
                f"this server runs {self._settings.workers} processes, each with sessions of its"
                " own; start it with one worker to control it",
            )
        asked = Asked(
            request=request,
            settings=self._settings,
            sessions=self._sessions,
            tokens=self._tokens,
            names=names,
            query=read_query(request, route.query),
            body=await read_json(request, route.body, route.alternative) if route.body else None,
        )
        answer = await self._answer(route, asked)
        return (
            Reply(route.status, _HEADERS[1:], b"")
            if route.gives is None
            else _json(route.status, answer)
        )

    async def _find_access(self) -> Access:
        """Who is let in."""
        if self._access is None:
            settings = self._settings
            if self._sharing is not None and not self.token and not is_loopback(settings.host):
                self.token = await self._sharing.control_token()
            self._access = Access(host=settings.host, token=self.token)
        return self._access

    async def _answer(self, route: Route, asked: Asked) -> JSON:
        if self._sharing is None:
            return await route.answer(asked)
        from ..sharing.control import answer

        return await answer(self._sharing, route, asked)


def _find(routes: Iterable[Route], path: str, method: str) -> tuple[Route, dict[str, str]]:
    wanted = "GET" if method == "HEAD" else method
    allowed: list[str] = []
    for route in routes:
        names = route.match(path)
        if names is not None and route.method == wanted:
            return route, names
        if names is not None:
            allowed += ["GET", "HEAD"] if route.method == "GET" else [route.method]
    if path == PREFIX + "openapi.json":
        allowed = ["GET", "HEAD"]
    if not allowed:
        raise ControlRefused(
            404,
            f"there is no {mask_tokens(path)[:200]}; GET {PREFIX}openapi.json tells what there is",
        )
    takes = ", ".join(sorted(allowed))
    raise ControlRefused(
        405, f"{path[:200]} takes {takes}, not {method}", headers=((b"allow", takes.encode()),)
    )


def _refuse(status: int, error: Exception, headers: Headers = ()) -> Reply:
    reply = _json(status, {"error": str(error)})
    return Reply(status, (*reply.headers, *headers), reply.body)


def _json(status: int, document: JSON) -> Reply:
    body = orjson.dumps(document)
    return Reply(status, (*_HEADERS, content_length(body)), body)
