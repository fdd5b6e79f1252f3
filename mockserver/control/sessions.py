"""Sessions: made, looked at, changed and removed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import cast, get_type_hints

from nertwin.schemas import JSON

from ..errors import quote
from ..profiles import PROFILES
from ..session import Session
from ..sessions import NamedSession, check_session_id
from ..settings import SESSION_KEYS, Settings, change_settings
from .describing import ID, INTEGER, NUMBER, STRING, a_list, an_object, schema_of
from .refusal import ControlRefused
from .route import Asked, Route
from .workers import collect, settle

_HINTS = get_type_hints(Settings)
_SETTINGS = an_object(
    **{key: schema_of(_HINTS[key]) for key in SESSION_KEYS}
    | {"profile": {"type": "string", "enum": [*PROFILES]}}
)
_CHANGES: dict[str, JSON] = {**_SETTINGS, "required": []}
_SESSION = an_object(id=STRING, url=STRING, requests=INTEGER, now=NUMBER, settings=_SETTINGS)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSession:
    """A session that is to be made."""

    #: None takes a free one, ``session-1`` and so on.
    id: str | None = field(default=None, metadata={"schema": ID})
    #: Those that differ from the server's.
    settings: Mapping[str, object] = field(default_factory=dict, metadata={"schema": _CHANGES})


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedSession:
    """What is to change in a session."""

    settings: Mapping[str, object] = field(metadata={"schema": _CHANGES})


async def _list(asked: Asked) -> JSON:
    listed: list[dict[str, JSON]] = [
        {"id": each.id, "url": _url(asked, each), "requests": each.requests, "used": each.used}
        for each in asked.sessions
    ]
    if asked.rounds is not None:
        listed = await collect(asked.rounds, listed, asked.request)
    for each in listed:
        del each["used"]
    return {"sessions": [*listed]}


async def _create(asked: Asked) -> JSON:
    wanted: NewSession = asked.body
    if wanted.id is not None:
        check_session_id(wanted.id, source="the body")
    if asked.rounds is not None:
        change_settings(asked.settings, wanted.settings)
        session_id = settle(asked.rounds, wanted.id, wanted.settings, asked.sessions)
    else:
        session_id = asked.sessions.free_id() if wanted.id is None else wanted.id
    if asked.sessions.get(session_id) is not None:
        raise ControlRefused(
            409,
            f"there is a session {quote(session_id)} already; change it with PATCH, take another"
            " id, or leave the id out",
        )
    settings = change_settings(asked.settings, wanted.settings)
    session = asked.sessions.find(session_id)
    session.begin(settings)
    return _render(asked, session)


async def _show(asked: Asked) -> JSON:
    return _render(asked, asked.session)


async def _change(asked: Asked) -> JSON:
    changed: ChangedSession = asked.body
    session = asked.session
    session.change(change_settings(session.settings, changed.settings))
    return _render(asked, session)


async def _remove(asked: Asked) -> JSON:
    asked.sessions.remove(asked.session.id)
    return None


def _render(asked: Asked, session: Session) -> JSON:
    settings = asdict(session.settings)
    shown = {key: cast("JSON", settings[key]) for key in SESSION_KEYS}
    if shown["token"]:
        shown["token"] = "***"  # noqa: S105  # What stands for one.
    return {
        "id": session.id,
        "url": _url(asked, session),
        "requests": session.requests,
        "now": session.clock.now,
        "settings": shown,
    }


def _url(asked: Asked, session: NamedSession) -> str:
    return f"{asked.origin}/s/{session.id}"


ROUTES = (
    Route(
        method="GET",
        path="sessions",
        summary="List the sessions, the one that was idle longest first",
        answer=_list,
        gives=an_object(sessions=a_list(an_object(id=STRING, url=STRING, requests=INTEGER))),
    ),
    Route(
        method="POST",
        path="sessions",
        summary="Make a session",
        answer=_create,
        body=NewSession,
        gives=_SESSION,
        status=201,
        refuses=(409,),
    ),
    Route(
        method="GET",
        path="sessions/{id}",
        summary="Show a session and its settings",
        answer=_show,
        gives=_SESSION,
    ),
    Route(
        method="PATCH",
        path="sessions/{id}",
        summary="Change settings of a session",
        answer=_change,
        body=ChangedSession,
        gives=_SESSION,
    ),
    Route(
        method="DELETE",
        path="sessions/{id}",
        summary="Forget a session; a call to it begins a new one",
        answer=_remove,
        gives=None,
        status=204,
    ),
)
