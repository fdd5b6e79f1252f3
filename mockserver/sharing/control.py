"""Control: requests to the control API, answered in the shared session that they are about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from nertwin.schemas import JSON

from ..control.route import Asked, Route
from ..control.sessions import NewSession
from ..errors import StateLost
from ..session import DEFAULT_SESSION
from ..sessions import BadSession, NamedSession, check_session_id
from .session import SharedSession
from .sharing import Sharing
from .visit import Visit


async def answer(sharing: Sharing, route: Route, asked: Asked) -> JSON:
    """What the route answers, once all that it has changed is kept.

    Raises:
        StateLost: That can't be.
    """
    if route.path == "health":
        await sharing.store.ping()  # Where no session can be had, the server isn't well.
    if not route.is_of_session:
        return await route.answer(asked)
    wanted = asked.names.get("id")
    if wanted is None and route.body is NewSession:
        wanted = asked.body.id or await sharing.store.free_id()
    if wanted is None:
        return await route.answer(replace(asked, sessions=_All(await sharing.store.list())))
    if not _is_id(wanted):  # There is no such session.
        return await route.answer(replace(asked, sessions=_All([])))
    with sharing.visit(wanted) as visit:
        try:
            await visit.enter()
        except StateLost:
            # What can't be read can be removed all the same.
            if not route.is_removal or not await sharing.store.discard(wanted):
                raise
            return None
        answered = await route.answer(replace(asked, sessions=_One(visit)))
        await visit.leave()
    return answered


def _is_id(text: str) -> bool:
    try:
        check_session_id(text, source="the path")
    except BadSession:
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Named:
    id: str
    requests: int
    used: float


class _All:
    """The ids of sessions, none of which is entered."""

    def __init__(self, listed: Sequence[tuple[str, int, float]]) -> None:
        self._listed = listed

    def __iter__(self) -> Iterator[NamedSession]:
        return iter([_Named(*each) for each in self._listed])

    def find(self, session_id: str = DEFAULT_SESSION) -> SharedSession:
        raise LookupError(session_id)

    def get(self, session_id: str) -> None:  # noqa: ARG002
        return None

    def peek(self, session_id: str) -> None:
        return self.get(session_id)

    def free_id(self) -> str:
        raise LookupError

    def remove(self, session_id: str) -> None:
        raise LookupError(session_id)


class _One:
    """The session that a request is about, which has been entered; none but that is asked for."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit

    def __iter__(self) -> Iterator[NamedSession]:
        return iter(())

    def find(self, session_id: str = DEFAULT_SESSION) -> SharedSession:  # noqa: ARG002
        return self._visit.make()

    def get(self, session_id: str) -> SharedSession | None:  # noqa: ARG002
        return self._visit.session

    def peek(self, session_id: str) -> SharedSession | None:
        return self.get(session_id)

    def free_id(self) -> str:
        return self._visit.room.id

    def remove(self, session_id: str) -> None:  # noqa: ARG002
        self._visit.room.remove()
