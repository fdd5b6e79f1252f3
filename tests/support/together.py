"""Servers in this process that share one Redis: applications that are asked without a socket."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any, TypeVar

import redis

from nertwin.mockserver import ModelCard, Settings, create_app
from nertwin.mockserver.app import StandIn
from nertwin.mockserver.life import Life
from support.lifedrivers import Answer, ask_app
from support.redises import RedisServer

MODEL = "acme/ner"
_NUMBERS = count(1)
_LONGEST = 30.0  # Seconds that anything may take.
_Result = TypeVar("_Result")


class Together:
    """Two applications, the first and the second, which have their sessions in common."""

    def __init__(self, server: RedisServer, runner: asyncio.Runner, **settings: Any) -> None:
        models = {MODEL: ModelCard(id=MODEL)}
        # Each test has a namespace, so that none sees another's sessions.
        self.namespace = f"test-{next(_NUMBERS)}"
        settings = {"models": models, "clock": "frozen", **settings}
        state = f"{server.url}?namespace={self.namespace}"
        self.apps = [create_app(Settings(state=state, **settings)) for _ in range(2)]
        self.redis: Any = redis.Redis.from_url(server.url)
        self._runner = runner

    def run(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        """What the work gives, within a bounded time."""
        return self._runner.run(asyncio.wait_for(work, _LONGEST))

    def close(self) -> None:
        for app in self.apps:
            self._runner.run(app.disconnect())
        self.redis.close()

    def call(self, which: int = 0, text: str = "Ada", **headers: str) -> Answer:
        """The answer to a call of that application."""
        return self.run(call(self.apps[which], text, **headers))

    def control(self, which: int, method: str, path: str, body: Any = None) -> Any:
        """What the control API of that application answers."""
        return self.run(control(self.apps[which], method, path, body)).json

    def key(self, kind: str, session_id: str = "default") -> str:
        """The name of a key in Redis."""
        prefix = f"nertwin:0.1.0:{self.namespace}:{kind}"
        return f"{prefix}:{session_id}" if session_id else prefix

    def gates(self, which: int = 0) -> list[str]:
        """What has decided each request, as the journal has it."""
        found = self.control(which, "GET", "sessions/default/journal")["exchanges"]
        return [gate for each in found for gate in [each["gate"]] * (1 + each["repeats"])]


@contextmanager
def together(server: RedisServer, **settings: Any) -> Iterator[Together]:
    """Two applications on one event loop."""
    with asyncio.Runner() as runner:
        both = Together(server, runner, **settings)
        try:
            yield both
        finally:
            both.close()


async def call(app: StandIn, text: str = "Ada", **headers: str) -> Answer:
    """A call of the model; an underscore stands for a hyphen in the name of a header."""
    lines = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    body = json.dumps({"inputs": text}).encode()
    return await ask_app(app, "POST", f"/models/{MODEL}", [(b"host", b"localhost"), *lines], body)


async def control(app: StandIn, method: str, path: str, body: Any = None) -> Answer:
    """A request to the control API."""
    sent = b"" if body is None else json.dumps(body).encode()
    return await ask_app(app, method, f"/_nertwin/{path}", [(b"host", b"localhost")], sent)


def cold(**life: Any) -> dict[str, Any]:
    """Settings with a model that must be loaded."""
    return {"models": {MODEL: ModelCard(id=MODEL, life=Life(starts="cold", **life))}}


async def all_of(work: Iterable[Awaitable[_Result]]) -> list[_Result]:
    """What each of them gives, done at the same time."""
    return await asyncio.gather(*work)


async def until(holds: Callable[[], bool]) -> None:
    """Let others run until that holds."""
    while not holds():  # noqa: ASYNC110  # Redis tells nobody of what changes.
        await asyncio.sleep(0.005)
