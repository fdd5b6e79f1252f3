"""Journals: what a session has been asked, whether it was right, and its archive."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice

from nertwin.schemas import JSON

from ..har import to_har
from ..leaving import unless_left
from ..verification import Verdict, Wanted, verify_count, verify_order
from .describing import INTEGER, NUMBER, STRING, a_list, an_object
from .refusal import ControlRefused
from .route import Asked, Route

_MOST_SECONDS = 60
_AT_LEAST_0: dict[str, JSON] = {"minimum": 0, "maximum": 10**18 - 1}
_VERDICT = an_object(holds={"type": "boolean"}, difference=STRING)
_NOTE = an_object(time=NUMBER, text=STRING)
_MESSAGE = an_object(
    headers=a_list({**a_list(STRING), "minItems": 2, "maxItems": 2}),
    body=STRING,
    body_bytes=INTEGER,
    body_is_cut={"type": "boolean"},
)
_EXCHANGE: dict[str, JSON] = {
    **an_object(
        number=INTEGER,
        time=NUMBER,
        seconds=NUMBER,
        method=STRING,
        path=STRING,
        model=STRING,
        request=_MESSAGE,
        status=INTEGER,
        response=_MESSAGE,
        gate=STRING,
        why=STRING,
        repeats=INTEGER,
        last_time=NUMBER,
        real_time=NUMBER,
        real_seconds=NUMBER,
        last_real_time=NUMBER,
    ),
    "additionalProperties": True,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched(Wanted):
    """Which exchanges are to be shown."""

    after: int = field(default=0, metadata={"schema": _AT_LEAST_0})  #: The number of one.
    limit: int = field(default=1000, metadata={"schema": _AT_LEAST_0})


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What a session should have been asked: ``wanted`` so often, or these in that ``order``."""

    wanted: Wanted | None = None
    #: None is at least once.
    count: int | None = field(default=None, metadata={"schema": {"minimum": 0}})
    order: tuple[Wanted, ...] | None = None


_EITHER: dict[str, JSON] = {
    "oneOf": [
        {
            "required": ["wanted"],
            "properties": {"wanted": {"type": "object"}, "order": {"type": "null"}},
        },
        {
            "required": ["order"],
            "properties": {
                "order": {"type": "array", "minItems": 1},
                "wanted": {"type": "null"},
                "count": {"type": "null"},
            },
        },
    ]
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """What a session is to be asked, so often, within that many real seconds."""

    wanted: Wanted = field(default_factory=Wanted)
    count: int = field(default=1, metadata={"schema": {"minimum": 0}})
    timeout: float = field(
        default=5.0, metadata={"schema": {"minimum": 0, "maximum": _MOST_SECONDS}}
    )


async def _show(asked: Asked) -> JSON:
    searched: Searched = asked.query
    _check_least(searched.after, "after")
    _check_least(searched.limit, "limit")
    journal = asked.session.journal
    fitting = (each for each in journal if each.number > searched.after and searched.fits(each))
    return {
        "total": journal.total,
        "dropped": journal.dropped,
        "clock": asked.session.settings.clock,
        "notes": [note.to_json() for note in journal.notes],
        "exchanges": [each.to_json() for each in islice(fitting, searched.limit)],
    }


async def _clear(asked: Asked) -> JSON:
    journal = asked.session.journal
    count = journal.total
    journal.clear()
    return {"cleared": count}


async def _archive(asked: Asked) -> JSON:
    session = asked.session
    return to_har(
        session.journal,
        base_url=asked.origin,
        session_id=session.id,
        notes=session.journal.notes,
    )


async def _verify(asked: Asked) -> JSON:
    wanted: Verified = asked.body
    journal = asked.session.journal
    if wanted.order and wanted.wanted is None and wanted.count is None:
        return _render(verify_order(journal, wanted.order))
    if wanted.order is not None or wanted.wanted is None:
        raise ControlRefused(
            400,
            "body: give either `wanted`, an object, with a `count` or without, or `order`,"
            " a list of at least one such object",
        )
    if wanted.count is None:
        return _render(verify_order(journal, [wanted.wanted]))
    _check_least(wanted.count, "count")
    return _render(verify_count(journal, wanted.wanted, wanted.count))


async def _wait(asked: Asked) -> JSON:
    awaited: Awaited = asked.body
    _check_least(awaited.count, "count")
    if not 0 <= awaited.timeout <= _MOST_SECONDS:
        raise ControlRefused(
            400, f"timeout is {awaited.timeout}; it must be from 0 to {_MOST_SECONDS} seconds"
        )
    waiting = asked.session.wait_for_count(awaited.wanted, awaited.count, longest=awaited.timeout)
    return _render(await unless_left(asked.request, waiting))


def _check_least(value: int, name: str) -> None:
    if value < 0:
        raise ControlRefused(400, f"{name} is {value}; it must be at least 0")


def _render(verdict: Verdict) -> JSON:
    return {"holds": verdict.holds, "difference": verdict.difference}


ROUTES = (
    Route(
        method="GET",
        path="sessions/{id}/journal",
        summary="Show the exchanges that are like that, the oldest first",
        answer=_show,
        query=Searched,
        gives=an_object(
            total=INTEGER,
            dropped=INTEGER,
            clock=STRING,
            notes=a_list(_NOTE),
            exchanges=a_list(_EXCHANGE),
        ),
    ),
    Route(
        method="DELETE",
        path="sessions/{id}/journal",
        summary="Forget all exchanges",
        answer=_clear,
        gives=an_object(cleared=INTEGER),
    ),
    Route(
        method="GET",
        path="sessions/{id}/journal.har",
        summary="Give the journal as an HTTP Archive 1.2",
        answer=_archive,
        gives={"type": "object", "required": ["log"]},
    ),
    Route(
        method="POST",
        path="sessions/{id}/journal/verify",
        summary="Say whether the session was asked what it should have been, or what came near",
        answer=_verify,
        body=Verified,
        condition=_EITHER,
        gives=_VERDICT,
    ),
    Route(
        method="POST",
        path="sessions/{id}/journal/wait",
        summary="Wait until the session has been asked often enough, or say what came near",
        answer=_wait,
        body=Awaited,
        gives=_VERDICT,
    ),
)
