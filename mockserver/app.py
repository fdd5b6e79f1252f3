"""App: the routes of the stand-in."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.metadata import version

import orjson
from starlette.requests import Request
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from nertwin.schemas import JSON, openapi

from .endpoint import Endpoint
from .hub import Hub, health
from .layers import wrap
from .profiles import find_profile
from .profiles.profile import Action
from .reply import Reply
from .resource import Answer, Resource
from .settings import Settings


def create_app(settings: Settings | None = None) -> ASGIApp:
    """The stand-in as an ASGI application with state of its own."""
    return create_routes(create_endpoint(settings or Settings()))


def create_routes(endpoint: Endpoint) -> ASGIApp:
    """The routes around an endpoint, in their layers."""
    profile = endpoint.profile
    pages = _Pages(endpoint)
    answers = _answers(endpoint, Hub(endpoint), pages)
    routes = [
        Route(
            path,
            Resource(
                {method: answers[action] for method, action in actions.items()},
                profile=profile,
                refuse=endpoint.refuse,
            ),
        )
        for path, actions in profile.routes.items()
    ]
    router = Router(routes=routes, redirect_slashes=False, default=pages.no_route)
    return wrap(router, profile.common_headers, sessions=endpoint.sessions)


def create_endpoint(settings: Settings) -> Endpoint:
    """The answering part of a stand-in, without routes.

    Raises:
        NertwinError: A model of the settings has no such rule pack, or one that doesn't fit it.
    """
    models = settings.registry()
    for model_id in settings.models:
        models.model(model_id)  # A mistake in it is told at the start, not by a request.
    return Endpoint(settings, models, find_profile(settings.profile))


def _answers(endpoint: Endpoint, hub: Hub, pages: _Pages) -> Mapping[Action, Answer]:
    """What answers where a profile's routes name an action."""
    return {
        "classify": endpoint.classify,
        "inference_model": hub.inference_model,
        "hub_model": hub.model,
        "hub_models": hub.list_models,
        "hub_tasks": hub.tasks,
        "status": hub.status,
        "framework": hub.framework,
        "index": pages.index,
        "health": pages.health,
        "openapi": pages.openapi,
    }


class _Pages:
    """What the stand-in says of itself."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint

    async def index(self, _: Request) -> Reply:
        """``GET /``: where things are."""
        models: list[JSON] = [card.id for card in self.endpoint.models]
        return _json(
            {
                "nertwin": version("nertwin"),
                "profile": self.endpoint.profile.name,
                "models": models,
                "classify": f"POST {self._models_path()}",
                "openapi": "/openapi.json",
            }
        )

    async def health(self, _: Request) -> Reply:
        """``GET /health``: whether the process answers."""
        return health()

    async def openapi(self, _: Request) -> Reply:
        """``GET /openapi.json``: all routes, for people and for tools."""
        return _openapi_reply()

    async def no_route(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The 404 of a path that is no route."""
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1000})
            return
        served = {card.id for card in self.endpoint.models}
        refusal = self.endpoint.profile.unknown_path(scope["path"], served)
        await self.endpoint.refuse(refusal)(scope, receive, send)

    def _models_path(self) -> str:
        """Where the profile has its models."""
        routes = self.endpoint.profile.routes.items()
        path = next(path for path, actions in routes if actions.get("POST") == "classify")
        return path.replace("{model:path}", "{id}")


@cache
def _openapi_reply() -> Reply:
    return _json(openapi())


def _json(document: JSON) -> Reply:
    body = orjson.dumps(document)
    headers = (
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
    )
    return Reply(200, headers, body)
