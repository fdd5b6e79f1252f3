"""What the journal says of calls, told in the words of tests."""

import json
from typing import Any

import pytest

from nertwin.contract_tests.calls import (
    WantedCall,
    account,
    describe,
    difference,
    inputs_of,
    unexpected,
)


def an_exchange(inputs: Any = "Ada", **changes: Any) -> dict[str, Any]:
    """A call as the control API tells it."""
    return {
        "number": 1,
        "time": 0.0,
        "method": "POST",
        "path": "/models/acme/ner",
        "model": "acme/ner",
        "request": {"headers": [], "body": json.dumps({"inputs": inputs})},
        "status": 200,
        "response": {"headers": [], "body": "[]"},
        "gate": "rule",
        "why": "",
        "repeats": 0,
        **changes,
    }


def test_any_call_will_do_where_nothing_is_wanted() -> None:
    assert difference([an_exchange()], WantedCall(), None) == ""


def test_no_call_is_a_difference() -> None:
    told = difference([], WantedCall(), None)

    assert told == "wanted at least 1 call; found none.\n  nothing came near."


def test_look_up_is_no_call() -> None:
    look_up = an_exchange(method="GET", model="", path="/api/models/acme/ner")

    assert difference([look_up], WantedCall(), 0) == ""


def test_repeats_that_are_not_kept_count() -> None:
    assert difference([an_exchange(repeats=4)], WantedCall(), 5) == ""


def test_count_is_unknown_once_exchanges_are_gone() -> None:
    told = difference([an_exchange(number=8)], WantedCall(), 1)

    assert "No longer kept: the first 7 exchanges, so the rest is unknown." in told


def test_call_that_is_kept_is_enough_though_others_are_gone() -> None:
    assert difference([an_exchange(number=8)], WantedCall(), None) == ""


def test_nearest_call_stands_first_and_of_equals_the_latest() -> None:
    wanted = WantedCall(inputs="Ada", status=200)
    journal = [
        an_exchange("Bob", number=1, status=503),
        an_exchange("Bob", number=2),
        an_exchange("Eve", number=3),
    ]

    _, *near = difference(journal, wanted, 1).splitlines()

    assert [line.split()[1] for line in near] == ["#3", "#2", "#1"]
    assert near[2].endswith("status is 503, wanted 200; inputs is 'Bob', wanted 'Ada'")


@pytest.mark.parametrize(
    ("body", "inputs"),
    [
        ('{"inputs": ["Ada", "Bob"]}', ["Ada", "Bob"]),
        ('"Ada"', '"Ada"'),
        ("Ada", "Ada"),
        ('{"text": 1}', '{"text": 1}'),
    ],
)
def test_body_without_inputs_stands_for_itself(body: str, inputs: object) -> None:
    assert inputs_of(an_exchange(request={"headers": [], "body": body})) == inputs


def test_batch_may_be_wanted_as_a_tuple() -> None:
    assert WantedCall(inputs=("Ada", "Bob")).misses(an_exchange(["Ada", "Bob"])) == []


def test_what_is_not_there_is_unexpected() -> None:
    missing = an_exchange(status=404, gate="route", why="there is no such path")

    assert unexpected([missing, an_exchange()]) == [
        "#1 POST /models/acme/ner 'Ada' -> 404 (route: there is no such path)"
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"status": 404, "gate": "fault"},
        {"status": 404, "gate": "route", "method": "GET", "path": "/api/agent-harnesses?x=1"},
        {"status": 503, "gate": "availability"},
        {"status": 500, "gate": "fault"},
    ],
)
def test_what_was_planned_is_expected(changes: dict[str, Any]) -> None:
    assert unexpected([an_exchange(**changes)]) == []


def test_failure_of_nertwin_itself_is_told_as_such() -> None:
    headers = [["x-nertwin-error", "internal"]]

    (told,) = unexpected([an_exchange(status=500, response={"headers": headers, "body": ""})])

    assert told.endswith("nertwin itself failed; please report it")


def test_line_tells_how_often() -> None:
    assert describe(an_exchange(repeats=2)).endswith("-> 200, 3 times")


def test_account_of_a_long_journal_has_its_end() -> None:
    journal = [an_exchange(number=number) for number in range(1, 61)]

    first, *lines = account(journal, ()).splitlines()

    assert first == "10 earlier exchanges"
    assert "#11 " in lines[0]
    assert "#60 " in lines[-1]


def test_account_has_what_clients_do_wrong() -> None:
    finding: dict[str, Any] = {"id": "auth.no-bearer", "message": "say Bearer", "count": 2}

    assert account([], [finding]) == "no request came\nfinding auth.no-bearer: say Bearer (2×)"
