"""What is asked of all sessions, with workers that are no processes here."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from nertwin.mockserver import create_app
from nertwin.mockserver.control.workers import collect, settle
from nertwin.mockserver.desk import Desk
from nertwin.mockserver.owners import owner_of
from nertwin.mockserver.rounds import PassedOn, Rounds
from nertwin.mockserver.sessions import Sessions


@dataclass
class Worker:
    """A worker's desk and sessions."""

    number: int
    count: int
    given: int = 0
    sessions: Sessions = field(default_factory=lambda: create_app().sessions)

    def owner_of(self, session_id: str) -> int:
        return owner_of(session_id, self.count)


class Workers:
    """Those that share a port, and how often a request was passed on."""

    def __init__(self, count: int) -> None:
        self.all = [Worker(number, count) for number in range(count)]
        self.passed = 0

    def make(self, at: int, wanted: str | None = None) -> tuple[str, int]:
        """The id of a new session and who has made it, for a request that comes to ``at``."""
        note: Mapping[str, Any] = {}
        while True:
            moved: list[Any] = []
            worker, rounds = self._rounds(at, note, moved)
            try:
                session_id = settle(rounds, wanted, {}, worker.sessions)
            except PassedOn:
                at, _, note = moved.pop()
                self.passed += 1
            else:
                worker.sessions.find(session_id)
                return session_id, worker.number

    def show(self, at: int) -> list[Any]:
        """What a request for all sessions that comes to ``at`` is answered with."""
        note: Mapping[str, Any] = {}
        while True:
            moved: list[Any] = []
            worker, rounds = self._rounds(at, note, moved)
            own: list[Any] = [{"id": each.id, "used": each.used} for each in worker.sessions]
            try:
                return asyncio.run(collect(rounds, own, a_request()))
            except PassedOn:
                at, _, note = moved.pop()

    def _rounds(self, at: int, note: Mapping[str, Any], moved: list[Any]) -> tuple[Worker, Rounds]:
        worker = self.all[at]

        def leave(*where: Any) -> None:
            moved.append(where)

        return worker, Rounds(desk=cast("Desk", worker), note=note, leave=leave)


def a_request() -> Request:
    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    return Request({"type": "http", "headers": []}, receive)


@given(count=st.integers(1, 5), steps=st.lists(st.tuples(st.integers(0, 4), st.booleans())))
def test_free_ids_are_those_of_a_single_server(count: int, steps: list[tuple[int, bool]]) -> None:
    workers, single = Workers(count), create_app().sessions
    made, expected, strays = [], [], []

    for at, is_removed in steps:
        session_id, number = workers.make(at % count)
        made.append(session_id)
        strays += [session_id] if number != owner_of(session_id, count) else []
        expected.append(single.find(single.free_id()).id)
        if is_removed:
            workers.all[number].sessions.remove(session_id)
            single.remove(expected[-1])

    assert (made, strays) == (expected, [])


@given(count=st.integers(1, 5), at=st.integers(0, 4))
def test_session_is_made_by_its_owner(count: int, at: int) -> None:
    workers = Workers(count)

    assert workers.make(at % count, "mine") == ("mine", owner_of("mine", count))
    assert workers.passed <= 1


@pytest.mark.parametrize("count", [2, 3, 4])
def test_new_process_catches_up_with_the_ids_that_were_given(count: int) -> None:
    workers = Workers(count)
    before = {workers.make(0)[0] for _ in range(100)}
    kept = {id_ for id_ in before if owner_of(id_, count) != 0}
    for worker in workers.all[1:]:
        for session in worker.sessions:
            worker.sessions.remove(session.id)
    workers.all[0] = Worker(0, count)
    workers.passed = 0

    after = {workers.make(0)[0] for _ in range(10)}

    assert not kept & after
    assert workers.passed < 60


@given(st.data())
def test_all_sessions_are_listed_once_the_idlest_first(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 5))
    names = data.draw(st.lists(st.sampled_from("abcdefgh"), unique=True))
    workers = Workers(count)
    for time, name in enumerate(names):
        workers.all[owner_of(name, count)].sessions.find(name).used = time

    listed = workers.show(data.draw(st.integers(0, count - 1)))

    assert [each["id"] for each in listed] == names
