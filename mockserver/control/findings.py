"""Findings: what the clients of a session do wrong."""

from __future__ import annotations

from nertwin.schemas import JSON

from ..session import Session
from .describing import INTEGER, STRING, a_list, an_object
from .route import Asked, Route

_FOUND = an_object(
    id=STRING, place=STRING, message=STRING, count=INTEGER, first=INTEGER, last=INTEGER
)


async def _show(asked: Asked) -> JSON:
    return asked.session.findings.to_json()


async def _clear(asked: Asked) -> JSON:
    return {"cleared": forget_findings(asked.session)}


def forget_findings(session: Session) -> int:
    """Forget what clients do wrong and what they were about to; gives the number of findings."""
    count = len(session.findings)
    session.findings.clear()
    session.retries.clear()
    return count


ROUTES = (
    Route(
        method="GET",
        path="sessions/{id}/findings",
        summary="Show what clients do wrong, in the order in which it was first found",
        answer=_show,
        gives=an_object(dropped=INTEGER, findings=a_list(_FOUND)),
    ),
    Route(
        method="DELETE",
        path="sessions/{id}/findings",
        summary="Forget all findings",
        answer=_clear,
        gives=an_object(cleared=INTEGER),
    ),
)
