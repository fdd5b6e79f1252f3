"""Sleeping that takes no time, but for those who must go on by the machine's."""

import asyncio
import threading
import time

import pytest

from nertwin.contract_tests.sleeping import Sleeps


def run_in(name: str, target: object) -> None:
    thread = threading.Thread(target=target, name=name)  # type: ignore[arg-type]  # Any callable.
    thread.start()
    thread.join(20)


@pytest.mark.parametrize("name", ["nertwin", "nertwin-proxy"])
def test_threads_of_ours_sleep_for_real(name: str) -> None:
    advanced: list[float] = []
    sleeps = Sleeps(advanced.append)

    began = time.monotonic()
    run_in(name, lambda: sleeps.sleep(0.01))
    run_in(name, lambda: asyncio.run(sleeps.async_sleep(0.01)))

    assert advanced == sleeps.seconds == []
    assert time.monotonic() - began >= 0.02


def test_other_threads_advance_the_clock() -> None:
    advanced: list[float] = []
    sleeps = Sleeps(advanced.append)

    run_in("worker", lambda: sleeps.sleep(3600))

    assert advanced == sleeps.seconds == [3600]


@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
def test_what_is_no_time_is_left_to_the_real_sleep(seconds: float) -> None:
    sleeps = Sleeps(lambda _: None)

    try:
        sleeps.sleep(seconds)
    except ValueError:
        assert seconds != 0

    assert sleeps.seconds == []
