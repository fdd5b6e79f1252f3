import asyncio
from collections.abc import MutableMapping
from typing import Any

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from nertwin.mockserver import Settings
from nertwin.mockserver.app import create_endpoint
from nertwin.mockserver.layers import wrap
from nertwin.mockserver.requestids import request_id
from nertwin.mockserver.session import Session
from nertwin.mockserver.sessions import Sessions


async def broken(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise KeyError("/secret/path")


async def broken_midway(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    raise KeyError


def in_layers(app: Any) -> Any:
    endpoint = create_endpoint(Settings())
    return wrap(app, Sessions(lambda session_id, *_: Session(session_id, endpoint)))


def get(app: Any) -> httpx.Response:
    async def call() -> httpx.Response:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://nertwin"
        ) as client:
            return await client.get("/")

    return asyncio.run(call())


def test_bug_of_ours_is_a_json_500_that_says_so() -> None:
    response = get(in_layers(broken))

    assert response.status_code == 500
    assert response.headers["x-nertwin-error"] == "internal"
    assert "bug in nertwin" in response.json()["error"]
    assert "secret" not in response.text


def test_bug_of_ours_is_logged_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    get(in_layers(broken))

    (record,) = caplog.records
    assert record.exc_info is not None
    assert record.getMessage() == "GET / failed"


def test_bug_after_the_first_byte_cuts_the_connection() -> None:
    with pytest.raises(KeyError):
        get(in_layers(broken_midway))


def test_other_protocols_are_passed_through() -> None:
    seen: list[str] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope["type"])

    async def receive() -> MutableMapping[str, Any]:
        return {}

    async def send(_message: MutableMapping[str, Any]) -> None:
        return None

    async def call() -> None:
        await in_layers(app)({"type": "lifespan"}, receive, send)

    asyncio.run(call())

    assert seen == ["lifespan"]


def test_request_id_is_a_nanoid_and_equal_for_equal_numbers() -> None:
    assert len(request_id(7)) == 21
    assert request_id(7) == request_id(7) != request_id(8)
