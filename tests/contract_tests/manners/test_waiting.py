"""Waiting: by whichever clock shows it, and never where nobody can tell."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.told import told

from nertwin.contract_tests.manners.grade import grade
from nertwin.contract_tests.manners.seen import a_visit

TIMED = (
    "client.waits-before-retry",
    "client.waits-estimated-time",
    "client.honours-retry-after",
    "client.no-hot-loop",
)


def standing(clause: str, *journal: dict[str, Any], **how: Any) -> str:
    (mark,) = grade(a_visit(journal, **how), select=[clause]).marks
    return mark.standing


@pytest.mark.parametrize(
    ("clock", "is_driven", "expected"),
    [
        ("real", False, "broken"),
        ("scaled:100", False, "broken"),
        ("frozen", True, "broken"),
        ("frozen", False, "unclear"),
    ],
)
def test_no_wait_is_told_where_a_clock_would_show_one(
    clock: str, is_driven: bool, expected: str
) -> None:
    journal = told(1, 503, at=0), told(2, at=0)

    found = standing("client.waits-estimated-time", *journal, clock=clock, is_driven=is_driven)

    assert found == expected


@pytest.mark.parametrize(
    "later", [{"at": 10, "real_time": 0}, {"at": 0, "real_time": 10}], ids=["session", "machine"]
)
@pytest.mark.parametrize("clock", ["real", "frozen"])
def test_wait_counts_by_either_clock(clock: str, later: dict[str, Any]) -> None:
    journal = told(1, 503, at=0), told(2, **later)

    assert standing("client.waits-estimated-time", *journal, clock=clock) == "kept"


def test_wait_begins_with_the_end_of_the_answer() -> None:
    journal = told(1, 503, at=0, seconds=5.0, real_seconds=5.0), told(2, at=10)

    assert standing("client.waits-estimated-time", *journal) == "broken"


def test_timer_that_is_a_little_early_is_forgiven() -> None:
    journal = told(1, 503, at=0), told(2, at=9.2)

    assert standing("client.waits-estimated-time", *journal) == "kept"


@pytest.mark.parametrize(
    ("retry_after", "date", "at", "expected"),
    [
        ("5", "", 5, "kept"),
        ("5", "", 4, "broken"),
        ("Mon, 01 Jan 2024 00:00:30 GMT", "Mon, 01 Jan 2024 00:00:00 GMT", 30, "kept"),
        ("Mon, 01 Jan 2024 00:00:30 GMT", "Mon, 01 Jan 2024 00:00:00 GMT", 20, "broken"),
        ("Mon, 01 Jan 2024 00:00:30 GMT", "", 0, "unclear"),
        ("soon", "Mon, 01 Jan 2024 00:00:00 GMT", 0, "unclear"),
    ],
)
def test_retry_after_is_seconds_or_a_date(
    retry_after: str, date: str, at: float, expected: str
) -> None:
    headers = {"Retry-After": retry_after, **({"Date": date} if date else {})}
    journal = told(1, 429, at=0, answer={}, answer_headers=headers), told(2, at=at)

    assert standing("client.honours-retry-after", *journal) == expected


def test_call_that_was_given_up_tries_no_wait() -> None:
    assert standing("client.honours-retry-after", told(1, 503)) == "untried"


def test_calls_side_by_side_are_no_retries_of_each_other() -> None:
    journal = [told(number, 500, at=0, real_seconds=1.0) for number in range(1, 20)]

    assert standing("client.waits-before-retry", *journal) == "untried"
    assert standing("client.no-hot-loop", *journal) == "untried"
    assert standing("client.gives-up", *journal) == "untried"


def test_retry_is_counted_to_the_call_that_was_answered_first() -> None:
    first, second = told(1, 500, at=0, real_seconds=1.0), told(2, 500, at=0.5, real_seconds=4.0)

    found = standing("client.waits-before-retry", first, second, told(3, at=4.5))

    assert found == "kept"


def test_call_of_another_text_is_no_retry() -> None:
    journal = told(1, 500, at=0), told(2, at=0, body={"inputs": "Bob"})

    assert standing("client.waits-before-retry", *journal) == "untried"


def test_call_after_a_break_is_no_retry() -> None:
    journal = told(1, 400, at=0), told(2, 400, at=0)

    assert standing("client.keeps-refusals", *journal) == "broken"
    assert standing("client.keeps-refusals", *journal, breaks=(1,)) == "kept"


def test_pauses_within_folded_calls_count() -> None:
    slow = told(1, 500, at=0, repeats=29, last_at=300, last_real_time=300)
    fast = told(1, 500, at=0, repeats=29, last_at=0.1, last_real_time=0.1)

    assert standing("client.no-hot-loop", slow) == "kept"
    assert standing("client.no-hot-loop", fast) == "broken"


calls: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "status": st.sampled_from([200, 400, 429, 500, 503]),
        "pause": st.floats(0, 30),
        "headers": st.sampled_from([{}, {"retry-after": "2"}]),
    }
)


@given(st.lists(calls, max_size=15))
def test_nobody_is_accused_of_haste_on_a_clock_that_stands_still(
    drawn: list[dict[str, Any]],
) -> None:
    journal = [
        told(number, each["status"], at=0, answer_headers=each["headers"])
        for number, each in enumerate(drawn, 1)
    ]

    found = grade(a_visit(journal, clock="frozen"), select=TIMED)

    assert found.of("broken") == ()


@given(st.lists(calls, max_size=15), st.sampled_from(["real", "frozen"]))
def test_client_that_waits_long_enough_is_accused_of_no_haste(
    drawn: list[dict[str, Any]], clock: str
) -> None:
    times = [sum(20 + each["pause"] for each in drawn[:place]) for place in range(len(drawn))]
    journal = [
        told(number, each["status"], at=at, answer_headers=each["headers"])
        for number, (each, at) in enumerate(zip(drawn, times, strict=True), 1)
    ]

    found = grade(a_visit(journal, clock=clock), select=TIMED)

    assert (found.of("broken"), found.of("unclear")) == ((), ())
