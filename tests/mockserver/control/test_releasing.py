"""A call that waits for its model hears at once of what the control API does to it."""

import asyncio
from typing import Any

import httpx
import pytest

from nertwin.mockserver import Life, ModelCard, Settings, StandIn, create_app

MODEL = "acme/ner"
LONG = 30.0  # Seconds of the machine's clock; no test takes nearly so long.


def an_app(**settings: Any) -> StandIn:
    """A stand-in on a real clock with a model that takes an hour to load."""
    life = Life(starts="cold", after_seconds=3600)
    models = {MODEL: ModelCard(id=MODEL, life=life)}
    return create_app(Settings(models=models, default_model=MODEL, wait_limit=3600, **settings))


def reply_of_a_waiting_call(app: StandIn, *changes: tuple[str, str, Any]) -> httpx.Response:
    """What a call that waits is answered when the control API is sent the changes meanwhile."""

    async def watch() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            wait = {"x-wait-for-model": "true"}
            call = asyncio.create_task(
                client.post(f"/models/{MODEL}", json={"inputs": "Ada"}, headers=wait)
            )
            while not app.sessions.find().bell:  # noqa: ASYNC110 - It has no event to wait for.
                await asyncio.sleep(0)
            for method, path, body in changes:
                changed = await client.request(
                    method, f"/_nertwin/sessions/default{path}", json=body
                )
                changed.raise_for_status()
            return await call

    return asyncio.run(asyncio.wait_for(watch(), LONG))


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        pytest.param([("PUT", f"/models/{MODEL}", {"state": "ready"})], 200, id="warmed"),
        pytest.param([("PUT", f"/models/{MODEL}", {"life": {}})], 200, id="born ready"),
        pytest.param(
            [("PUT", f"/models/{MODEL}", {"life": {"starts": "too-big"}})], 403, id="too big"
        ),
        pytest.param(
            [("PUT", f"/models/{MODEL}", {"life": {"starts": "failed"}})], 500, id="failed"
        ),
        pytest.param(
            [
                ("PUT", f"/models/{MODEL}", {"life": {"starts": "cold", "after_calls": 3}}),
            ],
            200,
            id="loads by calls",
        ),
        pytest.param(
            [
                ("PATCH", "", {"settings": {"clock": "frozen"}}),
                ("POST", "/clock/advance", {"seconds": 3600}),
            ],
            200,
            id="advanced",
        ),
    ],
)
def test_waiting_call_is_decided_when_its_model_changes(
    changes: list[tuple[str, str, Any]], status: int
) -> None:
    reply = reply_of_a_waiting_call(an_app(), *changes)

    assert reply.status_code == status


def test_waiting_call_finds_the_life_that_a_reset_gives_back() -> None:
    app = an_app()
    app.sessions.find().set_life(MODEL, Life(starts="cold", after_seconds=1800))
    evicted = ("PUT", f"/models/{MODEL}", {"state": "cold"})
    reset = ("POST", "/reset", {"what": ["models"]})
    warmed = ("PUT", f"/models/{MODEL}", {"state": "ready"})

    reply = reply_of_a_waiting_call(app, evicted, reset, warmed)

    assert reply.status_code == 200
    assert app.sessions.find().states()[MODEL].life.after_seconds == 3600


def test_call_that_was_released_leaves_nothing_behind() -> None:
    app = an_app()

    reply_of_a_waiting_call(app, ("PUT", f"/models/{MODEL}", {"state": "ready"}))

    assert len(app.sessions.find().bell) == 0
