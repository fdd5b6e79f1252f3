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
from .models import MODEL_ID
from .profiles import find_profile
from .reply import Refusal, Reply
from .resource import Answer, Resource
from .settings import Settings


def create_app(settings: Settings | None = None) -> ASGIApp:
    """The stand-in as an ASGI application with state of its own."""
    return create_routes(create_endpoint(settings or Settings()))


def create_routes(endpoint: Endpoint) -> ASGIApp:
    """The routes around an endpoint, in their layers."""
    pages = _Pages(endpoint)
    routes = [
        Route(path, Resource(handlers, refuse=endpoint.refuse))
        for path, handlers in _routes(endpoint, Hub(endpoint), pages).items()
    ]
    return wrap(Router(routes=routes, redirect_slashes=False, default=pages.no_route))


def create_endpoint(settings: Settings) -> Endpoint:
    """The answering part of a stand-in, without routes.

    Raises:
        NertwinError: A model of the settings has no such rule pack, or one that doesn't fit it.
    """
    models = settings.registry()
    for model_id in settings.models:
        models.model(model_id)  # A mistake in it is told at the start, not by a request.
    return Endpoint(settings, models, find_profile(settings.profile))


def _routes(endpoint: Endpoint, hub: Hub, pages: _Pages) -> Mapping[str, Mapping[str, Answer]]:
    """Path to method to answer; the router tries them in this order, so hot ones stand first."""
    classify = endpoint.classify
    return {
        "/models/{model:path}": {"POST": classify, "GET": hub.inference_model},
        "/hf-inference/models/{model:path}": {"POST": classify, "GET": hub.inference_model},
        "/": {"POST": classify, "GET": pages.index},
        "/api/models/{model:path}": {"GET": hub.model},
        "/pipeline/token-classification/{model:path}": {"POST": classify},
        "/api/models": {"GET": hub.list_models},
        "/api/tasks": {"GET": hub.tasks},
        "/status/{model:path}": {"GET": hub.status},
        "/framework/{framework}": {"GET": hub.framework},
        "/health": {"GET": pages.health},
        "/openapi.json": {"GET": pages.openapi},
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
                "classify": "POST /models/{id}",
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
        """The 404 of a path that is no route; it names the right one."""
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1000})
            return
        path = scope["path"]
        right = f"/models/{self._model_in(path) or '{id}'}"
        refusal = Refusal(
            status=404,
            body={"error": f"Not Found: there is no {path}. Models are under {right}"},
            stage="gateway",
            hint=f"POST {right}; all routes are in /openapi.json",
        )
        await self.endpoint.refuse(refusal)(scope, receive, send)

    def _model_in(self, path: str) -> str:
        """The id that a wrong path seems to mean, or nothing."""
        parts = path.strip("/").split("/")
        served = {card.id for card in self.endpoint.models}
        ends = ("/".join(parts[-2:]), parts[-1])
        known = next((end for end in ends if end in served), "")
        whole = "/".join(parts)
        is_id = MODEL_ID.match(whole) and parts[0] not in _FIRST_WORDS
        return known or (whole if is_id else "")


# First words of real routes: what follows them is no model's organisation.
_FIRST_WORDS = frozenset(
    {"api", "models", "hf-inference", "pipeline", "status", "framework", "health", "info"}
    | {"predict", "metrics", "openapi.json", "score", "v1"}
)


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
