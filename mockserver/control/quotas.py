"""Quotas: what a session still allows."""

from __future__ import annotations

from dataclasses import asdict
from typing import cast

from nertwin.schemas import JSON

from ..quota import ANONYMOUS, QuotaPlan
from .describing import INTEGER, NUMBER, an_object, or_null, schema_of
from .route import Asked, Route


async def _show(asked: Asked) -> JSON:
    quotas = asked.session.quotas
    if quotas is None:
        return {"plan": None, "keys": 0, "anonymous": None}
    allowance = quotas.look(ANONYMOUS)
    anonymous: JSON = None
    if allowance is not None:
        anonymous = {"remaining": allowance.remaining, "reset": allowance.reset}
    return {"plan": cast("JSON", asdict(quotas.plan)), "keys": len(quotas), "anonymous": anonymous}


ROUTES = (
    Route(
        method="GET",
        path="sessions/{id}/quota",
        summary="Show the plan, how many keys have made calls, and what is left without a token",
        answer=_show,
        gives=an_object(
            plan=or_null(schema_of(QuotaPlan)),
            keys=INTEGER,
            anonymous=or_null(an_object(remaining=INTEGER, reset=NUMBER)),
        ),
    ),
)
