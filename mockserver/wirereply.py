"""Wire reply: a reply that is hurt where it is sent."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Literal, TypeAlias

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from .clock import Clock, RealClock
from .errors import BrokenConnection
from .leaving import unless_left
from .reply import Headers
from .wire import WIRE, Rename, Wire

#: How a reply is hurt. ``cut`` ends before its content-length, ``over`` goes on after it.
Damage: TypeAlias = Literal["none", "reset", "empty", "cut", "over", "garbage", "dribble"]

#: Neither a chunk's size nor JSON nor UTF-8: every parser stops at its first byte.
GARBAGE = b"\x15\x03\xff\xfe nertwin garbage \x00\r\n"
_PIECES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class WireReply:
    """A reply that is hurt where it is sent; an ASGI application as :class:`Reply` is.

    Without a wire it does the nearest thing: it sends what it can and raises
    :class:`BrokenConnection` where the connection would have ended.
    """

    status: int  #: 0 when nothing is sent.
    headers: Headers  #: As they are sent, a content-length that lies included.
    body: bytes  #: As it is sent.
    damage: Damage
    rename: Rename | None = None  #: How the names of headers are spelled.
    seconds: float = 0.0  #: Of the whole dribble.
    clock: Clock | None = None  #: What the dribble goes by.

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the reply, or as much of it as there is to be."""
        wire: Wire | None = scope.get(WIRE)
        if self.damage in ("reset", "empty"):
            self._send_nothing(wire)
            return
        if wire is not None and self.rename is not None:
            wire.rename_headers(self.rename)
        if self.damage == "dribble":
            await self._dribble(wire, scope, receive, send)
        elif self.damage == "none" or (wire is None and self.damage != "cut"):
            await self._start(send, in_process=wire is None)
            await send({"type": "http.response.body", "body": self.body})
        else:
            await self._send_damaged(wire, send)

    async def _start(self, send: Send, *, in_process: bool = False) -> None:
        headers = self.headers
        if in_process:  # There are no chunks.
            headers = tuple(pair for pair in headers if pair[0] != b"transfer-encoding")
        await send({"type": "http.response.start", "status": self.status, "headers": headers})

    def _send_nothing(self, wire: Wire | None) -> None:
        if wire is None:
            raise BrokenConnection(f"the connection ends without a reply: fault {self.damage}")
        if self.damage == "reset":
            wire.reset()
        else:
            wire.close()

    async def _send_damaged(self, wire: Wire | None, send: Send) -> None:
        await self._start(send)
        regular = b"" if self.damage == "garbage" else self.body[: self._declared()]
        await send({"type": "http.response.body", "body": regular, "more_body": True})
        if wire is None:
            raise BrokenConnection("the connection ends in the middle of the reply")
        wire.write(self.body[len(regular) :])
        wire.close()

    def _declared(self) -> int:
        return int(dict(self.headers).get(b"content-length", b"%d" % len(self.body)))

    async def _dribble(self, wire: Wire | None, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await unless_left(Request(scope, receive), self._send_pieces(wire, send))
        except ClientDisconnect:
            return
        except asyncio.CancelledError:  # The server ends.
            if wire is not None:
                wire.close()
            raise

    async def _send_pieces(self, wire: Wire | None, send: Send) -> None:
        await self._start(send, in_process=wire is None)
        clock = RealClock() if self.clock is None else self.clock
        size = max(1, -(-len(self.body) // _PIECES))
        pieces = [self.body[at : at + size] for at in range(0, len(self.body), size)]
        for number, piece in enumerate(pieces):
            if number:
                await clock.wait(self.seconds / (len(pieces) - 1))
            if wire is not None and wire.is_closed:
                wire.close()
                return
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
