"""Caches: the answers that a session has kept."""

from __future__ import annotations

from dataclasses import dataclass

from nertwin.schemas import JSON

from .describing import INTEGER, an_object
from .models import card_of
from .route import Asked, Route


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """Which answers are to be forgotten."""

    model: str | None = None  #: None is all of them.


async def _show(asked: Asked) -> JSON:
    cache = asked.session.cache
    return {"answers": len(cache), "bytes": cache.bytes_held}


async def _clear(asked: Asked) -> JSON:
    wanted: Forgotten = asked.query
    session = asked.session
    model = None if wanted.model is None else card_of(session, wanted.model).id
    return {"cleared": session.cache.clear(model)}


ROUTES = (
    Route(
        method="GET",
        path="sessions/{id}/cache",
        summary="Tell how many answers are kept",
        answer=_show,
        gives=an_object(answers=INTEGER, bytes=INTEGER),
    ),
    Route(
        method="DELETE",
        path="sessions/{id}/cache",
        summary="Forget the kept answers of one model, or all",
        answer=_clear,
        query=Forgotten,
        gives=an_object(cleared=INTEGER),
    ),
)
