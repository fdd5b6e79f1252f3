"""Health: whether the server answers, and which one it is."""

from __future__ import annotations

from importlib.metadata import version

from nertwin.schemas import JSON

from .describing import INTEGER, STRING, an_object
from .route import Asked, Route


async def _health(asked: Asked) -> JSON:
    return {
        "status": "ok",
        "nertwin": version("nertwin"),
        "workers": asked.settings.workers,
    }


ROUTES = (
    Route(
        method="GET",
        path="health",
        summary="Say that the server answers, and its version",
        answer=_health,
        gives=an_object(status=STRING, nertwin=STRING, workers=INTEGER),
    ),
)
