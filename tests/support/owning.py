"""Workers that share a connection, in one event loop and without a socket."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import httptools
import uvicorn
from uvicorn.server import ServerState

from nertwin.mockserver.desk import Desk
from nertwin.mockserver.handover import Handover
from nertwin.mockserver.owners import owner_of, session_of
from nertwin.mockserver.owning import OwningProtocol

REPLY = b"yes"


@dataclass(frozen=True)
class Seen:
    """A request as an application got it."""

    worker: int
    owner: int  #: Who holds the session that the scope names; the worker itself where any may.
    method: str
    path: str
    raw_path: bytes
    headers: list[tuple[bytes, bytes]]
    body: list[bytes] = field(compare=False)

    @property
    def head(self) -> tuple[str, bytes, list[tuple[bytes, bytes]]]:
        """What a parser alone would know of it."""
        return self.method, self.raw_path, self.headers


_SOCKET = SimpleNamespace(
    fileno=lambda: -1,
    getsockname=lambda: ("127.0.0.1", 80),
    getpeername=lambda: ("127.0.0.1", 1),
)


class Line(asyncio.Transport):
    """A connection as one worker has it; what is written goes to the client at once."""

    def __init__(self, client: "Client") -> None:
        super().__init__()
        self.client = client
        self.is_paused = self.is_ended = False
        self.protocol: asyncio.Protocol | None = None

    def write(self, data: Any) -> None:
        assert not self.is_ended
        self.client.answer += bytes(data)

    def get_write_buffer_size(self) -> int:
        self.client.untaken = max(0, self.client.untaken - 1)
        return self.client.untaken

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return _SOCKET if name == "socket" else default

    def pause_reading(self) -> None:
        self.is_paused = True

    def resume_reading(self) -> None:
        self.is_paused = False
        asyncio.get_running_loop().call_soon(self.client.pump)

    def is_closing(self) -> bool:
        return self.is_ended

    def close(self) -> None:
        if not self.is_ended and self.protocol is not None:
            asyncio.get_running_loop().call_soon(self.protocol.connection_lost, None)
        self.is_ended = True

    abort = close


class Client:
    """Sends pieces to whichever worker has the connection."""

    def __init__(self, count: int) -> None:
        self.answer = b""
        self.seen: list[Seen] = []
        self.handovers = 0
        self.untaken = 0  #: Bytes of answers that it has not taken; each look finds one less.
        self._pieces: deque[bytes] = deque()
        self._workers = [Worker(self, number, count) for number in range(count)]
        self._line, self._protocol = self._workers[0].connect(None)

    async def send(self, pieces: Sequence[bytes]) -> None:
        """Send them, and wait until all is done that can be."""
        self._pieces.extend(pieces)
        self.pump()
        async with asyncio.timeout(20):
            while self.untaken and not self._line.is_ended:  # noqa: ASYNC110  # A look is what counts.
                await asyncio.sleep(0)
        for _ in range(60 + sum(map(len, pieces)) // 4):
            await asyncio.sleep(0)
        self._line.close()
        for _ in range(5):
            await asyncio.sleep(0)

    def leave(self) -> None:
        """Close the connection."""
        self._line.close()

    def pump(self) -> None:
        """Deliver what the worker is ready to read."""
        while self._pieces and not self._line.is_paused and not self._line.is_ended:
            self._protocol.data_received(self._pieces.popleft())

    def move(self, handover: Handover, number: int) -> None:
        """Have another worker go on with the connection."""
        self.handovers += 1
        assert handover.received
        assert not self.untaken
        self._line, self._protocol = self._workers[number].connect(handover)
        asyncio.get_running_loop().call_soon(self.pump)


class Worker:
    """One of those that share the connection; its application notes what it gets."""

    def __init__(self, client: Client, number: int, count: int) -> None:
        self._client = client
        self._config = uvicorn.Config(
            self._answer,
            interface="asgi3",
            loop="none",
            ws="none",
            lifespan="off",
            log_config=None,
            proxy_headers=False,
        )
        self._config.load()
        self.number, self.count, self.given = number, count, 0
        self._state = ServerState()

    def owner_of(self, session_id: str) -> int:
        return owner_of(session_id, self.count)

    def hand_over(self, handover: Handover, number: int) -> None:
        assert number != self.number
        self._client.move(handover, number)

    def connect(self, taken: Handover | None) -> tuple[Line, OwningProtocol]:
        """A connection that begins with what was taken."""
        line = Line(self._client)
        protocol = OwningProtocol(
            config=self._config,
            server_state=self._state,
            app_state={},
            _loop=asyncio.get_running_loop(),
            desk=cast("Desk", self),
            taken=taken,
        )
        line.protocol = protocol
        protocol.connection_made(line)
        return line, protocol

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        body: list[bytes] = []
        session_id = session_of(scope)
        self._client.seen.append(
            Seen(
                worker=self.number,
                owner=self.number if session_id is None else self.owner_of(session_id),
                method=scope["method"],
                path=scope["path"],
                raw_path=scope["raw_path"],
                headers=list(scope["headers"]),
                body=body,
            )
        )
        while (message := await receive())["type"] == "http.request":
            body.append(message["body"])
            if not message["more_body"]:
                break
        else:
            return
        length = b"%d" % len(REPLY)
        start = {"status": 200, "headers": [(b"content-length", length)]}
        await send({"type": "http.response.start", **start})
        await send({"type": "http.response.body", "body": REPLY})


class Parsed:
    """What the parser alone makes of a stream that comes in one piece."""

    def __init__(self, stream: bytes) -> None:
        self.heads: list[tuple[str, bytes, list[tuple[bytes, bytes]]]] = []
        self.bodies: list[bytes] = []
        self.is_whole = True  #: Whether the last body has come to its end.
        self._is_over = False
        self._parser = httptools.HttpRequestParser(self)
        if hasattr(self._parser, "set_dangerous_leniencies"):  # As uvicorn does, from 0.6.3 on.
            self._parser.set_dangerous_leniencies(lenient_data_after_close=True)
        try:
            self._parser.feed_data(stream)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._is_over = True

    def on_message_begin(self) -> None:
        self._url = b""
        self._headers: list[tuple[bytes, bytes]] = []

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        if self._is_over:
            return
        path = httptools.parse_url(self._url).path
        path.decode("ascii")  # What has no path is refused by an error here.
        self.is_whole = False
        self.heads.append((self._parser.get_method().decode(), path, self._headers))
        self.bodies.append(b"")
        self._headers = []
        is_kept = self._parser.get_http_version() != "1.0" and self._parser.should_keep_alive()
        self._is_over = not is_kept or self._parser.should_upgrade()

    def on_body(self, body: bytes) -> None:
        if not self.is_whole:
            self.bodies[-1] += body

    def on_message_complete(self) -> None:
        self.is_whole = True
