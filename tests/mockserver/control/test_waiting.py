"""Waiting is given up with the client that waits; test_verification.py has the wait itself."""

import asyncio
from typing import Any

from nertwin.mockserver import Settings, create_app

LONG = 30.0


def test_wait_ends_without_an_answer_when_its_client_leaves() -> None:
    app = create_app(Settings())
    journal = app.sessions.find().journal
    sent: list[Any] = []
    messages: list[Any] = [
        {"type": "http.request", "body": b'{"timeout": 60}', "more_body": False},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/_nertwin/sessions/default/journal/wait",
        "scheme": "http",
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
    }
    asyncio.run(asyncio.wait_for(app(scope, receive, send), LONG))

    assert sent == []
    assert journal.watchers == 0
