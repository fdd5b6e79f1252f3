"""Many clients at once, each with a session and settings of its own, and what the server holds."""

import asyncio
import contextlib
import gc
import http.client
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import uvicorn

from nertwin.mockserver import ModelCard, Settings, create_app
from nertwin.mockserver.control.client import Control
from nertwin.mockserver.life import Life
from nertwin.mockserver.listening import bind
from nertwin.mockserver.protocol import Protocol

MODEL = "acme/ner"
KEY = "Bearer hf_0123456789"
_PATHS = {"classic": f"/models/{MODEL}", "router": f"/hf-inference/models/{MODEL}"}
_HOLDINGS = "/holdings"


@dataclass(frozen=True)
class Holdings:
    """What a server holds while nobody calls it."""

    tasks: int  #: Of its event loop.
    descriptors: int  #: Of the whole process.
    resident: int  #: Bytes of the whole process.


class Member:
    """One of the crowd; what it must be answered follows from its number alone."""

    def __init__(self, control: Control, number: int) -> None:
        self._number = number
        self._profile = "router" if number % 3 == 0 else "classic"
        self._has_key = number % 2 == 0
        self._has_cache = number % 5 != 0 and self._profile == "classic"
        settings: dict[str, Any] = {
            "profile": self._profile,
            "auth": "required" if self._has_key else "open",
            "cache": self._has_cache,
            "clock": "frozen",
        }
        self._session = control.session(settings=settings)
        parts = urlsplit(self._session.url)
        self._path = parts.path + _PATHS[self._profile]
        self._connection = http.client.HTTPConnection(parts.netloc, timeout=30)
        self._now = self._calls = 0

    def play(self) -> None:
        """Go through a model's life, and check each answer."""
        session, number = self._session, self._number
        life = Life(starts="cold", after_calls=1, estimated_time=float(number))
        session.models[MODEL].set_life(life)
        if self._has_key:
            assert self._call(key=False)[0] == (429 if self._profile == "classic" else 401)
        if self._profile == "classic":
            status, _, body = self._call()
            assert (status, body["estimated_time"]) == (503, number)
        for marker in ("cpu", "cache" if self._has_cache else "cpu"):
            status, headers, entities = self._call()
            assert status == 200
            assert headers["x-compute-type"] == (marker if self._profile == "classic" else None)
            assert [each["start"] for each in entities] == [number + 1]
        self._now += number
        assert session.clock.advance(number) == self._now
        exchanges: list[Any] = session.journal()
        assert {each["request"]["body"] for each in exchanges} == {self._body}
        cleared = session.reset("journal", "cache")
        assert cleared == {"journal": self._calls, "cache": int(self._has_cache)}
        self._calls = 0

    def leave(self) -> None:
        """Close the connection and remove the session."""
        self._connection.close()
        self._session.close()

    @property
    def _body(self) -> str:
        return json.dumps({"inputs": "x" * self._number + " Sarah"})

    def _call(self, *, key: bool = True) -> tuple[int, Any, Any]:
        self._calls += 1
        headers = {"content-type": "application/json", **({"authorization": KEY} if key else {})}
        self._connection.request("POST", self._path, self._body, headers)
        response = self._connection.getresponse()
        return response.status, response.headers, json.loads(response.read())


def play_together(url: str, size: int, *, is_over: Callable[[int], bool]) -> int:
    """Let that many clients play round after round until ``is_over``; gives the rounds of all."""
    start = threading.Barrier(size)

    def live(number: int) -> int:
        rounds = 0
        with Control(url) as control:
            member = Member(control, number)
            start.wait(30)
            while not is_over(rounds):
                member.play()
                rounds += 1
            member.leave()
        return rounds

    with ThreadPoolExecutor(size) as threads:
        return sum(threads.map(live, range(1, size + 1)))


@contextlib.contextmanager
def crowded_server() -> Iterator[str]:
    """The URL of a server in a thread that also tells what it holds."""
    app = create_app(Settings(port=0, models={MODEL: ModelCard(id=MODEL)}))

    async def telling(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] != _HOLDINGS:
            await app(scope, receive, send)
            return
        held = {"tasks": len(asyncio.all_tasks()), **_of_the_process()}
        body = json.dumps(held).encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    config = uvicorn.Config(
        telling, loop="none", http=Protocol, ws="none", lifespan="off", log_config=None
    )
    server = uvicorn.Server(config)
    with bind("127.0.0.1", 0) as listener:
        thread = threading.Thread(
            target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True
        )
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)


def _of_the_process() -> dict[str, int]:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    return {"descriptors": descriptors, "resident": pages * os.sysconf("SC_PAGE_SIZE")}


def holdings(url: str) -> Holdings:
    """What the server holds now."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    with contextlib.closing(connection):
        connection.request("GET", _HOLDINGS)
        return Holdings(**json.loads(connection.getresponse().read()))


def settled(url: str, before: Holdings, *, within: float = 10.0) -> Holdings:
    """What the server holds once it has noticed that the clients are gone, or never did."""
    end = time.monotonic() + within
    while (held := holdings(url)) and time.monotonic() < end:
        if (held.tasks, held.descriptors) == (before.tasks, before.descriptors):
            break
    return held
