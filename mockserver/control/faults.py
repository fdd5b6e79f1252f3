"""Faults: what is planned to go wrong with the calls of a session."""

from __future__ import annotations

from dataclasses import dataclass, field

from nertwin.schemas import JSON

from ..faultplan import FaultPlan
from ..faultprofiles import fault_profile, fault_profiles
from ..faults import BadFault, Fault
from .describing import INTEGER, STRING, a_list, an_object, only_given, schema_of
from .refusal import ControlRefused
from .route import Asked, Route

_PLANNED = an_object(id=INTEGER, fault=schema_of(Fault), seen=INTEGER, hits=INTEGER)
_SCRIPT = an_object(model=STRING, steps=a_list(STRING))


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedFaults:
    """The faults of a hard day."""

    profile: str = field(metadata={"schema": {"enum": [*fault_profiles()]}})


async def _list(asked: Asked) -> JSON:
    plan = asked.session.faults
    return {
        "faults": [
            {
                "id": planned.id,
                "fault": only_given(planned.fault),
                "seen": planned.seen,
                "hits": planned.hits,
            }
            for planned in plan
        ],
        "scripts": render_scripts(plan),
    }


async def _add(asked: Asked) -> JSON:
    wanted: Fault | NamedFaults = asked.body
    faults = [wanted] if isinstance(wanted, Fault) else fault_profile(wanted.profile)
    ids: list[JSON] = [*asked.session.faults.extend(faults)]
    return {"ids": ids}


async def _clear(asked: Asked) -> JSON:
    plan = asked.session.faults
    ids = [planned.id for planned in plan]
    for fault_id in ids:
        plan.remove(fault_id)
    return {"cleared": len(ids)}


async def _remove(asked: Asked) -> JSON:
    try:
        asked.session.faults.remove(asked.number)
    except BadFault as error:
        raise ControlRefused(404, str(error)) from error
    return None


def render_scripts(plan: FaultPlan) -> JSON:
    """The steps that are left of each script."""
    return [{"model": model, "steps": list(steps)} for model, steps in plan.scripts.items()]


ROUTES = (
    Route(
        method="GET",
        path="sessions/{id}/faults",
        summary="List the planned faults, with the calls that each has seen and hit, and scripts",
        answer=_list,
        gives=an_object(faults=a_list(_PLANNED), scripts=a_list(_SCRIPT)),
    ),
    Route(
        method="POST",
        path="sessions/{id}/faults",
        summary="Plan a fault, or those of a fault profile, behind the others",
        answer=_add,
        body=Fault,
        alternative=NamedFaults,
        gives=an_object(ids=a_list(INTEGER)),
        status=201,
    ),
    Route(
        method="DELETE",
        path="sessions/{id}/faults",
        summary="Take out all planned faults; scripts stay",
        answer=_clear,
        gives=an_object(cleared=INTEGER),
    ),
    Route(
        method="DELETE",
        path="sessions/{id}/faults/{number}",
        summary="Take out one planned fault",
        answer=_remove,
        gives=None,
        status=204,
    ),
)
