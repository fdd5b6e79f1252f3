import math
import statistics
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nertwin.mockserver.faultprofiles import UnknownFaultProfile, fault_profile, fault_profiles
from nertwin.mockserver.faults import EVOLUTIONS, KINDS, LONGEST_DELAY, BadFault, Fault
from nertwin.mockserver.tables import BadTable, read_table


def hits(fault: Fault, calls: int = 12) -> list[int]:
    return [number for number in range(1, calls + 1) if fault.falls_on(number)]


def needed(kind: Any) -> dict[str, Any]:
    return {"clause": "span.slice-is-word"} if kind == "violate" else {}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_stands_in_a_table(kind: str) -> None:
    fault = read_table(Fault, {"kind": kind, **needed(kind)}, where="faults")

    assert fault == Fault(kind=kind, **needed(kind))  # type: ignore[arg-type]


def test_list_of_a_table_becomes_a_tuple() -> None:
    fault = read_table(Fault, {"kind": "evolve", "evolve": ["key-order"]}, where="faults")

    assert fault.evolve == ("key-order",)


def test_misspelt_key_of_a_table_is_guessed() -> None:
    with pytest.raises(BadTable, match="Did you mean 'probability'"):
        read_table(Fault, {"kind": "429", "probabilty": 0.5}, where="faults")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        pytest.param({"kind": "42"}, "Did you mean '429'", id="kind"),
        pytest.param({"kind": 429}, "kind is 429; it must be one of '400'", id="number"),
        pytest.param({"kind": "429", "times": -1}, "times is -1; it must be from 0", id="times"),
        pytest.param({"kind": "429", "every": 0}, "every is 0; it must be from 1", id="every"),
        pytest.param({"kind": "429", "after": 1.5}, "after is 1.5; it must be a whole", id="after"),
        pytest.param({"kind": "429", "probability": 0.0}, "above 0 and at most 1", id="never"),
        pytest.param({"kind": "429", "probability": math.nan}, "above 0", id="nan"),
        pytest.param(
            {"kind": "429", "probability": 0.5, "every": 2}, "by one of them", id="two choices"
        ),
        pytest.param({"kind": "latency", "seconds": -1}, "seconds is -1", id="negative"),
        pytest.param({"kind": "latency", "seconds": math.inf}, "finite", id="endless"),
        pytest.param({"kind": "latency", "seconds": 3601}, "at most 3600", id="too long"),
        pytest.param({"kind": "latency", "sigma": 11}, "at most 10", id="sigma"),
        pytest.param({"kind": "reset", "seconds": 2}, "only latency, dribble use it", id="unread"),
        pytest.param({"kind": "429", "clause": "a.b"}, "only violate uses it", id="clause"),
        pytest.param({"kind": "503-html", "message": "x"}, "message is 'x', but", id="page"),
        pytest.param({"kind": "429", "estimated_time": 1}, "only 503, ok-error", id="estimate"),
        pytest.param({"kind": "503", "estimated_time": math.nan}, "finite", id="nan estimate"),
        pytest.param({"kind": "503", "retry_after": 1.5}, "a whole number", id="retry"),
        pytest.param({"kind": "truncated", "length": "shorter"}, "longer, true", id="cut length"),
        pytest.param({"kind": "wrong-length", "length": "true"}, "longer, shorter", id="length"),
        pytest.param(
            {"kind": "redirect", "location": "/a\r\nx: y"}, "printable ASCII", id="new header"
        ),
        pytest.param({"kind": "violate"}, "no clause; name one", id="no clause"),
        pytest.param({"kind": "evolve", "evolve": ()}, "at least one of extra-fields", id="none"),
        pytest.param({"kind": "evolve", "evolve": ("key-ordr",)}, "'key-order'", id="evolution"),
        pytest.param({"kind": "evolve", "evolve": "key-order"}, "a list of strings", id="string"),
    ],
)
def test_contradiction_is_refused_in_words(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(BadFault, match=words):
        Fault(**fields)


def test_fault_without_more_falls_on_every_call() -> None:
    assert hits(Fault(kind="429"), 4) == [1, 2, 3, 4]


def test_every_and_after_count_calls() -> None:
    assert hits(Fault(kind="429", every=3)) == [3, 6, 9, 12]
    assert hits(Fault(kind="429", after=2, every=3)) == [5, 8, 11]


@given(st.integers(), st.floats(min_value=0.01, max_value=0.99))
def test_probability_falls_on_the_same_calls_each_time(seed: int, probability: float) -> None:
    one, other = (Fault(kind="429", seed=seed, probability=probability) for _ in range(2))

    assert hits(one, 50) == hits(other, 50)


@pytest.mark.parametrize("probability", [0.05, 0.3, 0.9])
def test_probability_is_kept_in_the_long_run(probability: float) -> None:
    share = len(hits(Fault(kind="429", probability=probability, seed=5), 10_000)) / 10_000

    assert share == pytest.approx(probability, abs=0.02)


def test_faults_of_one_seed_fall_on_calls_of_their_own() -> None:
    limited = hits(Fault(kind="429", probability=0.2, seed=1), 200)
    broken = hits(Fault(kind="reset", probability=0.2, seed=1), 200)

    assert limited != broken


def test_delays_are_lognormal_around_their_median() -> None:
    fault = Fault(kind="latency", seconds=2.0, sigma=0.5, seed=3)

    logs = [math.log(fault.delay(number)) for number in range(2000)]

    assert math.exp(statistics.median(logs)) == pytest.approx(2.0, rel=0.05)
    assert statistics.stdev(logs) == pytest.approx(0.5, rel=0.05)


@given(st.integers(), st.integers(min_value=0), st.floats(0, LONGEST_DELAY), st.floats(0, 10))
def test_no_delay_is_longer_than_the_longest(
    seed: int, number: int, seconds: float, sigma: float
) -> None:
    fault = Fault(kind="latency", seconds=seconds, sigma=sigma, seed=seed)

    assert 0 <= fault.delay(number) <= LONGEST_DELAY


@pytest.mark.parametrize("name", fault_profiles())
def test_every_fault_profile_has_faults_and_says_what_it_is(name: str) -> None:
    assert fault_profile(name)
    assert fault_profiles()[name].endswith(".")


def test_hard_days_of_the_issue_are_there() -> None:
    assert {"flaky", "rush-hour", "cold-morning", "broken-front"} <= set(fault_profiles())


def test_misspelt_fault_profile_is_guessed() -> None:
    with pytest.raises(UnknownFaultProfile, match="Did you mean 'flaky'"):
        fault_profile("flakey")


def test_evolve_means_everything_unless_it_says_less() -> None:
    assert Fault(kind="evolve").evolve == EVOLUTIONS
