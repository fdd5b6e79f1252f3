"""What the gates and layers cost a call: each part alone, in one process, without a socket.

``python benchmarks/gates.py`` prints microseconds a call and their ratio to the bare ASGI
function, medians of interleaved rounds. Only the ratios of one run say anything.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping
from statistics import median
from typing import Any

from nertwin.mockserver import Settings, create_app
from nertwin.mockserver.call import CALL, Call
from nertwin.mockserver.faults import Fault
from nertwin.mockserver.quota import QuotaPlan

BODY = b'{"inputs": "My name is Sarah Jessica Parker but you can call me Jessica"}'
PATH = "/models/dbmdz/bert-large-cased-finetuned-conll03-english"
HEADERS = [
    (b"host", b"127.0.0.1:8080"),
    (b"accept", b"*/*"),
    (b"user-agent", b"bench"),
    (b"content-type", b"application/json"),
    (b"content-length", str(len(BODY)).encode()),
]
CALLS = 300
ROUNDS = 15

App = Callable[[MutableMapping[str, Any], Any, Any], Awaitable[None]]


async def bare(_scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:  # noqa: ANN401
    """The least that an application can do."""
    await receive()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"[]"})


async def call(app: App, headers: list[tuple[bytes, bytes]]) -> None:
    """One call of the application."""
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "path": PATH,
        "raw_path": PATH.encode(),
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "headers": headers,
        "server": ("127.0.0.1", 8080),
        "client": ("127.0.0.1", 9),
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": BODY, "more_body": False}

    async def send(_message: dict[str, Any]) -> None:
        return None

    await app(scope, receive, send)


async def time_calls(app: App, headers: list[tuple[bytes, bytes]]) -> float:
    """Microseconds a call."""
    began = time.perf_counter()
    for _ in range(CALLS):
        await call(app, headers)
    return (time.perf_counter() - began) / CALLS * 1e6


async def main() -> None:
    """Measure all of them in turns."""
    fresh = (b"x-use-cache", b"false")
    key = (b"authorization", b"Bearer hf_0123456789")
    plain = create_app(Settings())
    spared = Fault(kind="500", model="nobody/nothing")
    planned = create_app(Settings(faults=(spared,)))
    session = plain.sessions.find("without layers")

    async def unwrapped(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:  # noqa: ANN401
        # The routes alone: no session is looked for, nothing is journalled or found.
        scope[CALL] = Call(session, 0.0)
        await plain._answer(scope, receive, send)

    gated = create_app(Settings(auth="required", quota=QuotaPlan(calls=10**9, ratelimit=True)))
    subjects: dict[str, tuple[App, list[tuple[bytes, bytes]]]] = {
        "bare ASGI function": (bare, HEADERS),
        "cached answer, no layers": (unwrapped, HEADERS),
        "cached answer": (plain, HEADERS),
        "cached answer, a fault for others": (planned, HEADERS),
        "cached answer, key and quota on": (gated, [*HEADERS, key]),
        "computed answer, no layers": (unwrapped, [*HEADERS, fresh]),
        "computed answer": (plain, [*HEADERS, fresh]),
        "computed answer, a fault for others": (planned, [*HEADERS, fresh]),
        "computed answer, key and quota on": (gated, [*HEADERS, fresh, key]),
    }
    times: dict[str, list[float]] = {name: [] for name in subjects}
    for _ in range(ROUNDS):
        for name, (app, headers) in subjects.items():
            times[name].append(await time_calls(app, headers))
    least = median(times["bare ASGI function"])
    for name, measured in times.items():
        print(f"{name:<36} {median(measured):7.1f} us  {median(measured) / least:6.1f}")


if __name__ == "__main__":
    asyncio.run(main())
