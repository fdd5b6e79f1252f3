"""Redis ends, hangs, loses what it had, or was written to by others: clear refusals, no lies."""

import asyncio
import os
import pickle
import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from support.redises import RedisServer, needs_redis
from support.together import Together, call, control, together

from nertwin.mockserver import Settings, create_app
from nertwin.mockserver.errors import NertwinError
from nertwin.mockserver.sharing.store import Store

DEFAULT = "sessions/default"


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    """A Redis that the test may end."""
    server = RedisServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()


@needs_redis
def test_call_without_redis_is_refused_by_name_and_answered_once_it_is_back(
    own_redis: RedisServer,
) -> None:
    with together(own_redis) as both:
        before = both.call(0).status
        own_redis.stop()
        lost = [both.call(which) for which in (0, 1)]
        own_redis.start()
        after = [both.call(which) for which in (0, 1, 0)]

        assert before == 200
        assert {answer.status for answer in lost} == {503}
        assert {answer.headers["x-nertwin-error"] for answer in lost} == {"state"}
        assert all(own_redis.address in answer.json["error"] for answer in lost)
        assert "Start it" in lost[0].json["error"]
        kinds = [answer.headers["x-compute-type"] for answer in after]
        assert kinds == ["cpu", "cache", "cache"]
        (note,) = both.control(1, "GET", f"{DEFAULT}/journal")["notes"]
        assert note["text"].startswith("the Redis no longer has the session of this id")
        assert both.control(1, "GET", DEFAULT)["requests"] == 3


@needs_redis
def test_control_api_and_health_say_that_redis_is_lost(own_redis: RedisServer) -> None:
    with together(own_redis) as both:
        own_redis.stop()
        paths = ("health", "sessions", DEFAULT, f"{DEFAULT}/journal")

        refused = [both.run(control(both.apps[0], "GET", path)) for path in paths]

        assert [answer.status for answer in refused] == [503] * 4
        assert all(own_redis.address in answer.json["error"] for answer in refused)


@needs_redis
def test_redis_that_hangs_is_waited_for_no_longer_than_seconds(own_redis: RedisServer) -> None:
    with together(own_redis) as both:
        both.call(0)
        assert own_redis.process is not None
        os.kill(own_redis.process.pid, signal.SIGSTOP)
        try:
            loop_time = both.run(timed(call(both.apps[0])))
        finally:
            os.kill(own_redis.process.pid, signal.SIGCONT)

        status, seconds = loop_time
        assert status == 503
        assert seconds < 5
        assert both.call(0).status == 200


@needs_redis
def test_call_that_waits_is_refused_when_redis_ends(own_redis: RedisServer) -> None:
    from support.together import cold, until

    with together(own_redis, clock="real", **cold(after_seconds=1000)) as both:

        async def end_meanwhile() -> int:
            waiting = asyncio.ensure_future(call(both.apps[0], x_wait_for_model="1"))
            await until(lambda: both.redis.hget(both.key("meta"), "requests") == b"1")
            await until(lambda: not both.redis.exists(both.key("lock")))
            own_redis.stop()
            return (await waiting).status

        assert both.run(end_meanwhile()) == 503


@needs_redis
def test_server_that_starts_before_redis_does_answers_later() -> None:
    late = RedisServer()
    with together(late) as both:
        before = both.call(0).status
        late.start()
        try:
            after = both.call(0).status
        finally:
            late.stop()

        assert (before, after) == (503, 200)


def test_password_is_never_shown(both: Together, redis_server: RedisServer) -> None:
    state = f"redis://somebody:open-sesame@{redis_server.address}/0"
    app = create_app(Settings(state=state))

    refused = both.run(call(app))
    both.run(app.disconnect())

    assert refused.status == 503
    assert redis_server.address in refused.json["error"]
    assert "sesame" not in refused.body.decode()
    assert "sesame" not in repr(app.settings)


def test_lock_of_a_server_that_died_ends_by_itself(both: Together) -> None:
    both.redis.set(both.key("lock"), "a server that died", px=300)

    assert both.call(0).status == 200


def test_lock_that_nobody_ends_is_not_waited_for_for_ever(
    both: Together, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nertwin.mockserver.sharing.room._WAITS_FOR", 0.05)
    both.redis.set(both.key("lock"), "a server that hangs", px=60_000)

    refused = both.call(0)

    assert refused.status == 503
    assert "other servers have been in session 'default'" in refused.json["error"]


def test_what_a_server_does_after_its_lease_is_not_kept(
    both: Together, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = both.apps[1]
    both.call(0, "before")
    both.control(0, "PUT", f"{DEFAULT}/script", {"steps": ["500", "404"]})
    leave = Store.leave

    async def leave_late(store: Store, *args: Any, **kwargs: Any) -> Any:
        monkeypatch.setattr(Store, "leave", leave)
        both.redis.delete(both.key("lock"))  # The lease is over, and somebody else comes.
        overtaking.append((await call(second, "meanwhile")).status)
        return await leave(store, *args, **kwargs)

    overtaking: list[int] = []
    monkeypatch.setattr(Store, "leave", leave_late)

    late = both.call(0, "late")

    assert (late.status, overtaking) == (503, [500])
    assert "was changed by another server" in late.json["error"]
    assert [both.call(which, "after").status for which in (0, 1)] == [404, 200]
    journal = both.control(0, "GET", f"{DEFAULT}/journal")
    texts = [each["request"]["body"] for each in journal["exchanges"]]
    assert texts == [
        f'{{"inputs": "{text}"}}' for text in ("before", "meanwhile", "after", "after")
    ]
    assert [each["number"] for each in journal["exchanges"]] == [1, 2, 3, 4]


@pytest.mark.parametrize("lost", ["lock", "meta"])
def test_what_nobody_else_has_changed_is_not_kept_either(
    both: Together, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    both.call(0, "before")
    leave = Store.leave

    async def leave_late(*args: Any, **kwargs: Any) -> Any:
        monkeypatch.setattr(Store, "leave", leave)
        both.redis.delete(both.key(lost))
        return await leave(*args, **kwargs)

    monkeypatch.setattr(Store, "leave", leave_late)

    late = both.call(0, "late")

    assert late.status == 503
    assert both.call(0, "after").status == 200
    journal = both.control(1, "GET", f"{DEFAULT}/journal")
    texts = [each["request"]["body"] for each in journal["exchanges"]]
    assert '{"inputs": "late"}' not in texts
    assert texts[-1] == '{"inputs": "after"}'


def test_commit_whose_answer_was_lost_is_not_done_twice(
    both: Together, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave = Store.leave

    async def leave_twice(*args: Any, **kwargs: Any) -> Any:
        await leave(*args, **kwargs)
        return await leave(*args, **kwargs)

    monkeypatch.setattr(Store, "leave", leave_twice)

    statuses = [both.call(which).status for which in (0, 1, 0)]

    assert statuses == [200, 200, 200]
    assert both.control(1, "GET", f"{DEFAULT}/journal")["total"] == 3


@pytest.mark.parametrize(
    "poison",
    [
        b"no pickle",
        pickle.dumps({"settings": 5}),
        pickle.dumps(os.getcwd),
        pickle.dumps([1]),
        b"",
    ],
    ids=["bytes", "form", "function", "list", "nothing"],
)
def test_what_others_have_written_is_never_run_and_told_by_name(
    both: Together, poison: bytes
) -> None:
    both.call(0)
    both.redis.hset(both.key("leaves"), "state", poison)

    refused = both.call(1)
    again = both.call(1)

    assert (refused.status, again.status) == (503, 503)
    assert "can't be read" in refused.json["error"]
    assert "end :default" in refused.json["error"]
    assert not both.redis.exists(both.key("lock"))


def test_keys_that_are_removed_as_the_refusal_says_let_the_session_begin_anew(
    both: Together,
) -> None:
    both.call(0)
    both.redis.hset(both.key("leaves"), "state", b"no pickle")
    both.call(1)

    both.redis.delete(*both.redis.keys(both.key("*")))

    assert [both.call(which).status for which in (1, 0)] == [200, 200]


def write_no_pickle(both: Together) -> None:
    """Write what no server has written, as if another had."""
    both.redis.hset(both.key("leaves"), "state", b"no pickle")
    both.redis.hset(both.key("meta"), "seq", 1000)
    both.redis.zadd(both.key("order"), {"state": 1000})


def write_no_hash(both: Together) -> None:
    """Write a value of another kind."""
    both.redis.delete(both.key("meta"))
    both.redis.set(both.key("meta"), "no hash")


@pytest.mark.parametrize("poison", [write_no_pickle, write_no_hash])
@pytest.mark.parametrize("which", [0, 1], ids=["by its writer", "by the other"])
def test_session_that_can_not_be_read_can_be_removed(
    both: Together, poison: Callable[[Together], None], which: int
) -> None:
    both.call(0)
    both.call(1, x_nertwin_session="kept")
    poison(both)
    before = both.call(which).status

    removed = both.run(control(both.apps[which], "DELETE", DEFAULT))

    assert (before, removed.status, removed.body) == (503, 204, b"")
    assert [both.call(each).status for each in (1, 0)] == [200, 200]
    assert both.control(0, "GET", f"{DEFAULT}/journal")["total"] == 2
    assert both.control(0, "GET", f"{DEFAULT}/journal")["notes"] == []
    listed = both.control(1, "GET", "sessions")["sessions"]
    assert [(each["id"], each["requests"]) for each in listed] == [("kept", 1), ("default", 2)]


def test_session_that_somebody_is_in_is_not_removed(
    both: Together, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nertwin.mockserver.sharing.room._WAITS_FOR", 0.05)
    both.call(0)
    both.redis.set(both.key("lock"), "a server that hangs", px=60_000)

    refused = both.run(control(both.apps[0], "DELETE", DEFAULT))

    assert refused.status == 503
    assert both.redis.exists(both.key("meta"))


def test_session_that_is_not_there_is_not_removed(both: Together) -> None:
    refused = both.run(control(both.apps[0], "DELETE", "sessions/nobody"))

    assert refused.status == 404


def test_key_of_another_kind_is_refused_and_keeps_nobody_out(both: Together) -> None:
    both.redis.set(both.key("meta"), "no hash")

    refused = both.call(0)

    assert refused.status == 503
    assert not both.redis.exists(both.key("lock"))
    assert "has refused: " in refused.json["error"]


def test_bug_of_ours_is_told_and_holds_up_nobody(
    both: Together, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("nertwin.mockserver.sharing.mirror.Mirror.changes", lambda *_: 1 // 0)
        refused = both.call(0)

    assert refused.status == 503
    assert "ZeroDivisionError" in refused.json["error"]
    assert "can't be shared" in caplog.text
    assert both.call(0).status == 200


def test_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "redis.asyncio", None)

    with pytest.raises(NertwinError, match=r"pip install 'nertwin\[redis\]'"):
        create_app(Settings(state="redis://127.0.0.1:1/0"))


def test_url_that_the_library_refuses_is_refused_at_the_start() -> None:
    with pytest.raises(NertwinError, match="its client refuses the URL"):
        create_app(Settings(state="redis://127.0.0.1:1/0?nonsense=1"))


async def timed(work: Any) -> tuple[int, float]:
    loop = asyncio.get_running_loop()
    began = loop.time()
    return (await work).status, loop.time() - began
