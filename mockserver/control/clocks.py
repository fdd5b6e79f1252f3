"""Clocks: the time of a session, and how it is advanced."""

from __future__ import annotations

from dataclasses import dataclass, field

from nertwin.schemas import JSON

from ..session import Session
from .describing import NUMBER, STRING, an_object
from .refusal import ControlRefused
from .route import Asked, Route

_CLOCK = an_object(kind=STRING, now=NUMBER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """What is to go by on a frozen clock."""

    seconds: float = field(metadata={"schema": {"minimum": 0, "maximum": 1e300}})


async def _show(asked: Asked) -> JSON:
    return _render(asked.session)


async def _advance(asked: Asked) -> JSON:
    wanted: Advance = asked.body
    session = asked.session
    if not session.clock.is_frozen:
        raise ControlRefused(
            409,
            f"the clock of session {session.id!r} is {session.settings.clock} and runs by itself;"
            ' PATCH the session with {"settings": {"clock": "frozen"}} to advance it',
        )
    session.clock.advance(wanted.seconds)
    session.bell.ring()  # Some may wait still by the clock that there was before.
    return _render(session)


def _render(session: Session) -> JSON:
    return {"kind": session.settings.clock, "now": session.clock.now}


ROUTES = (
    Route(
        method="GET",
        path="sessions/{id}/clock",
        summary="Tell the seconds since the session began, and the kind of its clock",
        answer=_show,
        gives=_CLOCK,
    ),
    Route(
        method="POST",
        path="sessions/{id}/clock/advance",
        summary="Let seconds go by on a frozen clock",
        answer=_advance,
        body=Advance,
        gives=_CLOCK,
        refuses=(409,),
    ),
)
