"""A stand-in that hurts calls, on either event loop."""

import asyncio
import contextlib
import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import uvicorn

from nertwin.mockserver import Settings
from nertwin.mockserver.app import StandIn
from nertwin.mockserver.faultplan import FaultPlan
from nertwin.mockserver.faults import FAULT_HEADER
from nertwin.mockserver.listening import bind
from nertwin.mockserver.protocol import Protocol
from nertwin.mockserver.session import Session
from nertwin.mockserver.sessionclock import SessionClock

MODEL = "dslim/bert-base-NER"
PATH = f"/models/{MODEL}"
TEXT = "My name is Sarah Jessica Parker but you can call me Jessica"
BODY = json.dumps({"inputs": TEXT}).encode()
WITHIN = 10.0  # Seconds; nothing waits that long when all is well.


@dataclass(frozen=True)
class Hurting:
    """A running stand-in with its default session."""

    url: str
    session: Session

    @property
    def plan(self) -> FaultPlan:
        return self.session.faults

    @property
    def clock(self) -> SessionClock:
        return self.session.clock

    @property
    def model(self) -> str:
        return self.url + PATH


def hurting_app(clock: str = "frozen") -> StandIn:
    """A stand-in that computes each answer anew."""
    return StandIn(Settings(cache=False, clock=clock))


@contextlib.contextmanager
def hurting_server(
    *, clock: str = "frozen", new_loop: Callable[[], asyncio.AbstractEventLoop] | None = None
) -> Iterator[Hurting]:
    """A hurting stand-in on a free port, in a thread; its end waits for all connections."""
    app = hurting_app(clock)
    session = app.sessions.find()
    config = uvicorn.Config(
        app,
        loop="none",
        http=Protocol,
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    started = threading.Event()
    server = _Server(config, started)
    with bind("127.0.0.1", 0) as listener:

        def run() -> None:
            with asyncio.Runner(loop_factory=new_loop or _new_loop) as runner:
                runner.run(server.serve(sockets=[listener]))

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        assert started.wait(WITHIN)
        try:
            port = listener.getsockname()[1]
            yield Hurting(f"http://127.0.0.1:{port}", session)
        finally:
            server.should_exit = True
            thread.join(WITHIN)


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, started: threading.Event) -> None:
        super().__init__(config)
        self._on_start = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_start.set()


def _new_loop() -> asyncio.AbstractEventLoop:
    import uvloop

    return uvloop.new_event_loop()


def a_request(fault: str = "", *headers: str, version: str = "1.1") -> bytes:
    """The bytes of a POST that asks for the fault."""
    lines = [f"POST {PATH} HTTP/{version}", "Host: stand-in", f"Content-Length: {len(BODY)}"]
    lines += [f"X-Nertwin-Fault: {fault}"] if fault else []
    return "\r\n".join([*lines, *headers, "", ""]).encode() + BODY


def exchange(url: str, sent: bytes) -> bytes:
    """All that the server says to these bytes until it closes the connection."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=WITHIN) as wire:
        wire.sendall(sent)
        return b"".join(iter(lambda: wire.recv(65536), b""))


def ask(url: str, fault: str = "", sent: bytes | None = None) -> tuple[bytes, bytes]:
    """Head and body of what the server says to one request before it closes."""
    said = exchange(url, a_request(fault, "Connection: close") if sent is None else sent)
    head, _, body = said.partition(b"\r\n\r\n")
    return head, body


def post(server: Hurting, fault: str = "", path: str = PATH) -> tuple[int, Any, bytes]:
    """Status, headers and body of a call that the standard library makes."""
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=WITHIN)
    headers = {FAULT_HEADER: fault} if fault else {}
    with contextlib.closing(connection):
        connection.request("POST", path, BODY, headers)
        response = connection.getresponse()
        return response.status, response.headers, response.read()
