"""Wire: the connection below a request, for replies that HTTP has no words for."""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

#: Where the wire of a request stands in its scope; in-process callers have none.
WIRE = "nertwin.wire"

Rename: TypeAlias = Callable[[bytes], bytes]

# A closed socket that lingers for no time sends a reset (SO_LINGER on, 0 seconds).
_NO_LINGER = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


class Wire:
    """The connection that a request came by. What ends it ends the request's reply, too."""

    __slots__ = ("cycle",)

    def __init__(self, cycle: RequestResponseCycle) -> None:
        self.cycle = cycle  #: What uvicorn knows of the request.

    @property
    def is_closed(self) -> bool:
        """Whether nothing that is written can arrive any more."""
        return self.cycle.disconnected or self.cycle.transport.is_closing()

    def write(self, data: bytes) -> None:
        """Send bytes past HTTP."""
        if not self.is_closed:
            self.cycle.transport.write(data)

    def close(self) -> None:
        """End the connection after what has been written; requests behind this one are lost."""
        self._end_reply()
        self.cycle.transport.close()

    def reset(self) -> None:
        """End the connection by a reset, with nothing more sent."""
        self._end_reply()
        connection = self.cycle.transport.get_extra_info("socket")
        if connection is not None and not self.is_closed:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self.cycle.transport.abort()

    def rename_headers(self, rename: Rename) -> None:
        """Spell the names in the next head that is written as ``rename`` says."""
        self.cycle.transport = _HeadRenamer(self.cycle, rename)

    def _end_reply(self) -> None:
        # Else uvicorn would log that no reply came, and send a 500 of its own.
        self.cycle.response_started = True
        self.cycle.response_complete = True
        self.cycle.message_event.set()


class _HeadRenamer(asyncio.Transport):
    """Stands in for a transport until one head has been written."""

    def __init__(self, cycle: RequestResponseCycle, rename: Rename) -> None:
        super().__init__()
        self._cycle = cycle
        self._transport = cycle.transport
        self._rename = rename

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._cycle.transport = self._transport
        head, blank, rest = bytes(data).partition(b"\r\n\r\n")
        first, *lines = head.split(b"\r\n")
        for place, line in enumerate(lines):
            name, colon, value = line.partition(b":")
            lines[place] = self._rename(name) + colon + value
        self._transport.write(b"\r\n".join([first, *lines]) + blank + rest)

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def close(self) -> None:
        self._transport.close()
