"""Owning: HTTP on a port that several workers share, each of which has sessions of its own.

A connection whose next request is for a session of another worker is handed over to that one.
A request is looked at by the same parser that reads it, and only after those before it have been
answered, so nothing of it has happened yet and all that was read of it can be read again.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import httptools

from nertwin.schemas import JSON

from .control import PREFIX
from .desk import Desk
from .handover import Handover
from .owners import session_of
from .protocol import Protocol
from .recall import Asked
from .rounds import ROUNDS, Rounds

if TYPE_CHECKING:
    from uvicorn._types import HTTPScope

_BLANK = b"\r\n\r\n"
_MOST_OF_A_HEAD = 256 * 1024  # Bytes that are kept to be read again.
# Seconds until a client may have taken the rest of an answer.
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.0001, 0.05
_CHUNKED, _UNKNOWN = -1, -2
_LENGTH = re.compile(rb"\r\n[Cc]ontent-[Ll]ength: ?([0-9]{1,9})\r\n")
# Paths that begin otherwise name no session and are not those of the control API.
_MAY_MATTER = b"s_%/"
# What is not so any more when the body has been read.
_OF_THE_BODY = frozenset((b"content-length", b"transfer-encoding", b"expect"))


class OwningProtocol(Protocol):
    """Answers the requests of a connection, or hands it over to the worker that may.

    The parser gets a piece at a time that ends where a head or a body does, and gets nothing of
    a request while one before it is unanswered. So a message always begins with a piece.
    """

    def __init__(
        self,
        *arguments: Any,  # noqa: ANN401
        desk: Desk,
        taken: Handover | None = None,
        **named: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*arguments, **named)
        self._desk = desk
        self._taken = taken  # What another worker began with.
        self._head = bytearray()  # What was read of a head that is not complete.
        self._tail = b""  # The last bytes of a piece that ends before a blank line.
        self._owed = 0  # Bytes of the body that are to come; 0 is none, or all have.
        self._held = b""  # What came behind a request that is unanswered.
        self._next: int | None = None  # The worker that gets the connection.
        self._is_upgrade = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin with what was read elsewhere."""
        super().connection_made(transport)
        if self._taken is not None:
            self.data_received(self._taken.received)

    def on_headers_complete(self) -> None:
        """Begin to answer, or note that another worker has to."""
        taken, self._taken = self._taken, None
        note = None if taken is None else taken.note
        path = self._path()
        session_id = session_of({"headers": self.headers, "path": path})
        if session_id is not None and note is None:
            owner = self._desk.owner_of(session_id)
            if owner != self._desk.number:
                self._next = owner
                return
        self._head.clear()
        self._owed = _UNKNOWN
        self._is_upgrade = self.parser.should_upgrade()
        if path.startswith(PREFIX):
            rounds = Rounds(desk=self._desk, note=note or {}, leave=self._pass_on)
            self.scope[ROUNDS] = rounds  # type: ignore[literal-required]
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Keep a part of the body, if the request is answered here."""
        if self._next is None:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """End the request's body."""
        self._owed = 0
        if self._next is None:
            super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no request, unless another worker will see the same."""
        if self._next is None:
            super().send_400_response(msg)

    def on_response_complete(self) -> None:
        """Read on behind the request that has been answered."""
        super().on_response_complete()
        if self._held and self._next is None and not self.transport.is_closing():
            held, self._held = self._held, b""
            self._feed(held)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget what was to be read."""
        self._held = b""
        super().connection_lost(exc)

    def _is_here(self, asked: Asked) -> bool:
        """Whether the session that is asked is one of this worker's, as far as that is known."""
        session_id = asked.session_id
        return not session_id or self._desk.owner_of(session_id) == self._desk.number

    def _feed(self, data: bytes) -> None:
        """Feed what has come to the parser, as far as it may be read."""
        is_between = not self._owed and not self._head and not self._held and self._next is None
        if is_between and not self._is_busy and _is_one_request(data):
            self._parse(data)
            if self._next is not None:
                self._leave(data, None)
        else:
            self._feed_pieces(data)
            if self._held or self._next is not None:
                self._begun = 0  # What came is no single request that could be known again.

    def _feed_pieces(self, data: bytes) -> None:
        is_leaving = self._next is not None
        if self._held or is_leaving:
            self._held += data
            self.flow.pause_reading()
            return
        at = 0
        while at < len(data) and not self.transport.is_closing():
            if not self._owed and self._is_busy:
                self._held = data[at:]
                self.flow.pause_reading()
                return
            end = self._end_of_piece(data, at)
            piece = data[at:end]
            at = end
            if self._owed > 0:
                self._owed -= len(piece)
            elif not self._owed and not self._keep(piece):
                return
            if self._parse(piece):  # The parser takes the rest for another protocol.
                return
            if self._next is not None:
                self._leave(bytes(self._head) + data[at:], None)
                return

    def _parse(self, piece: bytes) -> bool:
        """Give the piece to the parser, and tell whether what follows is no HTTP."""
        super()._feed(piece)
        if self._owed == _UNKNOWN:
            self._owed = _length_of_body(self.scope["headers"])
        is_upgrade, self._is_upgrade = self._is_upgrade, False
        return is_upgrade

    def _path(self) -> str:
        """The path as the scope will have it, if it can name a session."""
        if self.url[:1] == b"/" and self.url[1:2] not in _MAY_MATTER:
            return "/"
        path = httptools.parse_url(self.url).path.decode("ascii")
        return unquote(path) if "%" in path else path

    def _end_of_piece(self, data: bytes, at: int) -> int:
        """Where the body ends, or else the next blank line, or else the data."""
        if self._owed > 0:
            return min(at + self._owed, len(data))
        tail = self._tail
        if tail and (found := (tail + data[at : at + 3]).find(_BLANK)) >= 0:
            self._tail = b""
            return at + found + len(_BLANK) - len(tail)
        found = data.find(_BLANK, at)
        if found >= 0:
            self._tail = b""
            return found + len(_BLANK)
        self._tail = (tail + data[at:])[-3:]
        return len(data)

    def _keep(self, piece: bytes) -> bool:
        """Keep a piece of a head, unless it is too much."""
        self._head += piece
        if len(self._head) > _MOST_OF_A_HEAD:
            self.send_400_response(f"The head has more than {_MOST_OF_A_HEAD} bytes.")
            return False
        return True

    def _pass_on(self, number: int, body: bytes, note: dict[str, JSON]) -> None:
        """Hand the connection over with a request that was read, and will be answered there."""
        self.cycle.response_started = self.cycle.response_complete = True
        self._next = number
        held, self._held = self._held, b""
        self._leave(_written_again(self.cycle.scope, body) + held, note)

    def _leave(
        self, received: bytes, note: dict[str, JSON] | None, pause: float = _SHORTEST_PAUSE
    ) -> None:
        """Hand the connection over as soon as all that was written to it is out."""
        if self.transport.is_closing() or self._next is None:
            return
        self._is_within = True  # Nothing that might still come is answered here.
        self._unset_keepalive_if_required()
        self.flow.pause_reading()
        if self.transport.get_write_buffer_size():
            longer = min(2 * pause, _LONGEST_PAUSE)
            self.loop.call_later(pause, self._leave, received, note, longer)
            return
        received += self._held
        descriptor = self.transport.get_extra_info("socket").fileno()
        handover = Handover(descriptor=descriptor, received=received, note=note)
        self._desk.hand_over(handover, self._next)
        self.transport.abort()  # Closes this process's descriptor, and not the connection.


def _is_one_request(data: bytes) -> bool:
    """Whether it is all of one request, or at least all of its head, and nothing else."""
    end = data.find(_BLANK) + len(_BLANK)
    if end == len(data) or end < len(_BLANK):
        return end > len(_BLANK)
    length = _LENGTH.search(data, 0, end)
    return length is not None and end + int(length[1]) == len(data)


def _length_of_body(headers: Iterable[tuple[bytes, bytes]]) -> int:
    """What the parser will take for the body; it has refused what is ambiguous."""
    for name, value in headers:
        if name == b"content-length":
            return int(value)
        if name == b"transfer-encoding":
            return _CHUNKED
    return 0


def _written_again(scope: HTTPScope, body: bytes) -> bytes:
    """The request as the client might have sent it, with that body."""
    target = scope["raw_path"]
    if scope["query_string"]:
        target += b"?" + scope["query_string"]
    first = f"{scope['method']} {target.decode()} HTTP/{scope['http_version']}".encode()
    kept = [name + b": " + value for name, value in scope["headers"] if name not in _OF_THE_BODY]
    length = b"content-length: %d" % len(body)
    return b"\r\n".join((first, *kept, length, b"", body))
