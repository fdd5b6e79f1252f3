"""Writer: a reply's messages as HTTP/1.1, in fewer steps than uvicorn takes.

uvicorn looks through each header with two expressions for each reply. Here the line of a header
is made once, and whatever is not plain is left to uvicorn: what goes out is the same, byte for
byte.
"""

from __future__ import annotations

from collections.abc import Awaitable, Generator
from typing import TYPE_CHECKING

from starlette.types import Message
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from .lines import write_line

if TYPE_CHECKING:
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

_CLOSE = (b"connection", b"close")


class _Done:
    """What has nothing left to wait for."""

    def __await__(self) -> Generator[None, None, None]:
        return iter(())  # type: ignore[return-value]  # All that await asks for.


_DONE = _Done()


class Writer:
    """Writes the reply to one request."""

    __slots__ = ("_cycle",)

    def __init__(self, cycle: RequestResponseCycle) -> None:
        self._cycle = cycle

    def send(self, message: Message) -> Awaitable[None]:
        """Write a message of the reply, as an ASGI server's ``send``."""
        cycle = self._cycle
        if cycle.disconnected or cycle.flow.write_paused or cycle.scope["method"] == "HEAD":
            return cycle.send(message)  # type: ignore[arg-type]  # Both mean an ASGI message.
        if not cycle.response_started and message["type"] == "http.response.start":
            head = self._head(message)
            if head:
                cycle.transport.write(head)
                return _DONE
        elif cycle.response_started and not cycle.response_complete and _ends(message):
            body: bytes = message.get("body", b"")
            if cycle.chunked_encoding:
                self._end(b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n")
                return _DONE
            if len(body) == cycle.expected_content_length:
                self._end(body)
                return _DONE
        return cycle.send(message)  # type: ignore[arg-type]  # The same.

    def _head(self, message: Message) -> bytes:
        """The head that the message begins, or nothing if it is not plain."""
        cycle = self._cycle
        status = message["status"]
        if cycle.access_log or not cycle.keep_alive or status < 200 or status in (204, 304):
            return b""
        # Older releases of uvicorn look for the client's wish only when they answer.
        if _CLOSE in cycle.scope["headers"]:
            return b""
        length = None
        parts = [STATUS_LINE[status]]
        for headers in (cycle.default_headers, message.get("headers", ())):
            for header in headers:
                line = write_line(header)
                if not line:
                    return b""
                if header[0] == b"content-length":
                    if length is not None or not header[1].isdigit():
                        return b""
                    length = int(header[1])
                parts.append(line)
        cycle.response_started = True
        cycle.waiting_for_100_continue = False
        cycle.chunked_encoding = length is None
        cycle.expected_content_length = length or 0
        parts.append(b"transfer-encoding: chunked\r\n\r\n" if length is None else b"\r\n")
        return b"".join(parts)

    def _end(self, data: bytes) -> None:
        cycle = self._cycle
        cycle.transport.write(data)
        cycle.expected_content_length = 0
        cycle.response_complete = True
        cycle.message_event.set()
        if not cycle.keep_alive:
            cycle.transport.close()
        cycle.on_response()


def _ends(message: Message) -> bool:
    return message["type"] == "http.response.body" and not message.get("more_body", False)
