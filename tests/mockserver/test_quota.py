import math
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nertwin.mockserver.clock import ManualClock
from nertwin.mockserver.quota import ANONYMOUS, Allowance, BadQuota, Quota
from nertwin.mockserver.tokens import TokenReader


def a_quota(clock: ManualClock | None = None, **given: Any) -> Quota:
    return Quota(clock or ManualClock(), **{"calls": 3, "window": 60, **given})


def an_allowance(**given: Any) -> Allowance:
    whole = {"is_allowed": True, "calls": 500, "window": 300, "remaining": 3, "reset": 120}
    return Allowance(**{**whole, **given})


def take_often(quota: Quota, times: int, key: bytes = ANONYMOUS) -> list[bool]:
    return [quota.take(key).is_allowed for _ in range(times)]


def take_each(quota: Quota, clock: ManualClock, steps: list[float]) -> list[tuple[float, bool]]:
    """The window and the outcome of one call after each step."""
    taken = []
    for step in steps:
        clock.advance(step)
        taken.append((clock.now // 60, quota.take(ANONYMOUS).is_allowed))
    return taken


def test_as_many_calls_are_allowed_as_the_quota_says() -> None:
    assert take_often(a_quota(calls=3), 5) == [True, True, True, False, False]


def test_quota_of_none_refuses_the_first_call() -> None:
    assert take_often(a_quota(calls=0), 1) == [False]


def test_each_key_has_a_quota_of_its_own() -> None:
    quota = a_quota(calls=1)
    quota.take(b"one")

    assert quota.take(b"other").is_allowed
    assert quota.take(ANONYMOUS).is_allowed


def test_digest_of_a_token_is_a_key() -> None:
    reader, quota = TokenReader(b"key"), a_quota(calls=1)
    quota.take(reader.read(b"Bearer hf_abc").digest)

    assert not quota.take(reader.read(b"Bearer: hf_abc").digest).is_allowed
    assert quota.take(reader.read(None).digest).is_allowed


def test_absent_token_is_anonymous() -> None:
    assert TokenReader(b"key").read(None).digest == ANONYMOUS


def test_remaining_calls_are_told() -> None:
    quota = a_quota(calls=3)

    assert [quota.take(ANONYMOUS).remaining for _ in range(4)] == [2, 1, 0, 0]


def test_next_window_brings_a_new_quota() -> None:
    clock = ManualClock()
    quota = a_quota(clock, calls=1, window=60)
    quota.take(ANONYMOUS)

    clock.advance(60)

    assert quota.take(ANONYMOUS).is_allowed


def test_quota_is_used_up_until_the_window_ends() -> None:
    clock = ManualClock()
    quota = a_quota(clock, calls=1, window=60)
    quota.take(ANONYMOUS)

    clock.advance(59.9)

    assert not quota.take(ANONYMOUS).is_allowed


def test_window_begins_with_the_clock_and_not_with_the_first_call() -> None:
    clock = ManualClock(50)

    assert a_quota(clock, window=60).take(ANONYMOUS).reset == 10


def test_refused_call_uses_up_nothing_of_the_next_window() -> None:
    clock = ManualClock()
    quota = a_quota(clock, calls=2)
    take_often(quota, 100)

    clock.advance(60)

    assert take_often(quota, 3) == [True, True, False]


def test_looking_uses_up_nothing() -> None:
    quota = a_quota(calls=1)

    looked = quota.look(ANONYMOUS)

    assert (looked.is_allowed, looked.remaining) == (True, 1)
    assert quota.take(ANONYMOUS).is_allowed


def test_look_tells_that_a_call_would_be_refused() -> None:
    quota = a_quota(calls=1)
    quota.take(ANONYMOUS)

    assert not quota.look(ANONYMOUS).is_allowed


def test_one_key_is_cleared() -> None:
    quota = a_quota(calls=1)
    quota.take(b"one")
    quota.take(b"other")

    quota.clear(b"one")

    assert quota.look(b"one").is_allowed
    assert not quota.look(b"other").is_allowed


def test_all_keys_are_cleared() -> None:
    quota = a_quota(calls=1)
    quota.take(b"one")

    quota.clear()

    assert len(quota) == 0


def test_keys_are_bounded_and_the_idlest_goes_first() -> None:
    quota = a_quota(calls=2, max_keys=2)
    take_often(quota, 1, b"first")
    take_often(quota, 1, b"second")
    take_often(quota, 1, b"first")

    take_often(quota, 1, b"third")

    assert len(quota) == 2
    assert quota.look(b"second").remaining == 2
    assert quota.look(b"first").remaining == 0


def test_keys_of_a_past_window_are_forgotten() -> None:
    clock = ManualClock()
    quota = a_quota(clock)
    quota.take(b"one")
    clock.advance(60)

    quota.look(b"other")

    assert len(quota) == 0


@pytest.mark.parametrize(("reset", "seconds"), [(120, "120"), (0.2, "1"), (1.2, "2"), (1e-9, "1")])
def test_retry_after_is_whole_seconds_and_never_too_few(reset: float, seconds: str) -> None:
    assert an_allowance(reset=reset).retry_after == seconds


def test_ratelimit_headers_are_spelt_as_the_hub_spells_them() -> None:
    allowance = an_allowance(calls=500, window=300, remaining=3, reset=119.5)

    assert allowance.ratelimit == '"api";r=3;t=120'
    assert allowance.ratelimit_policy == '"fixed window";"api";q=500;w=300'


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"calls": -1}, "calls is -1; it must be at least 0"),
        ({"max_keys": 0}, "max_keys is 0; it must be at least 1"),
        ({"window": 0}, "window is 0 seconds; it must be above 0"),
        ({"window": math.nan}, "window is nan seconds"),
        ({"window": math.inf}, "window is inf seconds"),
    ],
    ids=str,
)
def test_bound_that_is_none_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(BadQuota, match=message):
        a_quota(None, **given)


@given(st.lists(st.floats(min_value=0, max_value=30), max_size=30))
def test_no_window_ever_has_more_calls_than_its_quota(steps: list[float]) -> None:
    clock = ManualClock()

    taken = take_each(a_quota(clock, calls=3, window=60), clock, steps)

    allowed = [window for window, is_allowed in taken if is_allowed]
    refused = [window for window, is_allowed in taken if not is_allowed]
    assert all(allowed.count(window) <= 3 for window in allowed)
    assert all(allowed.count(window) == 3 for window in refused)


@example(0.3, 0.1)
@given(st.floats(0, 1e9), st.floats(0.001, 1e6))
def test_whoever_waits_as_told_may_call_again(now: float, window: float) -> None:
    clock = ManualClock(now)
    quota = a_quota(clock, calls=1, window=window)
    refused = [quota.take(ANONYMOUS), quota.take(ANONYMOUS)][1]

    clock.advance(int(refused.retry_after))

    assert not refused.is_allowed
    assert 0 < refused.reset <= window
    assert quota.take(ANONYMOUS).is_allowed
