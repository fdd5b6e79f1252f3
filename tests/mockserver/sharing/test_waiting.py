"""Calls that wait: they are out of their session meanwhile, and come back to what it is then."""

import asyncio
import json
import threading
from collections.abc import MutableMapping
from typing import Any

import pytest
from support.lifedrivers import Answer
from support.redises import RedisServer
from support.together import MODEL, Together, call, cold, control, together, until

from nertwin.mockserver.endpoint import Endpoint
from nertwin.mockserver.wire import WIRE

DEFAULT = "sessions/default"
MODEL_PATH = f"{DEFAULT}/models/{MODEL}"
SLOW = cold(after_seconds=1000)


def test_call_that_waits_is_released_by_the_other_server(redis_server: RedisServer) -> None:
    with together(redis_server, clock="real", **SLOW) as both:
        first, second = both.apps

        async def release() -> tuple[int, bool]:
            waiting = asyncio.ensure_future(call(first, x_wait_for_model="1"))
            await has_begun(both)
            await control(second, "PUT", MODEL_PATH, {"state": "ready"})
            return (await waiting).status, (await call(second, "Bob")).status == 200

        assert both.run(release()) == (200, True)


def test_call_that_waits_is_released_by_time_that_the_other_advances(
    redis_server: RedisServer,
) -> None:
    with together(redis_server, clock="real", **SLOW) as both:
        first, second = both.apps

        async def release() -> int:
            waiting = asyncio.ensure_future(call(first, x_wait_for_model="1"))
            await has_begun(both)
            await control(second, "PATCH", DEFAULT, {"settings": {"clock": "frozen"}})
            await control(second, "POST", f"{DEFAULT}/clock/advance", {"seconds": 2000})
            return (await waiting).status

        assert both.run(release()) == 200


def test_call_that_waits_heeds_a_limit_that_the_other_server_lowers(
    redis_server: RedisServer,
) -> None:
    with together(redis_server, clock="real", wait_limit=1000, **SLOW) as both:
        first, second = both.apps

        async def lower() -> int:
            waiting = asyncio.ensure_future(call(first, x_wait_for_model="1"))
            await has_begun(both)
            await control(second, "PATCH", DEFAULT, {"settings": {"wait_limit": 0}})
            return (await waiting).status

        assert both.run(lower()) == 500


def test_calls_that_wait_keep_nobody_else_out(redis_server: RedisServer) -> None:
    with together(redis_server, clock="real", **SLOW) as both:
        first, second = both.apps

        async def pass_by() -> list[int]:
            waiting = [asyncio.ensure_future(call(first, x_wait_for_model="1")) for _ in range(9)]
            await has_begun(both)
            seen = [(await call(app)).status for app in (first, second, first)]
            await control(second, "PUT", MODEL_PATH, {"state": "ready"})
            return seen + [answer.status for answer in await asyncio.gather(*waiting)]

        assert both.run(pass_by()) == [503, 503, 503] + [200] * 9
        assert sum(1 + each["repeats"] for each in journal(both)["exchanges"]) == 12


def test_call_waits_for_the_time_that_a_load_takes(redis_server: RedisServer) -> None:
    with together(redis_server, clock="scaled:1000", **cold(after_seconds=100)) as both:
        status = both.call(0, x_wait_for_model="1").status

        assert status == 200
        assert 99.9 < both.control(1, "GET", f"{DEFAULT}/clock")["now"] < 10_000


def test_call_that_may_wait_for_no_longer_says_so(redis_server: RedisServer) -> None:
    with together(redis_server, clock="scaled:1000", wait_limit=50, **SLOW) as both:
        answer = both.call(1, x_wait_for_model="1")

        assert answer.status == 500
        assert "less than 50 second(s)" in answer.json["error"]


def test_delayed_call_keeps_nobody_else_out(both: Together) -> None:
    first, second = both.apps
    both.control(0, "PATCH", DEFAULT, {"settings": {"clock": "real"}})
    both.control(0, "POST", f"{DEFAULT}/faults", {"kind": "latency", "seconds": 0.5, "times": 1})

    async def overtake() -> list[str]:
        slow = asyncio.ensure_future(call(first, "slow"))
        await until(lambda: hits(both) == 1)
        await call(second, "fast")
        await slow
        return [each["request"]["body"] for each in journal_of(await show(second))]

    bodies = both.run(overtake())

    assert bodies == ['{"inputs": "fast"}', '{"inputs": "slow"}']


def test_long_text_is_computed_outside_of_the_session(
    both: Together, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = both.apps
    others_are_answered = threading.Event()
    respond = Endpoint.respond

    def respond_last(endpoint: Endpoint, model: Any, request: Any, incoming: Any) -> Any:
        assert len(request.texts[0]) < 100 or others_are_answered.wait(10)
        return respond(endpoint, model, request, incoming)

    monkeypatch.setattr(Endpoint, "respond", respond_last)

    async def overtake() -> list[int]:
        slow = asyncio.ensure_future(call(first, "Ada Lovelace. " * 2000))
        await has_begun(both)
        await call(second, "Bob")
        others_are_answered.set()
        await slow
        return [each["request"]["body_bytes"] for each in journal_of(await show(second))]

    lengths = both.run(overtake())

    assert lengths[0] < 100 < lengths[1]


def test_client_that_leaves_while_it_waits_is_noted_and_keeps_nobody_out(
    redis_server: RedisServer,
) -> None:
    with together(redis_server, clock="real", **SLOW) as both:
        first, second = both.apps
        has_left = asyncio.Event()
        sent: list[Any] = []

        async def receive() -> MutableMapping[str, Any]:
            if not read:
                await has_left.wait()
                return {"type": "http.disconnect"}
            return read.pop()

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        read: list[MutableMapping[str, Any]] = [{"type": "http.request", "body": b'{"inputs":"x"}'}]
        scope = {
            "type": "http",
            "method": "POST",
            "path": f"/models/{MODEL}",
            "query_string": b"",
            "http_version": "1.1",
            "headers": [(b"x-wait-for-model", b"1")],
        }

        async def leave() -> int:
            waiting = asyncio.ensure_future(first(scope, receive, send))
            await has_begun(both)
            has_left.set()
            await waiting
            return (await call(second)).status

        assert both.run(leave()) == 503
        assert sent == []
        gone, _ = journal(both)["exchanges"]
        assert (gone["gate"], gone["status"]) == ("availability", 0)
        assert gone["why"].endswith("the client left before it was answered")
        assert not both.redis.exists(both.key("lock"))


@pytest.mark.parametrize("which", [0, 1], ids=["here", "elsewhere"])
def test_call_of_a_session_that_is_removed_is_released_and_leaves_nothing_behind(
    redis_server: RedisServer, which: int
) -> None:
    with together(redis_server, clock="real", **SLOW) as both:

        async def remove() -> Answer:
            waiting = asyncio.ensure_future(
                call(both.apps[0], x_wait_for_model="1", x_nertwin_session="gone")
            )
            await until(lambda: bool(both.redis.exists(both.key("leaves", "gone"))))
            await control(both.apps[which], "DELETE", "sessions/gone")
            return await waiting

        answer = both.run(remove())

        assert answer.status == 410
        assert answer.headers["x-nertwin-error"] == "session"
        assert both.control(0, "GET", "sessions")["sessions"] == []


def test_dribbled_reply_comes_piece_by_piece(both: Together) -> None:
    both.control(0, "PATCH", DEFAULT, {"settings": {"clock": "scaled:100"}})
    both.control(1, "POST", f"{DEFAULT}/faults", {"kind": "dribble", "seconds": 20})
    times: list[float] = []

    async def dribble() -> bytes:
        loop = asyncio.get_running_loop()
        pieces: list[bytes] = []

        async def send(message: MutableMapping[str, Any]) -> None:
            times.append(loop.time())
            pieces.append(message.get("body", b""))

        messages = [{"type": "http.request", "body": b'{"inputs":"Ada Lovelace"}'}]

        async def receive() -> MutableMapping[str, Any]:
            if not messages:
                await asyncio.Event().wait()
            return messages.pop()

        scope = {
            "type": "http",
            "method": "POST",
            "path": f"/models/{MODEL}",
            "query_string": b"",
            "http_version": "1.1",
            "headers": [],
        }
        await both.apps[0](scope, receive, send)
        return b"".join(pieces)

    assert json.loads(both.run(dribble()))[0]["word"] == "Ada Lovelace"
    assert times[-1] - times[0] > 0.19
    assert both.gates(1) == ["fault"]


def test_calls_that_wait_are_seen_by_those_that_come(redis_server: RedisServer) -> None:
    with together(redis_server, violate=("relation.concurrent",), cache=False) as both:
        texts = ("Ada Lovelace", "Sarah Jessica Parker", "London")
        alone = [both.call(which % 2, text).body for which, text in enumerate(texts)]

        async def overlap() -> list[bytes]:
            calls = [call(both.apps[which % 2], text) for which, text in enumerate(texts)]
            return [answer.body for answer in await asyncio.gather(*calls)]

        # The breach mixes up the answers to calls that overlap.
        assert both.run(overlap()) != alone
        assert [both.call(which % 2, text).body for which, text in enumerate(texts)] == alone


def test_reset_connection_is_reset_after_it_was_noted(both: Together) -> None:
    both.control(0, "POST", f"{DEFAULT}/faults", {"kind": "reset", "times": 1})
    done: list[str] = []

    class WireThatTells:
        cycle = None
        is_closed = False

        def reset(self) -> None:
            done.append(f"reset, seen by {both.redis.hget(both.key('meta'), 'requests')!r}")

    async def reset() -> None:
        messages = [{"type": "http.request", "body": b'{"inputs":"Ada"}'}]

        async def receive() -> MutableMapping[str, Any]:
            return messages.pop()

        async def send(_: MutableMapping[str, Any]) -> None:
            done.append("sent")

        scope = {
            "type": "http",
            "method": "POST",
            "path": f"/models/{MODEL}",
            "query_string": b"",
            "http_version": "1.1",
            "headers": [],
            WIRE: WireThatTells(),
        }
        await both.apps[0](scope, receive, send)

    both.run(reset())

    assert done == ["reset, seen by b'1'"]
    assert both.gates(1) == ["fault"]


async def has_begun(both: Together) -> None:
    """Wait until a call has been counted and is out of the session."""
    await until(lambda: both.redis.hget(both.key("meta"), "requests") not in (None, b"0"))
    await until(lambda: not both.redis.exists(both.key("lock")))


def hits(both: Together) -> int:
    return int(both.redis.hget(both.key("meta"), "requests") or 0)


def journal(both: Together) -> Any:
    return both.control(0, "GET", f"{DEFAULT}/journal")


async def show(app: Any) -> Any:
    return (await control(app, "GET", f"{DEFAULT}/journal")).json


def journal_of(shown: Any) -> Any:
    return shown["exchanges"]
