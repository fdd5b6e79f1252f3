"""Servers that share state, as processes and their users see them start."""

import asyncio
import logging
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.lifedrivers import Answer, ask_app
from support.redises import RedisServer, needs_redis
from support.together import MODEL, Together, call, together

from nertwin.mockserver import ModelCard, Settings, create_app, running_server
from nertwin.mockserver.app import StandIn
from nertwin.mockserver.greeting import greet
from nertwin.mockserver.sharing.store import Entered, Store
from nertwin.mockserver.sharing.turn import Turn

ELSEWHERE = "0.0.0.0"  # noqa: S104


def control_of(both: Together, app: StandIn, *headers: tuple[bytes, bytes]) -> Answer:
    lines = [(b"host", b"stand-in"), *headers]
    return both.run(ask_app(app, "GET", "/_nertwin/sessions", lines))


def test_control_token_is_told_once_and_taken_by_all(
    redis_server: RedisServer, capsys: pytest.CaptureFixture[str]
) -> None:
    with together(redis_server, host=ELSEWHERE) as both:
        greet(both.apps[0].settings)
        told = re.search(r"the control token is (\S{20,})", capsys.readouterr().err)

        assert told is not None
        token = (b"x-nertwin-token", told[1].encode())
        assert [control_of(both, app, token).status for app in both.apps] == [200, 200]
        assert [control_of(both, app).status for app in both.apps] == [401, 401]
        everything = b"".join(both.redis.dump(key) or b"" for key in both.redis.keys("*"))
        assert told[1].encode() not in everything


def test_control_token_of_the_settings_is_taken_and_not_told(
    redis_server: RedisServer, capsys: pytest.CaptureFixture[str]
) -> None:
    given = "given-in-settings"
    with together(redis_server, host=ELSEWHERE, control_token=given) as both:
        greet(both.apps[0].settings)

        token = (b"x-nertwin-token", given.encode())
        assert control_of(both, both.apps[1], token).status == 200
        assert "token" not in capsys.readouterr().err


def test_token_that_can_not_be_had_lets_nobody_in() -> None:
    nobody = RedisServer()
    with together(nobody, host=ELSEWHERE) as both:
        refused = control_of(both, both.apps[0], (b"x-nertwin-token", b""))

        assert refused.status == 503
        assert nobody.address in refused.json["error"]


def test_start_without_redis_says_so_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    nobody = RedisServer()

    with caplog.at_level(logging.ERROR, logger="nertwin"):
        greet(Settings(state=nobody.url))

    assert nobody.address in caplog.text
    assert "Until then calls are answered with 503." in caplog.text


def test_start_on_this_machine_tells_nothing(
    redis_server: RedisServer, capsys: pytest.CaptureFixture[str]
) -> None:
    greet(Settings(state=redis_server.url))

    assert capsys.readouterr().err == ""


def test_servers_memory_is_no_place_to_read_a_shared_journal(redis_server: RedisServer) -> None:
    settings = Settings(port=0, state=f"{redis_server.url}?namespace=memory")

    with running_server(settings) as server:
        assert server.memory is None


@needs_redis
def test_socket_of_the_file_system_is_a_way_to_redis(tmp_path: Path) -> None:
    server = RedisServer()
    path = tmp_path / "redis.sock"
    server.start("--unixsocket", str(path))
    models = {MODEL: ModelCard(id=MODEL)}
    try:
        with asyncio.Runner() as runner:
            app = create_app(Settings(state=f"unix://{path}?db=1", models=models))
            statuses = [runner.run(call(app)).status for _ in range(2)]
            runner.run(app.disconnect())
    finally:
        server.stop()

    assert statuses == [200, 200]


def test_servers_of_other_namespaces_know_nothing_of_each_other(
    redis_server: RedisServer,
) -> None:
    with together(redis_server) as one, together(redis_server) as other:
        one.call(0)

        assert other.call(0).headers["x-compute-type"] == "cpu"
        assert other.control(0, "GET", "sessions/default/journal")["total"] == 1


def test_keys_are_named_after_the_version(both: Together) -> None:
    both.call(0)

    names = both.redis.keys(both.key("*", ""))

    assert {name.decode().split(":")[3] for name in names} >= {"meta", "leaves", "sessions"}


def test_everything_of_a_session_ends_with_it(both: Together) -> None:
    both.call(0)

    kept = [name for name in both.redis.keys(both.key("*", "")) if both.redis.ttl(name) < 0]

    assert {name.decode().split(":")[3] for name in kept} == {"secret"}


def test_session_that_lost_a_part_is_not_guessed(both: Together) -> None:
    both.call(0)
    both.redis.delete(both.key("leaves"))  # As Redis does where it may evict keys.

    refused = both.call(1)

    assert refused.status == 503
    assert "can't be read" in refused.json["error"]


def test_session_that_lost_its_head_begins_anew_without_its_rest(both: Together) -> None:
    for text in ("a", "b", "c"):
        both.call(0, text)
    both.redis.delete(both.key("meta"))

    status = both.call(0, "d").status

    journal = both.control(1, "GET", "sessions/default/journal")
    assert status == 200
    assert [each["request"]["body"] for each in journal["exchanges"]] == ['{"inputs": "d"}']


def test_time_goes_on_where_the_clock_of_redis_was_set_back(
    both: Together, monkeypatch: pytest.MonkeyPatch
) -> None:
    both.control(0, "PATCH", "sessions/default", {"settings": {"clock": "real"}})
    both.call(0)
    before = both.control(0, "GET", "sessions/default/clock")["now"]
    enter = Store.enter

    async def enter_an_hour_ago(*args: Any, **kwargs: Any) -> Entered | None:
        entered = await enter(*args, **kwargs)
        return None if entered is None else replace(entered, time=entered.time - 3600)

    monkeypatch.setattr(Store, "enter", enter_an_hour_ago)

    after = [both.control(which, "GET", "sessions/default/clock")["now"] for which in (0, 1, 0)]

    assert before < after[0] < after[1] < after[2] < before + 60


def test_turn_that_is_given_up_as_it_comes_lets_the_next_one_come() -> None:
    async def give_up() -> None:
        turn = Turn()
        waiting = asyncio.ensure_future(turn.begin())
        await asyncio.sleep(0)
        coming = asyncio.ensure_future(turn.take_place())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait_for(coming, 10)

    asyncio.run(give_up())


def test_task_that_is_cancelled_in_a_turn_lets_the_next_one_in(both: Together) -> None:
    async def give_up() -> int:
        tasks = [asyncio.ensure_future(call(both.apps[0], str(each))) for each in range(20)]
        for steps, task in enumerate(tasks):
            await asyncio.sleep(0)
            if steps % 2:
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return (await call(both.apps[1])).status

    assert both.run(give_up()) == 200
