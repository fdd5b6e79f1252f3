"""Scripts: how the next calls of a session are answered, one after the other."""

from __future__ import annotations

from dataclasses import dataclass

from nertwin.schemas import JSON

from .describing import INTEGER, STRING, a_list, an_object
from .faults import render_scripts
from .route import Asked, Route

_SCRIPTS = an_object(scripts=a_list(an_object(model=STRING, steps=a_list(STRING))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """Steps: ``200`` for the normal answer, or faults as the header has them."""

    steps: tuple[str, ...]  #: None at all end the script.
    model: str = ""  #: Whose calls they are for; empty is any.


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """Which scripts are to end."""

    model: str | None = None  #: None is all of them; empty that of any model.


async def _show(asked: Asked) -> JSON:
    return {"scripts": render_scripts(asked.session.faults)}


async def _set(asked: Asked) -> JSON:
    wanted: Script = asked.body
    asked.session.faults.set_script(wanted.steps, wanted.model)
    return {"scripts": render_scripts(asked.session.faults)}


async def _end(asked: Asked) -> JSON:
    wanted: Ended = asked.query
    plan = asked.session.faults
    ended = [model for model in plan.scripts if wanted.model in (None, model)]
    for model in ended:
        plan.set_script((), model)
    return {"cleared": len(ended)}


ROUTES = (
    Route(
        method="GET",
        path="sessions/{id}/script",
        summary="Show the steps that are left of each script",
        answer=_show,
        gives=_SCRIPTS,
    ),
    Route(
        method="PUT",
        path="sessions/{id}/script",
        summary="Answer the next calls step by step, in place of the model's former script",
        answer=_set,
        body=Script,
        gives=_SCRIPTS,
    ),
    Route(
        method="DELETE",
        path="sessions/{id}/script",
        summary="End the script of one model, or all scripts",
        answer=_end,
        query=Ended,
        gives=an_object(cleared=INTEGER),
    ),
)
