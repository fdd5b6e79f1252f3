import asyncio
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from nertwin.mockserver.naming import by_session


def ask(
    path: str = "/models/x", *, type_: str = "http", headers: dict[str, str] | None = None
) -> list[Any]:
    """Who was called with what, and what went out."""
    seen: list[Any] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(("app", scope["type"]))

    async def session_app(session: str, scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append((session, scope["path"], scope["raw_path"]))

    async def receive() -> dict[str, Any]:
        return {}

    async def send(message: Any) -> None:
        seen.append(message.get("status", message.get("body")))

    scope = {
        "type": type_,
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in (headers or {}).items()],
    }

    async def call() -> None:
        await by_session(app, session_app)(scope, receive, send)

    asyncio.run(call())
    return seen


@pytest.mark.parametrize(
    ("path", "headers", "session"),
    [
        ("/models/x", {}, "default"),
        ("/s/a/models/x", {}, "a"),
        ("/s/a/models/x", {"x-nertwin-session": "b"}, "b"),
        ("/models/x", {"authorization": "Bearer hf_nertwin_c"}, "c"),
        ("/s/a/models/x", {"authorization": "Bearer hf_nertwin_c"}, "a"),
    ],
    ids=["nothing", "path", "header", "token", "path-and-token"],
)
def test_request_is_answered_in_the_session_that_it_names(
    path: str, headers: dict[str, str], session: str
) -> None:
    assert ask(path, headers=headers) == [(session, "/models/x", b"/models/x")]


def test_what_is_no_http_has_no_session() -> None:
    assert ask(type_="lifespan") == [("app", "lifespan")]


def test_name_that_no_session_can_have_is_refused_before_any_is_found() -> None:
    status, body = ask(headers={"x-nertwin-session": "a b"})

    assert status == 400
    assert b"the session id 'a b' in x-nertwin-session is malformed" in body
