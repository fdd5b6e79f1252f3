"""Workers: what is asked of all sessions where each of several workers has some of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from starlette.requests import Request

from nertwin.schemas import JSON

from ..rounds import Rounds
from ..sessions import SessionBook
from .reading import read_bounded

_FIRST = 0  # The worker that makes up ids.


async def collect(
    rounds: Rounds, listed: list[dict[str, JSON]], request: Request
) -> list[dict[str, JSON]]:
    """What all workers list, by the time of ``used``; the last one that is asked answers.

    Raises:
        PassedOn: Another worker has to add its own.
        ControlRefused: 413, the request has a body that nobody needs.
    """
    await read_bounded(request)  # What were left of it would come to the next worker.
    desk = rounds.desk
    gathered = cast("list[Any]", rounds.note.get("sessions", [])) + listed
    asked = cast("int", rounds.note.get("asked", 0)) + 1
    if asked < desk.count:
        following = (desk.number + 1) % desk.count
        rounds.pass_on(following, body=None, note={"sessions": gathered, "asked": asked})
    return sorted(gathered, key=lambda each: each["used"])


def settle(
    rounds: Rounds, wanted: str | None, settings: Mapping[str, object], sessions: SessionBook
) -> str:
    """The id of a session that is to be made here: the wanted one, or a free one.

    Raises:
        PassedOn: The session is to be made by another worker.
    """
    desk = rounds.desk
    body = {"settings": cast("JSON", settings)}
    if wanted is not None:
        owner = desk.owner_of(wanted)
        if owner != desk.number:
            rounds.pass_on(owner, body={"id": wanted, **body}, note={})
        return wanted
    if "number" in rounds.note:
        number = cast("int", rounds.note["number"])
        if number <= desk.given or sessions.peek(_id(number)) is not None:
            rounds.pass_on(_FIRST, body=body, note={"given": desk.given})
        desk.given = number
        return _id(number)
    if desk.number != _FIRST:
        rounds.pass_on(_FIRST, body=body, note={})
    # It may be a new process that has to catch up with the others.
    desk.given = max(desk.given, cast("int", rounds.note.get("given", 0)))
    while True:
        desk.given += 1
        session_id = _id(desk.given)
        owner = desk.owner_of(session_id)
        if owner != desk.number:
            rounds.pass_on(owner, body=body, note={"number": desk.given})
        if sessions.peek(session_id) is None:
            return session_id


def _id(number: int) -> str:
    return f"session-{number}"
