import asyncio
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nertwin.mockserver.availability import (
    Decision,
    Failed,
    Hold,
    Loading,
    NotLoaded,
    Serve,
    SessionGone,
    TimedOut,
    TooBig,
    decide,
    foresee_settling,
    look,
    settle,
)
from nertwin.mockserver.bell import Bell
from nertwin.mockserver.clock import ManualClock
from nertwin.mockserver.life import Life
from nertwin.mockserver.modelstate import ModelState, NeverLoads

SECONDS = st.floats(min_value=0, max_value=1e9)


def a_state(clock: ManualClock | None = None, *, starts: Any = "cold", **life: Any) -> ModelState:
    return ModelState(Life(starts=starts, **life), clock or ManualClock())


def decide_often(state: ModelState, times: int) -> list[Decision]:
    return [decide(state) for _ in range(times)]


def settle_together(state: ModelState, clock: ManualClock, *limits: float) -> list[Any]:
    async def all_of_them() -> list[Any]:
        calls = [settle(state, clock, wait=True, longest=limit) for limit in limits]
        return list(await asyncio.gather(*calls))

    return asyncio.run(all_of_them())


@pytest.mark.parametrize(
    ("refused", "words"),
    [
        (Loading(7.5), "it is loading, and 7.5 s are announced"),
        (NotLoaded(), "it is not loaded, and the call forbids to load it (x-load-model: 0)"),
        (TooBig("21GB", "10GB"), "it is too big (21GB > 10GB)"),
        (Failed("unknown error"), "it has failed to load: unknown error"),
        (TimedOut(120.0), "the call has waited for 120 s, and may for no longer"),
        (SessionGone(), "its session was removed while the call waited"),
    ],
    ids=repr,
)
def test_journal_is_told_in_words_why_a_model_is_not_there(refused: Any, words: str) -> None:
    assert str(refused) == words


def test_model_is_ready_by_default() -> None:
    state = ModelState(Life(), ManualClock())

    assert decide(state) == Serve()
    assert state.status == "Loaded"


def test_first_call_on_a_cold_model_starts_the_load() -> None:
    state = a_state(after_seconds=20)

    decision = decide(state)

    assert decision == Loading(20.0)
    assert state.stage == "loading"


def test_model_that_warms_up_immediately_refuses_one_call() -> None:
    decisions = decide_often(a_state(), 3)

    assert decisions == [Loading(20.0), Serve(), Serve()]


@given(st.integers(min_value=1, max_value=50))
def test_after_calls_refuses_exactly_as_many(calls: int) -> None:
    decisions = decide_often(a_state(after_calls=calls), calls + 3)

    assert decisions == [Loading(20.0)] * calls + [Serve()] * 3


def test_look_at_what_a_call_would_get_does_not_count() -> None:
    state = a_state(after_calls=2)

    looks = [look(state) for _ in range(5)]

    assert looks == [Loading(20.0)] * 5
    assert state.stage == "cold"
    assert decide_often(state, 3) == [Loading(20.0), Loading(20.0), Serve()]


@pytest.mark.parametrize("limit", [0.0, 29.0, 30.0, 31.0])
@pytest.mark.parametrize("life", [{"after_seconds": 30.0}, {"after_calls": 3}, {}], ids=str)
def test_wait_ends_as_it_was_foreseen(life: dict[str, Any], limit: float) -> None:
    clock = ManualClock()
    state = a_state(clock, **life)

    seconds, decision = foresee_settling(state, wait=True, longest=limit)

    assert settle_together(state, clock, limit) == [decision]
    assert clock.now == seconds


def test_after_calls_takes_no_notice_of_the_clock() -> None:
    clock = ManualClock()
    state = a_state(clock, after_calls=3)
    decide(state)

    clock.advance(86_400)

    assert decide_often(state, 3) == [Loading(20.0), Loading(20.0), Serve()]


def test_after_seconds_takes_no_notice_of_the_number_of_calls() -> None:
    state = a_state(after_seconds=1)

    decisions = decide_often(state, 1000)

    assert decisions == [Loading(20.0)] * 1000


def test_after_seconds_is_over_on_the_clock() -> None:
    clock = ManualClock()
    state = a_state(clock, after_seconds=20)
    decide(state)

    clock.advance(20)

    assert decide(state) == Serve()


def test_load_is_not_over_before_its_time() -> None:
    clock = ManualClock()
    state = a_state(clock, after_seconds=20)
    decide(state)

    clock.advance(19.9)

    assert decide(state) == Loading(20.0)


def test_load_begins_with_the_first_call_and_not_with_the_session() -> None:
    clock = ManualClock()
    state = a_state(clock, after_seconds=20)

    clock.advance(100)

    assert decide(state) == Loading(20.0)


def test_estimated_time_is_constant_by_default() -> None:
    clock = ManualClock()
    state = a_state(clock, after_seconds=60, estimated_time=53.3741569519043)
    decide(state)

    clock.advance(9)

    assert decide(state) == Loading(53.3741569519043)


def test_estimated_time_counts_down_where_asked_to() -> None:
    clock = ManualClock()
    state = a_state(clock, after_seconds=60, estimated_time=50, counts_down=True)
    decide(state)

    clock.advance(12)

    assert decide(state) == Loading(38.0)


def test_estimated_time_never_falls_below_zero() -> None:
    clock = ManualClock()
    state = a_state(clock, after_seconds=60, estimated_time=10, counts_down=True)
    decide(state)

    clock.advance(30)

    assert decide(state) == Loading(0.0)


def test_estimated_time_is_a_float_also_where_a_whole_number_was_given() -> None:
    decision = decide(a_state(estimated_time=5))

    assert repr(decision) == "Loading(estimated_time=5.0)"


def test_waiting_request_is_held_for_the_whole_load() -> None:
    assert decide(a_state(after_seconds=20), wait=True) == Hold(20)


def test_waiting_request_is_held_for_the_rest_of_a_load() -> None:
    clock = ManualClock()
    state = a_state(clock, after_seconds=20)
    decide(state)

    clock.advance(15)

    assert decide(state, wait=True) == Hold(5)


def test_waiting_request_makes_a_model_ready_that_counts_calls() -> None:
    state = a_state(after_calls=5)
    decide(state)

    decision = decide(state, wait=True)

    assert decision == Serve()
    assert decide(state) == Serve()


def test_waiting_request_is_served_at_once_where_warming_up_takes_no_time() -> None:
    assert decide(a_state(), wait=True) == Serve()


def test_cold_model_stays_cold_when_no_load_is_wanted() -> None:
    state = a_state()

    decision = decide(state, load_model=False)

    assert decision == NotLoaded()
    assert state.stage == "cold"


def test_cold_model_stays_cold_for_one_who_waits_and_wants_no_load() -> None:
    state = a_state(after_seconds=20)

    decision = decide(state, wait=True, load_model=False)

    assert decision == NotLoaded()
    assert state.stage == "cold"


def test_request_without_a_load_may_wait_for_one_under_way() -> None:
    state = a_state(after_seconds=20)
    state.load()

    assert decide(state, wait=True, load_model=False) == Hold(20)


def test_request_without_a_load_does_not_count_as_a_call() -> None:
    state = a_state(after_calls=2)
    decide(state)

    decision = decide(state, load_model=False)

    assert decision == NotLoaded()
    assert decide_often(state, 2) == [Loading(20.0), Serve()]


def test_request_without_a_load_is_served_by_a_ready_model() -> None:
    assert decide(a_state(starts="ready"), load_model=False) == Serve()


def test_model_that_is_too_big_says_its_size() -> None:
    state = a_state(starts="too-big", size="70GB", size_limit="10GB")

    assert decide(state, wait=True) == TooBig("70GB", "10GB")


def test_failed_model_says_why() -> None:
    assert decide(a_state(starts="failed", failure="no config")) == Failed("no config")


@pytest.mark.parametrize(
    ("starts", "status"),
    [("ready", "Loaded"), ("cold", "Loadable"), ("too-big", "TooBig"), ("failed", "error")],
)
def test_status_tells_the_state_in_the_words_of_the_api(starts: str, status: str) -> None:
    assert a_state(starts=starts).status == status


def test_loading_model_is_loadable() -> None:
    state = a_state(after_seconds=20)
    decide(state)

    assert state.status == "Loadable"


def test_status_follows_the_clock_without_a_call() -> None:
    clock = ManualClock()
    state = a_state(clock, after_seconds=20)
    decide(state)

    clock.advance(20)

    assert state.status == "Loaded"


def test_asking_for_the_status_loads_nothing() -> None:
    state = a_state()

    _ = state.status

    assert state.stage == "cold"


def test_evicted_model_loads_anew() -> None:
    state = a_state(after_calls=2)
    decide_often(state, 3)

    state.evict()

    assert decide_often(state, 3) == [Loading(20.0), Loading(20.0), Serve()]


def test_eviction_ends_a_load_under_way() -> None:
    clock = ManualClock()
    state = a_state(clock, after_seconds=20)
    decide(state)
    clock.advance(15)

    state.evict()

    assert decide(state, wait=True) == Hold(20)


def test_model_that_starts_ready_can_be_evicted() -> None:
    state = a_state(starts="ready")

    state.evict()

    assert decide_often(state, 2) == [Loading(20.0), Serve()]


def test_load_begins_without_refusing_a_call() -> None:
    state = a_state(after_calls=1)

    state.load()

    assert decide_often(state, 2) == [Loading(20.0), Serve()]


def test_load_of_a_model_that_warms_up_immediately_makes_it_ready() -> None:
    state = a_state()

    state.load()

    assert decide(state) == Serve()


def test_load_under_way_is_not_begun_again() -> None:
    clock = ManualClock()
    state = a_state(clock, after_seconds=20)
    state.load()
    clock.advance(15)

    state.load()

    assert decide(state, wait=True) == Hold(5)


def test_warmed_model_is_ready_at_once() -> None:
    state = a_state(after_seconds=20)

    state.warm()

    assert decide(state) == Serve()


@pytest.mark.parametrize("starts", ["too-big", "failed"])
@pytest.mark.parametrize("change", [ModelState.load, ModelState.warm])
def test_model_that_never_loads_refuses_to(starts: str, change: Any) -> None:
    with pytest.raises(NeverLoads, match=f"the model is {starts} and never loads; give it"):
        change(a_state(starts=starts))


def test_eviction_changes_no_model_that_never_loads() -> None:
    state = a_state(starts="too-big")

    state.evict()

    assert state.stage == "too-big"


def test_waiting_client_is_served_and_the_clock_shows_the_time() -> None:
    clock = ManualClock()

    (decision,) = settle_together(a_state(clock, after_seconds=20), clock, 60)

    assert decision == Serve()
    assert clock.now == 20


def test_waiting_longer_than_the_limit_ends_in_a_time_out() -> None:
    clock = ManualClock()

    (decision,) = settle_together(a_state(clock, after_seconds=20), clock, 5)

    assert decision == TimedOut(5)
    assert clock.now == 5


def test_load_goes_on_for_others_after_a_time_out() -> None:
    clock = ManualClock()
    state = a_state(clock, after_seconds=20)
    settle_together(state, clock, 5)

    assert decide(state, wait=True) == Hold(15)


def test_several_waiting_clients_share_one_load() -> None:
    clock = ManualClock()

    decisions = settle_together(a_state(clock, after_seconds=20), clock, 60, 60, 60)

    assert decisions == [Serve()] * 3
    assert clock.now == 20


def test_client_that_does_not_wait_is_decided_at_once() -> None:
    clock = ManualClock()

    decision = asyncio.run(settle(a_state(clock, after_seconds=20), clock, longest=60))

    assert decision == Loading(20.0)
    assert clock.now == 0


class Intruder(ManualClock):
    """Evicts the model during the first waits."""

    evictions = 3
    state: ModelState

    async def wait(self, seconds: float) -> None:
        await super().wait(seconds)
        if self.evictions:
            self.evictions -= 1
            self.state.evict()


def test_model_evicted_under_a_waiting_client_is_loaded_again() -> None:
    clock = Intruder()
    clock.state = a_state(clock, after_seconds=20)

    (decision,) = settle_together(clock.state, clock, 100)

    assert decision == Serve()
    assert clock.now == 80


def test_evictions_do_not_make_a_client_wait_beyond_the_limit() -> None:
    clock = Intruder()
    clock.state = a_state(clock, after_seconds=20)

    (decision,) = settle_together(clock.state, clock, 50)

    assert decision == TimedOut(50)
    assert clock.now == 50


class Endless(ManualClock):
    """Never goes on."""

    async def wait(self, seconds: float) -> None:  # noqa: ARG002
        await asyncio.Event().wait()


def test_client_that_leaves_while_waiting_leaves_nothing_behind() -> None:
    clock = Endless()
    state = a_state(clock, after_seconds=20)

    async def leave() -> bool:
        call = asyncio.create_task(settle(state, clock, wait=True, longest=60))
        await asyncio.sleep(0)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
        return call.cancelled() and len(asyncio.all_tasks()) == 1

    assert asyncio.run(leave())
    assert decide(state, wait=True) == Hold(20)


@example(1e17, 10, 0.01)
@given(st.floats(min_value=0, max_value=1e18), SECONDS, SECONDS)
def test_every_wait_ends(now: float, load: float, longest: float) -> None:
    clock = ManualClock(now)
    state = a_state(clock, after_seconds=load)

    (decision,) = settle_together(state, clock, longest)

    assert isinstance(decision, (Serve, TimedOut))


@given(st.floats(min_value=0, max_value=1e9), st.floats(min_value=0, max_value=1e6))
def test_load_is_over_when_its_time_has_gone_by(now: float, load: float) -> None:
    clock = ManualClock(now)
    state = a_state(clock, after_seconds=load)
    state.load()

    clock.advance(load)

    assert decide(state) == Serve()


def test_rounding_does_not_refuse_one_who_has_waited_as_told() -> None:
    clock = ManualClock()
    state = a_state(clock, after_seconds=0.6)
    state.load()
    clock.advance(0.059)

    clock.advance(0.6 - clock.now)

    assert clock.now < 0.6
    assert decide(state) == Serve()


class Slow:
    """Goes on by hand, also while somebody waits, whose wait it never ends."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waits: asyncio.Queue[float] = asyncio.Queue()

    async def wait(self, seconds: float) -> None:
        self.waits.put_nowait(seconds)
        await asyncio.Event().wait()


def test_rung_call_has_waited_for_as_long_as_the_clock_went_on() -> None:
    bell, clock = Bell(), Slow()
    state = ModelState(Life(starts="cold", after_seconds=20), clock)

    async def evict_after(*seconds: float) -> list[float]:
        call = asyncio.create_task(settle(state, clock, wait=True, longest=25, bell=bell))
        waits = [await clock.waits.get()]
        for step in seconds:
            clock.now += step
            state.evict()
            bell.ring()
            waits.append(await clock.waits.get())
        call.cancel()
        return waits

    assert asyncio.run(asyncio.wait_for(evict_after(3, 4), 30)) == [20, 20, 18]


class StandingClock:
    """A clock that stands still, and rings a bell when somebody begins to wait."""

    now = 0.0

    def __init__(self, on_wait: Any) -> None:
        self.asked: list[float] = []
        self._on_wait = on_wait

    async def wait(self, seconds: float) -> None:
        self.asked.append(seconds)
        self._on_wait(len(self.asked))
        await asyncio.Event().wait()


def test_call_that_waits_heeds_a_limit_that_changes() -> None:
    bell = Bell()
    limits = iter([50.0, 5.0, 0.0])
    clock = StandingClock(lambda _: bell.ring())
    state = ModelState(Life(starts="cold", after_seconds=100), clock)

    decision = asyncio.run(
        settle(
            state,
            clock,
            wait=True,
            longest=10.0,
            bell=bell,
            find_longest=lambda: next(limits),
        )
    )

    assert clock.asked == [10.0, 50.0, 5.0]
    assert decision == TimedOut(0.0)


@pytest.mark.parametrize("ends_at", [0, 1, 2], ids=["before", "first wait", "second wait"])
def test_call_waits_no_longer_when_its_session_has_gone(ends_at: int) -> None:
    bell = Bell()
    clock = StandingClock(lambda wait: bell.end() if wait == ends_at else bell.ring())
    state = ModelState(Life(starts="cold", after_seconds=100), clock)
    ringing = asyncio.wait_for(settle(state, clock, wait=True, longest=10.0, bell=bell), 10)
    if not ends_at:
        bell.end()

    decision = asyncio.run(ringing)

    assert decision == SessionGone()
    assert len(bell) == 0


def test_ready_model_serves_whether_its_session_has_gone_or_not() -> None:
    bell = Bell()
    bell.end()
    clock = ManualClock()

    decision = asyncio.run(settle(a_state(clock, starts="ready"), clock, longest=1.0, bell=bell))

    assert decision == Serve()
