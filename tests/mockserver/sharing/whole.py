"""What takes longer: ``nox -s state`` runs it."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.client import HTTPException

import redis
from support.lifedrivers import OnNewConnections
from support.lifeproperty import GATES, run
from support.redises import RedisServer
from support.sharedlife import keep_the_contract
from support.sharedservers import ask, numbers_in, processes, session

from nertwin.mockserver.control.client import Control

CLIENTS = 64


def test_session_of_four_servers_keeps_the_contract_whatever_happens(
    redis_server: RedisServer,
) -> None:
    assert keep_the_contract(redis_server, examples=80) == GATES


def test_session_on_any_of_the_workers_keeps_the_contract(url: str) -> None:
    with Control(url) as control:
        seen = run(partial(OnNewConnections, control), examples=40)

    assert seen == GATES


def test_worker_that_is_killed_takes_nothing_with_it(url: str, redis_server: RedisServer) -> None:
    with session(url, cache=False) as kept, redis.Redis.from_url(redis_server.url) as client:
        victim = max(processes(client) - {os.getpid()})
        with ThreadPoolExecutor(CLIENTS) as clients:
            victims = [victim if each == 20 else 0 for each in range(200)]
            asked = [clients.submit(_status, kept.url, each) for each in victims]
        answered = [each.result() for each in asked]
        last = ask(kept.url).status

        numbers = numbers_in(kept)

        assert set(answered) <= {200, None}
        assert last == 200
        # A call that was kept may not have been answered, but what was answered is kept.
        assert answered.count(200) < len(numbers) <= 201
        assert numbers == list(range(1, len(numbers) + 1))


def _status(url: str, victim: int) -> int | None:
    """The status of a call, after the end of a process; None where that took the call with it."""
    if victim:
        os.kill(victim, signal.SIGKILL)
    try:
        return ask(url).status
    except (OSError, HTTPException):
        return None
