import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nertwin.mockserver.findings import Finding
from nertwin.mockserver.retries import RetryWatch, likeness


def see(watch: RetryWatch, now: float = 0.0, **given: Any) -> Finding | None:
    call: dict[str, Any] = {"model": "acme/ner", "body": 1, "status": 503}
    return watch.see(now=now, **{**call, **given})


def see_times(watch: RetryWatch, times: int, *, every: float = 0.0, **given: Any) -> list[Finding]:
    seen = [see(watch, number * every, **given) for number in range(times)]
    return [finding for finding in seen if finding is not None]


def test_hot_loop_is_a_finding_that_says_how_hot_it_was() -> None:
    (finding,) = see_times(RetryWatch(), 11, every=0.01, asked="estimated_time 20 s")

    assert (finding.id, finding.place) == ("retry.hot-loop", "model acme/ner")
    assert finding.message == (
        "11 equal calls were refused with 503 in 0.1 s of the session's clock; each answer asked"
        " for estimated_time 20 s. Wait before each retry, longer each time, and give up after a"
        " few."
    )


def test_ten_calls_are_no_hot_loop() -> None:
    assert see_times(RetryWatch(), 10) == []


def test_hot_loop_on_a_clock_that_stands_still_is_found() -> None:
    (finding,) = see_times(RetryWatch(), 11)

    assert "at the same instant" in finding.message


def test_calls_that_wait_are_no_hot_loop() -> None:
    assert see_times(RetryWatch(seconds=1), 1000, every=0.101) == []


def test_loop_that_becomes_hot_late_is_found() -> None:
    watch = RetryWatch()
    see_times(watch, 100, every=1)

    seen = [see(watch, 200) for _ in range(11)]

    assert [finding is not None for finding in seen] == [False] * 10 + [True]


def test_endless_loop_is_reported_each_time_it_has_doubled() -> None:
    findings = see_times(RetryWatch(), 100_000, every=0.0005)

    assert [finding.message.split()[0] for finding in findings[:4]] == ["11", "22", "44", "88"]
    assert len(findings) == 14


@pytest.mark.parametrize(
    "other", [{"status": 200}, {"status": 429}], ids=["an answer", "another refusal"]
)
def test_loop_is_broken_by(other: dict[str, Any]) -> None:
    watch = RetryWatch()

    see_times(watch, 10)
    see(watch, **other)

    assert see_times(watch, 10) == []


@pytest.mark.parametrize("other", [{"body": 2}, {"model": "acme/pos"}], ids=str)
def test_loops_side_by_side_are_both_found(other: dict[str, Any]) -> None:
    watch = RetryWatch()

    pairs = [(see(watch), see(watch, **other)) for _ in range(11)]

    assert None not in pairs[-1]


def test_answered_calls_are_no_loop() -> None:
    assert see_times(RetryWatch(), 1000, status=200) == []


def test_cleared_watch_begins_anew() -> None:
    watch = RetryWatch()
    see_times(watch, 10)

    watch.clear()

    assert see_times(watch, 10) == []


def test_memory_does_not_grow_with_the_calls() -> None:
    watch = RetryWatch()
    see_times(watch, 100)
    tracemalloc.start()

    for number in range(10_000):
        see(watch, body=number)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert held < 100_000


@given(st.lists(st.floats(0, 0.5), min_size=11, max_size=40), st.integers(2, 10))
def test_more_than_that_many_within_the_time_is_found(steps: list[float], most: int) -> None:
    times = [sum(steps[:place]) for place in range(len(steps))]
    is_hot = any(times[place] - times[place - most] <= 1 for place in range(most, len(times)))

    watch = RetryWatch(most=most, seconds=1)
    seen = [see(watch, now) for now in times]

    assert any(seen) == is_hot


def test_likeness_of_a_body_is_the_same_in_every_process() -> None:
    assert likeness(b"hello") == 0x3610A686
