"""A call that waits for its model hears at once of what the control API does to it."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from support.processes import eventually

from nertwin.mockserver import (
    Control,
    Life,
    ModelCard,
    RunningServer,
    Settings,
    StandIn,
    create_app,
    running_server,
)

MODEL = "acme/ner"
LONG = 30.0  # Seconds of the machine's clock; no test takes nearly so long.


def an_app(**settings: Any) -> StandIn:
    """A stand-in on a real clock with a model that takes an hour to load."""
    life = Life(starts="cold", after_seconds=3600)
    models = {MODEL: ModelCard(id=MODEL, life=life)}
    given = {"wait_limit": 3600, **settings}
    return create_app(Settings(models=models, default_model=MODEL, **given))


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


def test_waiting_call_of_a_session_that_is_removed_is_answered_at_once() -> None:
    app = an_app()

    reply = reply_of_a_waiting_call(app, ("DELETE", "", None))

    assert reply.status_code == 410
    assert reply.headers["x-nertwin-error"] == "session"
    assert reply.json()["error"] == (
        "the session of this call was removed while the call waited for model acme/ner to load;"
        " a call to it begins a new one"
    )


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(("PATCH", "", {"settings": {"wait_limit": 0}}), id="changed"),
        pytest.param(("POST", "/reset", {"what": ["settings"]}), id="restored"),
    ],
)
def test_waiting_call_heeds_a_wait_limit_that_is_lowered_meanwhile(
    change: tuple[str, str, Any],
) -> None:
    app = an_app(wait_limit=0)
    session = app.sessions.find()
    session.change(replace(session.settings, wait_limit=3600))

    reply = reply_of_a_waiting_call(app, change)

    assert reply.status_code == 500
    assert reply.json()["error"].startswith("Model too busy, unable to get response in less than 0")


def delete(server: RunningServer) -> None:
    with Control(server.url) as control:
        control.session("gone").close()


def forget(server: RunningServer) -> None:
    assert server.memory is not None
    server.memory.forget("gone")  # As the fixture does when its test is over.


@pytest.mark.parametrize("remove", [delete, forget])
def test_removed_session_holds_no_connection(remove: Callable[[RunningServer], None]) -> None:
    life = Life(starts="cold", after_seconds=3600)
    settings = Settings(port=0, models={MODEL: ModelCard(id=MODEL, life=life)}, wait_limit=3600)
    with running_server(settings) as server, Control(server.url) as control:
        connection = HTTPConnection("127.0.0.1", urlsplit(server.url).port or 0, timeout=LONG)
        wait = {"x-wait-for-model": "true"}
        connection.request("POST", f"/s/gone/models/{MODEL}", b'{"inputs": "Ada"}', wait)
        eventually(lambda: "gone" in control.sessions(), wanted=True)

        remove(server)
        response = connection.getresponse()
        response.read()
        connection.request("GET", "/health")
        status = connection.getresponse().status
        connection.close()

        assert (response.status, status) == (410, 200)
        assert "gone" not in control.sessions()
