"""What the gates and layers cost a call: each part alone, in one process, without a socket.

The least processor time of many small batches, taken in turns: what else the machine does can
only add to it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from nertwin.mockserver import Settings, create_app
from nertwin.mockserver.call import CALL, Call
from nertwin.mockserver.faults import Fault
from nertwin.mockserver.quota import QuotaPlan

from .samples import Samples, print_table

BODY = b'{"inputs": "My name is Sarah Jessica Parker but you can call me Jessica"}'
_BASE = "bare ASGI function"
PATH = "/models/dbmdz/bert-large-cased-finetuned-conll03-english"
HEADERS = [
    (b"host", b"127.0.0.1:8080"),
    (b"accept", b"*/*"),
    (b"user-agent", b"bench"),
    (b"content-type", b"application/json"),
    (b"content-length", str(len(BODY)).encode()),
]
CALLS = 250  # The journal counts equal calls after the first twenty.
BATCHES_A_ROUND = 6

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
    """Microseconds of computing that a call takes."""
    began = time.process_time()
    for _ in range(CALLS):
        await call(app, headers)
    return (time.process_time() - began) / CALLS * 1e6


def run(*, rounds: int, seconds: float) -> dict[str, object]:
    """Measure all subjects in turns, print it and give it as JSON."""
    del seconds
    times = {name: Samples(tuple(each)) for name, each in asyncio.run(_measure(rounds)).items()}
    least = {name: min(each.values) for name, each in times.items()}
    rows = [
        (name, f"{figure:.1f}", f"{figure / least[_BASE]:.1f}", f"{figure / least[_of(name)]:.2f}")
        for name, figure in least.items()
    ]
    columns = ("", "us", "to bare", "to all layers with unused gates")
    print_table("Gates and layers, the least of all batches", columns, rows)
    return {name: each.to_json() for name, each in times.items()}


def _of(name: str) -> str:
    """What the answer is compared to: one of its kind in the default configuration."""
    return name.partition(",")[0]


async def _measure(rounds: int) -> dict[str, list[float]]:
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
        _BASE: (bare, HEADERS),
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
    for _ in range(rounds * BATCHES_A_ROUND):
        for name, (app, headers) in subjects.items():
            times[name].append(await time_calls(app, headers))
    return times
