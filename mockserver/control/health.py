"""Health: whether the server answers, and which one it is."""

from __future__ import annotations

from importlib.metadata import version

from nertwin.schemas import JSON

from ..sharing.address import parse_address
from .describing import INTEGER, STRING, an_object
from .route import Asked, Route


async def _health(asked: Asked) -> JSON:
    address = parse_address(asked.settings.state)
    return {
        "status": "ok",
        "nertwin": version("nertwin"),
        "workers": asked.settings.workers,
        "state": "memory" if address is None else f"Redis at {address.shown}",
    }


ROUTES = (
    Route(
        method="GET",
        path="health",
        summary="Say that the server answers, and its version",
        answer=_health,
        gives=an_object(status=STRING, nertwin=STRING, workers=INTEGER, state=STRING),
    ),
)
