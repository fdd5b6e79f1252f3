"""Two ways to a session: calls inside this process, or over a socket and the control API."""

import asyncio
import http.client
import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count, cycle
from typing import Any, Protocol
from urllib.parse import urlsplit

from nertwin.mockserver.app import StandIn
from nertwin.mockserver.control.client import Control
from nertwin.mockserver.life import Life
from nertwin.mockserver.quota import QuotaPlan
from nertwin.mockserver.settings import change_settings

_NUMBERS = count(1)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Driver(Protocol):
    """A session and all that can be done to it."""

    def ask(self, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> Answer: ...

    def change(self, **settings: Any) -> None: ...

    def advance(self, seconds: int) -> None: ...

    def bring(self, model: str, stage: str) -> None: ...

    def set_life(self, model: str, life: Life) -> None: ...

    def forget_models(self) -> None: ...

    def forget_calls(self) -> None: ...

    def clear_cache(self, model: str | None) -> int: ...

    @property
    def now(self) -> float: ...

    def gates(self) -> list[str]:
        """What decided each request, as the journal has it."""
        ...

    def close(self) -> None: ...


class InProcess:
    """A session of an app that is called without a socket."""

    def __init__(self, app: StandIn, runner: asyncio.Runner, **settings: Any) -> None:
        self._app = app
        self._runner = runner
        self._id = f"in-process-{next(_NUMBERS)}"
        self._session = app.sessions.find(self._id)
        self._session.begin(change_settings(app.settings, _plain(settings)))

    def ask(self, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> Answer:
        sent = {"host": "stand-in", "x-nertwin-session": self._id, **headers}
        lines = [(name.encode(), value.encode()) for name, value in sent.items()]
        return self._runner.run(ask_app(self._app, method, path, lines, body))

    def change(self, **settings: Any) -> None:
        self._session.change(change_settings(self._session.settings, _plain(settings)))

    def advance(self, seconds: int) -> None:
        self._session.clock.advance(seconds)

    def bring(self, model: str, stage: str) -> None:
        state = self._session.state_of(self._session.endpoint.models.card(model))
        if stage == "ready":
            state.warm()
            return
        if stage == "cold" or state.stage == "ready":
            state.evict()
        if stage == "loading":
            state.load()

    def set_life(self, model: str, life: Life) -> None:
        self._session.set_life(model, life)

    def forget_models(self) -> None:
        self._session.forget_models()

    def forget_calls(self) -> None:
        self._session.forget_calls()

    def clear_cache(self, model: str | None) -> int:
        return self._session.cache.clear(model)

    @property
    def now(self) -> float:
        return self._session.clock.now

    def gates(self) -> list[str]:
        return [gate for each in self._session.journal for gate in [each.gate] * each.count]

    def close(self) -> None:
        self._app.sessions.remove(self._id)


class OverSocket:
    """A session of a running server, which is told what to do over its control API."""

    def __init__(self, control: Control, session_id: str | None = None, **settings: Any) -> None:
        self._session = control.session(session_id, settings=settings or None)
        self._control = control
        self.id = self._session.id
        parts = urlsplit(self._session.url)
        self._prefix = parts.path
        self._connection = http.client.HTTPConnection(parts.netloc, timeout=10)

    def ask(self, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> Answer:
        self._connection.request(method, self._prefix + path, body, headers)
        response = self._connection.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, found, response.read())

    def change(self, **settings: Any) -> None:
        self._session.change(**settings)

    def advance(self, seconds: int) -> None:
        self._session.clock.advance(seconds)

    def bring(self, model: str, stage: str) -> None:
        controlled = self._session.models[model]
        done = {"cold": controlled.evict, "loading": controlled.load, "ready": controlled.warm}
        done[stage]()

    def set_life(self, model: str, life: Life) -> None:
        self._session.models[model].set_life(life)

    def forget_models(self) -> None:
        self._session.reset("models")

    def forget_calls(self) -> None:
        self._session.reset("quota")

    def clear_cache(self, model: str | None) -> int:
        return self._session.clear_cache(model)

    @property
    def now(self) -> float:
        return self._session.clock.now

    def gates(self) -> list[str]:
        kept: list[Any] = self._session.journal()
        return [gate for each in kept for gate in [each["gate"]] * (1 + each["repeats"])]

    def close(self) -> None:
        self.disconnect()
        self._session.close()

    def disconnect(self) -> None:
        self._connection.close()
        self._control.close()


class InTurns:
    """A session that several servers share, which are asked one after the other."""

    def __init__(self, controls: Sequence[Control], **settings: Any) -> None:
        first = OverSocket(controls[0], **settings)
        others = [OverSocket(control, first.id) for control in controls[1:]]
        self._drivers = [first, *others]
        self._turns = cycle(self._drivers)

    def __getattr__(self, name: str) -> Any:
        return getattr(next(self._turns), name)

    def close(self) -> None:
        first, *others = self._drivers
        for driver in others:
            driver.disconnect()
        first.close()


class OnNewConnections(InTurns):
    """A session of several processes behind one port, each of which may be asked."""

    def __init__(self, control: Control, **settings: Any) -> None:
        super().__init__([control], **settings)

    def __getattr__(self, name: str) -> Any:
        for driver in self._drivers:
            driver.disconnect()
        return super().__getattr__(name)


async def ask_app(
    app: StandIn, method: str, path: str, headers: list[tuple[bytes, bytes]], body: bytes = b""
) -> Answer:
    """What the application says to one request."""
    scope = {
        "type": "http",
        "http_version": "1.1",
        "scheme": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": headers,
    }
    sent: list[Any] = []
    never = asyncio.Event()
    messages = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> Any:
        message = next(messages, None)
        if message is None:
            await never.wait()  # The client stays.
        return message

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    fields = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    content = b"".join(message.get("body", b"") for message in sent[1:])
    return Answer(sent[0]["status"], fields, content)


def _plain(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings with a quota as the server holds it."""
    quota = settings.get("quota")
    return settings | {"quota": QuotaPlan(**quota)} if quota else settings
