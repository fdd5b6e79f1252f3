"""Pages: what the stand-in says of itself, and the 404 of what it doesn't have."""

from __future__ import annotations

from functools import cache

from starlette.requests import Request

from nertwin.schemas import JSON, openapi
from nertwin.schemas import Profile as ProfileName

from .call import call_of
from .hub import health
from .profiles import Profile
from .reply import Reply, content_length, json_body


class Pages:
    """Answers the routes of one profile that are about the server."""

    def __init__(self, profile: Profile) -> None:
        self._models_path = _models_path(profile)
        self._profile = profile.name

    async def index(self, request: Request) -> Reply:
        """``GET /``: where things are."""
        from importlib.metadata import (
            version,  # It reads e-mail, and who calls models asks nothing.
        )

        endpoint = call_of(request).session.endpoint
        models: list[JSON] = [card.id for card in endpoint.models]
        return _json(
            {
                "nertwin": version("nertwin"),
                "profile": endpoint.profile.name,
                "models": models,
                "classify": f"POST {self._models_path}",
                "openapi": "/openapi.json",
            }
        )

    async def health(self, _: Request) -> Reply:
        """``GET /health``: whether the process answers."""
        return health()

    async def openapi(self, _: Request) -> Reply:
        """``GET /openapi.json``: all routes of the profile, for people and for tools."""
        return _describe(self._profile)

    async def no_route(self, request: Request) -> Reply:
        """The 404 of a path that is no route."""
        call = call_of(request)
        endpoint = call.session.endpoint
        call.decide("route", "there is no such path")
        served = {card.id for card in endpoint.models}
        return endpoint.refuse(endpoint.profile.unknown_path(request.scope["path"], served))


def _models_path(profile: Profile) -> str:
    """Where the profile has its models."""
    routes = profile.routes.items()
    path = next(path for path, actions in routes if actions.get("POST") == "classify")
    return path.replace("{model:path}", "{id}")


@cache
def _describe(profile: ProfileName) -> Reply:
    return _json(openapi(profile))


def _json(document: JSON) -> Reply:
    body = json_body(document)
    return Reply(200, ((b"content-type", b"application/json"), content_length(body)), body)
