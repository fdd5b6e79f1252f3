import asyncio
import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nertwin.mockserver.clock import (
    BadClock,
    Clock,
    ManualClock,
    RealClock,
    ScaledClock,
    parse_clock,
)

SECONDS = st.floats(min_value=0, max_value=1e9)
NO_SECONDS = [-1, -0.001, math.nan, math.inf, -math.inf, True, "1", None, 10**400]


class Machine:
    """Time and sleep of a machine that never really sleeps."""

    def __init__(self, time: float = 1000.0) -> None:
        self.time = time
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds


def time_after(clock: ManualClock, seconds: float) -> float:
    clock.advance(seconds)
    return clock.now


def a_real_clock(machine: Machine) -> RealClock:
    return RealClock(monotonic=machine.monotonic, sleep=machine.sleep)


def test_real_clock_begins_at_zero() -> None:
    assert a_real_clock(Machine(time=5000)).now == 0


def test_real_clock_follows_the_machine() -> None:
    machine = Machine()
    clock = a_real_clock(machine)

    machine.time += 2.5

    assert clock.now == 2.5


def test_real_clock_sleeps_as_long_as_it_waits() -> None:
    machine = Machine()
    clock = a_real_clock(machine)

    asyncio.run(clock.wait(3))

    assert machine.slept == [3]
    assert clock.now == 3


def test_real_clock_of_this_machine_goes_forward() -> None:
    clock = RealClock()

    asyncio.run(clock.wait(0))

    assert clock.now >= 0


def test_manual_clock_stands_still() -> None:
    clock = ManualClock()

    assert clock.now == clock.now == 0


def test_manual_clock_is_advanced() -> None:
    clock = ManualClock()

    clock.advance(1.5)
    clock.advance(2)

    assert clock.now == 3.5


def test_waiting_advances_a_manual_clock_at_once() -> None:
    clock = ManualClock()

    asyncio.run(clock.wait(86_400))

    assert clock.now == 86_400


@pytest.mark.parametrize("seconds", NO_SECONDS)
def test_manual_clock_refuses_what_is_no_time_and_stays(seconds: float) -> None:
    clock = ManualClock(7)

    with pytest.raises(BadClock, match=r"advance is .* must be"):
        clock.advance(seconds)

    assert clock.now == 7


def test_manual_clock_never_reaches_infinity() -> None:
    clock = ManualClock(1.7e308)

    with pytest.raises(BadClock, match="finite"):
        clock.advance(1.7e308)

    assert clock.now == 1.7e308


@pytest.mark.parametrize("clock", [RealClock(), ManualClock(), ScaledClock(2)], ids=repr)
@pytest.mark.parametrize("seconds", NO_SECONDS)
def test_no_clock_waits_for_what_is_no_time(clock: Clock, seconds: float) -> None:
    with pytest.raises(BadClock):
        asyncio.run(clock.wait(seconds))


@given(st.lists(SECONDS))
def test_manual_clock_never_goes_back(steps: list[float]) -> None:
    clock = ManualClock()

    times = [time_after(clock, step) for step in steps]

    assert times == sorted(times)


def test_scaled_clock_runs_faster_than_its_base() -> None:
    machine = Machine()
    clock = ScaledClock(100, base=a_real_clock(machine))

    machine.time += 0.5

    assert clock.now == 50


def test_scaled_clock_sleeps_less() -> None:
    machine = Machine()
    clock = ScaledClock(100, base=a_real_clock(machine))

    asyncio.run(clock.wait(20))

    assert machine.slept == [0.2]


@given(st.floats(min_value=0.01, max_value=1e6), SECONDS)
def test_scaled_clock_shows_what_it_has_waited(factor: float, seconds: float) -> None:
    clock = ScaledClock(factor, base=ManualClock())

    asyncio.run(clock.wait(seconds))

    assert math.isclose(clock.now, seconds, rel_tol=1e-12, abs_tol=1e-300)


@pytest.mark.parametrize("factor", [0, -1, math.nan, math.inf, 1e7])
def test_scaled_clock_refuses_a_factor_that_is_none(factor: float) -> None:
    with pytest.raises(BadClock, match="must be above 0 and at most 1000000"):
        ScaledClock(factor)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("real", "RealClock()"),
        ("frozen", "ManualClock(0.0)"),
        ("scaled:100", "ScaledClock(100.0)"),
        (" Scaled:0.5 ", "ScaledClock(0.5)"),
    ],
)
def test_clock_is_made_from_the_text_of_a_setting(text: str, shown: str) -> None:
    assert repr(parse_clock(text)) == shown


@pytest.mark.parametrize(
    "text", ["", "wall", "real:", "real:2", "frozen:1", "scaled", "scaled:", "scaled:fast"]
)
def test_text_of_no_clock_is_refused_with_the_three_forms(text: str) -> None:
    with pytest.raises(BadClock, match="write real, frozen or scaled:FACTOR"):
        parse_clock(text)


def test_misspelt_clock_is_guessed() -> None:
    with pytest.raises(BadClock, match="Did you mean 'frozen'"):
        parse_clock("forzen")


def test_impossible_factor_is_named() -> None:
    with pytest.raises(BadClock, match=r"factor is -1\.0"):
        parse_clock("scaled:-1")


@example("scaled:nan")
@given(st.text(max_size=20) | st.text(max_size=9).map("scaled:".__add__))
def test_any_text_is_a_clock_or_refused(text: str) -> None:
    try:
        clock: object = parse_clock(text)
    except BadClock as error:
        clock = error

    assert isinstance(clock, (RealClock, ManualClock, ScaledClock, BadClock))
