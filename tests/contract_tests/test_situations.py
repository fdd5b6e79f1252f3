"""Situations: each line that is suggested shows what it is said to show."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.client import HTTPException
from itertools import count
from typing import Any

import pytest
from support.manners import JSON_TYPE, Caller
from support.told import told

from nertwin.contract_tests.manners.seen import a_visit
from nertwin.contract_tests.marking import read_setup
from nertwin.contract_tests.situations import SITUATIONS, Situation, possible_in, seen_in
from nertwin.contract_tests.twin import Twin
from nertwin.mockserver import Control, Settings, running_server

CASES = [
    pytest.param(situation, profile, id=f"{situation.id}-{profile}")
    for situation in SITUATIONS
    for profile in situation.profiles
]
_NUMBERS = count(1)


@pytest.fixture(scope="module")
def control() -> Iterator[Control]:
    with running_server(Settings(port=0, clock="frozen")) as server, Control(server.url) as control:
        yield control


@pytest.fixture
def make_twin(control: Control) -> Callable[[str], Twin]:
    return lambda profile: Twin(
        control, f"situation-{next(_NUMBERS)}", read_setup({"profile": profile})
    )


def call_of(twin: Twin) -> Callable[..., None]:
    """Code under test: it sends what it is given and survives whatever comes."""

    def call(
        inputs: Any = "Ada Lovelace", model: str = "", wait_for_model: bool = False, **given: Any
    ) -> None:
        body = {"inputs": inputs, **({"parameters": given} if given else {})}
        headers = {**JSON_TYPE, **({"x-wait-for-model": "true"} if wait_for_model else {})}
        url = twin.model_url(model or None)
        with suppress(OSError, HTTPException):
            Caller(twin).send("POST", url, headers, json.dumps(body).encode())

    return call


@pytest.mark.parametrize(("situation", "profile"), CASES)
def test_suggested_line_shows_the_situation(
    make_twin: Callable[[str], Twin], situation: Situation, profile: str
) -> None:
    nertwin = make_twin(profile)
    call = call_of(nertwin)

    exec(situation.line, {"nertwin": nertwin, "call": call})  # noqa: S102  # Lines of ours.
    if "call(" not in situation.line:
        call()
        call()

    assert situation.id in seen_in(nertwin.visits()[0])


def test_nothing_is_shown_by_nothing() -> None:
    assert seen_in(a_visit([])) == []


def test_plain_call_shows_little(make_twin: Callable[[str], Twin]) -> None:
    nertwin = make_twin("classic")

    call_of(nertwin)("Ada Lovelace")

    assert seen_in(nertwin.visits()[0]) == ["status.200", "strategy.simple", "answer.one"]


def test_ids_are_unique() -> None:
    assert len({each.id for each in SITUATIONS}) == len(SITUATIONS)


def test_what_only_one_profile_has_is_not_possible_in_others() -> None:
    router = {each.id for each in possible_in(["router"])}

    assert "life.cache-hit" not in router
    assert "life.cache-hit" in {each.id for each in possible_in(["router", "classic"])}


@pytest.mark.parametrize(
    ("text", "spans", "expected"),
    [
        ("Ada Bob", [(0, 3), (4, 7)], True),
        ("AdaBob", [(3, 6), (0, 3)], True),
        ("Ada, Bob", [(0, 3), (5, 8)], False),
        ("Ada-Bob", [(0, 3), (4, 7)], False),
    ],
)
def test_entities_are_adjacent_with_a_blank_between(
    text: str, spans: list[tuple[int, int]], expected: bool
) -> None:
    answer = [{"start": start, "end": end} for start, end in spans]

    found = seen_in(a_visit([told(body={"inputs": text}, answer=answer)]))

    assert ("answer.adjacent" in found) is expected


@pytest.mark.parametrize(
    ("text", "span", "expected"),
    [
        ("Adabot", (0, 3), True),
        ("UnAda", (2, 5), True),
        ("Ada bot", (0, 3), False),
        ("an Ada", (3, 6), False),
        ("Ada", (0, 3), False),
    ],
)
def test_entity_ends_within_a_word(text: str, span: tuple[int, int], expected: bool) -> None:
    answer = [{"start": span[0], "end": span[1]}]

    found = seen_in(a_visit([told(body={"inputs": text}, answer=answer)]))

    assert ("answer.sub-word" in found) is expected


@pytest.mark.parametrize(
    ("text", "span", "expected"),
    [("😀 Ada", (2, 5), True), ("Ada 😀", (0, 3), False), ("é Ada", (2, 5), False)],
)
def test_entity_behind_an_astral_character(
    text: str, span: tuple[int, int], expected: bool
) -> None:
    answer = [{"start": span[0], "end": span[1]}]

    found = seen_in(a_visit([told(body={"inputs": text}, answer=answer)]))

    assert ("answer.astral" in found) is expected
