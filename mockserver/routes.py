"""Routes: the paths of a profile, found again without looking for them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from starlette.routing import Match, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

_REMEMBERED_PATHS = 1024
_LONGEST_REMEMBERED = 256


class Routes:
    """Starlette's router with a memory: it tries route after route for each request.

    What it finds depends on the path alone, because a :class:`Resource` answers every method.
    """

    def __init__(self, routes: Sequence[Route], *, default: ASGIApp) -> None:
        self._router = Router(routes=routes, redirect_slashes=False, default=default)
        self._routes = routes
        self._default = default
        self._find = lru_cache(_REMEMBERED_PATHS)(self._look_for)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or whatever else comes."""
        is_plain = scope["type"] == "http" and not scope.get("root_path")
        if not is_plain or len(scope["path"]) > _LONGEST_REMEMBERED:
            await self._router(scope, receive, send)
            return
        app, names = self._find(scope["path"])
        scope["path_params"] = dict(names)
        await app(scope, receive, send)

    def _look_for(self, path: str) -> tuple[ASGIApp, tuple[tuple[str, str], ...]]:
        """What answers the path, and what the path names."""
        asked: Scope = {"type": "http", "method": "GET", "path": path, "root_path": ""}
        for route in self._routes:
            match, found = route.matches(asked)
            if match is Match.FULL:
                return route.app, tuple(found["path_params"].items())
        return self._default, ()
