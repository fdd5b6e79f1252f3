"""A model's life as clients of the classic profile see it: loading, waiting, the cache."""

import asyncio
import gc
import json
import tracemalloc
from collections.abc import MutableMapping
from typing import Any

import httpx
import pytest
from support.twin import MODEL, Twin
from support.wired import Wired, post

from nertwin.mockserver import ModelCard, Settings, running_server
from nertwin.mockserver.life import Life

GATEWAY = {
    "content-type",
    "content-length",
    "access-control-allow-credentials",
    "vary",
    "x-request-id",
}


def statuses(twin: Twin, count: int, *headers: str) -> list[int]:
    return [twin.post(*headers).status_code for _ in range(count)]


def marker(response: httpx.Response) -> str:
    return str(response.headers["x-compute-type"])


def test_cold_model_refuses_two_calls_and_serves_the_third() -> None:
    models = {MODEL: ModelCard(id=MODEL, life=Life(starts="cold", after_calls=2))}

    with running_server(Settings(port=0, models=models)) as server:
        url = f"{server.url}/models/{MODEL}"
        seen = [httpx.post(url, json={"inputs": "Ada"}, trust_env=False) for _ in range(3)]

    assert [response.status_code for response in seen] == [503, 503, 200]
    body = b'{"error":"Model acme/ner is currently loading","estimated_time":20.0}'
    assert seen[0].content == body
    assert set(seen[0].headers) == GATEWAY | {"date"}


def test_model_is_ready_after_its_seconds_on_the_sessions_clock() -> None:
    twin = Twin(Life(starts="cold", after_seconds=10))

    before = statuses(twin, 2)
    twin.clock.advance(10)

    assert before == [503, 503]
    assert statuses(twin, 1) == [200]


def test_announced_time_counts_down_where_the_life_says_so() -> None:
    twin = Twin(Life(starts="cold", after_seconds=30, counts_down=True))
    twin.post()

    twin.clock.advance(5)

    assert twin.post().json()["estimated_time"] == 15.0


@pytest.mark.parametrize("value", ["true", "1", "TRUE"])
def test_waiting_client_gets_the_answer_when_the_model_is_ready(value: str) -> None:
    twin = Twin(Life(starts="cold", after_seconds=10))

    response = twin.post(f"X-Wait-For-Model: {value}")

    assert response.status_code == 200
    assert twin.clock.now == pytest.approx(10)


def test_wish_to_wait_may_stand_in_the_options() -> None:
    twin = Twin(Life(starts="cold", after_seconds=10))

    assert twin.post(options={"wait_for_model": True}).status_code == 200


def test_header_that_says_not_to_wait_wins_over_the_options() -> None:
    twin = Twin(Life(starts="cold", after_seconds=10))

    response = twin.post("x-wait-for-model: false", options={"wait_for_model": True})

    assert response.status_code == 503


def test_client_that_waits_too_long_is_told_so() -> None:
    twin = Twin(Life(starts="cold", after_seconds=500))

    response = twin.post("x-wait-for-model: 1")

    assert response.status_code == 500
    assert response.json() == {
        "error": "Model too busy, unable to get response in less than 120 second(s)"
    }
    assert set(response.headers) == GATEWAY


def test_longest_wait_is_a_setting() -> None:
    twin = Twin(Life(starts="cold", after_seconds=500), wait_limit=2.5)

    assert "2.5 second(s)" in twin.post("x-wait-for-model: 1").json()["error"]


def test_client_that_leaves_while_it_waits_frees_everything() -> None:
    twin = Twin(Life(starts="cold", after_seconds=100), clock="real")
    body = json.dumps({"inputs": "Ada"}).encode()
    messages: list[MutableMapping[str, Any]] = [
        {"type": "http.request", "body": body, "more_body": False},
        {"type": "http.disconnect"},
    ]
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return messages.pop(0)

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": f"/models/{MODEL}",
        "query_string": b"",
        "http_version": "1.1",
        "headers": [(b"x-wait-for-model", b"1")],
    }

    async def leave() -> int:
        await asyncio.wait_for(twin.app(scope, receive, send), timeout=10)
        await asyncio.sleep(0)  # One turn, in which the tasks see that they are cancelled.
        return len(asyncio.all_tasks())

    assert asyncio.run(leave()) == 1
    assert sent == []
    (exchange,) = twin.session.journal
    assert (exchange.gate, exchange.status) == ("availability", 0)
    assert exchange.why == (
        "the call waits for the model, which is cold; the client left before it was answered"
    )


def test_load_model_0_gets_an_error_with_200_and_loads_nothing() -> None:
    twin = Twin(Life(starts="cold", after_calls=1))

    response = twin.post("X-Load-Model: 0")

    assert (response.status_code, response.json()) == (200, {"error": "not loaded yet"})
    assert twin.state()["state"] == "Loadable"
    assert statuses(twin, 2) == [503, 200]


def test_model_that_is_too_big_is_refused() -> None:
    response = Twin(Life(starts="too-big")).post()

    assert response.status_code == 403
    assert response.json() == {
        "error": "The model acme/ner is too large to be loaded automatically (21GB > 10GB)."
    }


def test_model_whose_load_failed_is_a_500_with_the_reason() -> None:
    response = Twin(Life(starts="failed", failure="out of memory")).post()

    assert (response.status_code, response.json()) == (500, {"error": "out of memory"})


@pytest.mark.parametrize(
    ("life", "loaded", "state"),
    [
        (Life(), True, "Loaded"),
        (Life(starts="cold"), False, "Loadable"),
        (Life(starts="too-big"), False, "TooBig"),
        (Life(starts="failed"), False, "error"),
    ],
    ids=["ready", "cold", "too big", "failed"],
)
def test_status_tells_the_models_state(life: Life, loaded: bool, state: str) -> None:
    status = Twin(life).state()

    assert (status["loaded"], status["state"]) == (loaded, state)


def test_invalid_request_is_refused_before_a_model_loads() -> None:
    twin = Twin(Life(starts="cold", after_calls=1))

    assert twin.post(inputs=5).status_code == 400
    assert twin.post().status_code == 503


def test_equal_call_is_answered_from_the_cache() -> None:
    twin = Twin()
    first = twin.post()

    second = twin.post()

    assert (marker(first), marker(second)) == ("cpu", "cache")
    assert second.content == first.content
    assert second.headers["x-compute-time"] == first.headers["x-compute-time"]
    assert second.headers["x-request-id"] != first.headers["x-request-id"]
    assert set(second.headers) == GATEWAY | {"x-compute-time", "x-compute-type", "x-sha"}


@pytest.mark.parametrize(
    ("headers", "options"),
    [
        (["x-use-cache: false"], {}),
        (["X-Use-Cache: 0"], {}),
        ([], {"use_cache": False}),
        (["x-use-cache: false"], {"use_cache": True}),
    ],
    ids=["header", "header 0", "options", "header over options"],
)
def test_cache_is_bypassed_on_request(headers: list[str], options: dict[str, bool]) -> None:
    twin = Twin()
    twin.post()

    assert marker(twin.post(*headers, options=options)) == "cpu"


def test_header_that_wants_the_cache_wins_over_the_options() -> None:
    twin = Twin()
    twin.post()

    assert marker(twin.post("x-use-cache: true", options={"use_cache": False})) == "cache"


@pytest.mark.parametrize(
    "other",
    [
        {"inputs": "Ada"},
        {"inputs": ["Ada Lovelace"]},
        {"parameters": {"aggregation_strategy": "none"}},
        {"model": "dslim/bert-base-NER"},
    ],
    ids=["inputs", "batch", "parameters", "model"],
)
def test_other_call_has_an_answer_of_its_own(other: dict[str, Any]) -> None:
    twin = Twin()
    twin.post()

    assert marker(twin.post(**other)) == "cpu"


def test_other_session_has_a_cache_of_its_own() -> None:
    twin = Twin()
    twin.post()

    assert marker(twin.post("x-nertwin-session: other")) == "cpu"


def test_kept_answer_is_served_by_a_cold_model() -> None:
    twin = Twin(Life(starts="cold", after_calls=1))
    twin.post()
    twin.post()

    twin.session.state(MODEL, Life()).evict()

    assert marker(twin.post("x-load-model: 0")) == "cache"
    assert twin.post(inputs="Bob").status_code == 503


def test_refusal_is_not_kept() -> None:
    twin = Twin()
    wrong = {"aggregation_strategy": "bogus"}

    seen = [twin.post(parameters=wrong) for _ in range(2)]

    assert [response.status_code for response in seen] == [400, 400]
    assert len(twin.session.cache) == 0


def test_error_with_200_is_not_kept() -> None:
    twin = Twin(Life(starts="cold", after_calls=1))
    twin.post("x-load-model: 0")

    assert statuses(twin, 2) == [503, 200]


def test_kept_answer_expires_on_the_sessions_clock() -> None:
    twin = Twin(cache_ttl=60)
    twin.post()

    twin.clock.advance(59)
    before = marker(twin.post())
    twin.clock.advance(1)

    assert (before, marker(twin.post())) == ("cache", "cpu")


def test_cache_can_be_off() -> None:
    twin = Twin(cache=False)

    assert [marker(twin.post()) for _ in range(2)] == ["cpu", "cpu"]


def test_event_stream_is_kept_apart_from_the_plain_answer() -> None:
    twin = Twin(stream="sse")
    plain = twin.post()
    stream = twin.post(stream=True)

    again = twin.post(stream=True)

    assert (marker(plain), marker(stream), marker(again)) == ("cpu", "cpu", "cache")
    assert again.content == stream.content != plain.content
    assert again.headers["content-type"] == "text/event-stream"


@pytest.mark.parametrize("profile", ["router", "dedicated"])
def test_profile_without_life_serves_a_cold_model_at_once(profile: str) -> None:
    twin = Twin(Life(starts="cold"), profile=profile, default_model=MODEL)
    path = {"router": f"/hf-inference/models/{MODEL}", "dedicated": "/"}[profile]

    seen = [twin._send("POST", path, json={"inputs": "Ada"}) for _ in range(2)]

    assert [response.status_code for response in seen] == [200, 200]
    assert all("x-compute-type" not in response.headers for response in seen)


def test_endpoints_own_answer_knows_no_life_and_no_cache() -> None:
    endpoint = Twin(Life(starts="cold")).app.endpoint
    model = endpoint.models.model(MODEL)

    seen = [endpoint.answer(model, b'{"inputs": "Ada"}') for _ in range(2)]

    assert seen[0] == seen[1]
    assert seen[0].status == 200


def test_hot_loop_on_a_loading_model_stays_bounded() -> None:
    async def hammer(wired: Wired, calls: int) -> set[bytes]:
        statuses = set()
        for number in range(calls):
            answer = await wired.ask(post(str(number), path=f"/models/{MODEL}"))
            statuses.add(answer[:12])
            wired.sink.data = b""  # What was written is in nobody's memory but the test's.
        return statuses

    async def live() -> tuple[int, set[bytes], int]:
        wired = Wired(Settings(clock="frozen", any_model=True))
        wired.session().set_life(MODEL, Life(starts="cold", after_seconds=1000))
        await hammer(wired, 1200)  # Until the journal is full.
        before = held()
        seen = await hammer(wired, 2000)
        return before, seen, held()

    tracemalloc.start()
    before, seen, after = asyncio.run(live())
    tracemalloc.stop()

    assert seen == {b"HTTP/1.1 503"}
    assert after - before < 500_000


def held() -> int:
    """Bytes that are in use; what is garbage already is none of them."""
    gc.collect()
    return tracemalloc.get_traced_memory()[0]
