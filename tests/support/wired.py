"""The stand-in behind its HTTP protocol, with a transport that keeps what is written."""

import asyncio
import json
from typing import Any

import uvicorn
from uvicorn.server import ServerState

from nertwin.mockserver import Settings, create_app
from nertwin.mockserver.app import StandIn
from nertwin.mockserver.protocol import Protocol
from nertwin.mockserver.session import Session

MODEL = "dslim/bert-base-NER"
DATE = (b"date", b"Mon, 23 Nov 2026 00:00:00 GMT")


class Sink(asyncio.Transport):
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.data = b""
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.data += bytes(data)

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def get_extra_info(self, name: str, default: object = None) -> object:
        return ("127.0.0.1", 8080) if name in ("sockname", "peername") else default

    def resume_reading(self) -> None:
        pass

    def pause_reading(self) -> None:
        pass


class Wired:
    """One connection to a stand-in of its own."""

    def __init__(self, settings: Settings | None = None, *, recalls: bool = True) -> None:
        self.app: StandIn = create_app(settings or Settings(clock="frozen"))
        self.recall = self.app.recall
        if not recalls:
            self.app.recall = None
        config = uvicorn.Config(
            self.app,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
        )
        config.load()
        self.state = ServerState()
        self.state.default_headers = [DATE]
        self._config = config
        self.connect()

    def connect(self) -> None:
        """Go on by a connection of its own."""
        self.sink = Sink()
        self.protocol = Protocol(self._config, self.state, {}, _loop=asyncio.get_running_loop())
        self.protocol.connection_made(self.sink)

    def session(self, session_id: str = "default") -> Session:
        return self.app.sessions.find(session_id)

    async def ask(self, *pieces: bytes) -> bytes:
        """What is written once the request of these pieces is answered."""
        if self.sink.closed:
            self.connect()
        before = len(self.sink.data)
        requests = self.total_requests
        for piece in pieces:
            self.protocol.data_received(piece)
        for _ in range(1000):
            await asyncio.sleep(0)
            if self.total_requests > requests or self.sink.closed:
                break
        return self.sink.data[before:]

    @property
    def total_requests(self) -> int:
        return self.state.total_requests

    def left_behind(self, session_id: str = "default") -> dict[str, Any]:
        """What the calls have left in a session, but for the machine's times."""
        session = self.session(session_id)
        journal: Any = session.journal.to_json()
        for exchange in journal["exchanges"]:
            for name in ("real_time", "real_seconds", "last_real_time"):
                del exchange[name]
        return {
            "journal": journal,
            "findings": session.findings.to_json(),
            "requests": session.requests,
            "in_flight": session.in_flight,
            "models": {name: state.stage for name, state in session.states().items()},
            "cached": len(session.cache),
            "bytes": session.bytes_held,
        }


def post(
    inputs: object = "My name is Sarah Jessica Parker but you can call me Jessica",
    *headers: str,
    path: str = f"/models/{MODEL}",
    payload: dict[str, Any] | None = None,
    version: str = "1.1",
) -> bytes:
    """A request to classify that, in one piece."""
    body = json.dumps({"inputs": inputs} if payload is None else payload).encode()
    lines = [f"POST {path} HTTP/{version}", "host: localhost", *headers]
    lines += ["content-type: application/json", f"content-length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def get(path: str, *headers: str, method: str = "GET") -> bytes:
    """A request without a body."""
    lines = [f"{method} {path} HTTP/1.1", "host: localhost", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"
