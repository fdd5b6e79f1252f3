"""Resets: parts of a session that begin anew, each by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields

from nertwin.schemas import JSON

from ..errors import did_you_mean, quote
from ..session import Session
from ..settings import Settings
from .describing import INTEGER
from .findings import forget_findings
from .refusal import ControlRefused
from .route import Asked, Route

EVERYTHING = "everything"


def _clear_journal(session: Session, _: Settings) -> int:
    count = session.journal.total
    session.journal.clear()
    return count


def _restore_settings(session: Session, settings: Settings) -> int:
    before = session.settings
    session.change(settings)
    names = (each.name for each in fields(Settings))
    return sum(getattr(before, name) != getattr(settings, name) for name in names)


#: What can be cleared, and how; each gives how many things it has cleared. Faults, rules and
#: settings become those that the server gives a new session.
RESETS: Mapping[str, Callable[[Session, Settings], int]] = {
    "journal": _clear_journal,
    "findings": lambda session, _: forget_findings(session),
    "models": lambda session, _: session.forget_models(),
    "cache": lambda session, _: session.cache.clear(),
    "quota": lambda session, _: session.forget_calls(),
    "faults": lambda session, _: session.restore_faults(),
    "rules": lambda session, _: session.restore_rules(),
    "settings": _restore_settings,
}
_NAMES = (*RESETS, EVERYTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """What is to be cleared."""

    what: tuple[str, ...] = field(
        metadata={"schema": {"items": {"type": "string", "enum": list(_NAMES)}, "minItems": 1}}
    )


async def _reset(asked: Asked) -> JSON:
    wanted: Reset = asked.body
    session = asked.session
    if not wanted.what:
        raise ControlRefused(400, f"body: what is empty; name what to clear: {', '.join(_NAMES)}")
    for name in wanted.what:
        if name not in _NAMES:
            raise ControlRefused(
                400,
                f"body: what has {quote(name)}; it must be of {', '.join(_NAMES)}."
                f"{did_you_mean(name, _NAMES)}",
            )
    is_all = EVERYTHING in wanted.what
    cleared: dict[str, JSON] = {
        name: clear(session, asked.settings)
        for name, clear in RESETS.items()
        if is_all or name in wanted.what
    }
    if is_all:
        session.requests = 0
    return {"cleared": cleared}


ROUTES = (
    Route(
        method="POST",
        path="sessions/{id}/reset",
        summary="Clear parts of a session and say how much each had; everything but its clock",
        answer=_reset,
        body=Reset,
        gives={
            "type": "object",
            "properties": {
                "cleared": {
                    "type": "object",
                    "propertyNames": {"enum": [*RESETS]},
                    "additionalProperties": INTEGER,
                }
            },
            "required": ["cleared"],
            "additionalProperties": False,
        },
    ),
)
