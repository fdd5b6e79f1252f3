"""Outgoing: what a call sends, held back until the state that it belongs to is kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from starlette.types import Message, Receive, Scope, Send

from ..errors import BrokenConnection, StateLost
from ..reply import our_refusal
from ..wire import WIRE, Rename, Wire


class Outgoing:
    """Holds what is sent, by messages or past them, until it is let out in the same order."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.is_begun = False  #: Whether the client has got anything.
        self._asked = (scope, receive, send)
        self._send = send
        self._held: list[Callable[[], Awaitable[None] | None]] = []
        wire: Wire | None = scope.get(WIRE)
        self._wire = wire
        #: The request, with a wire that holds back what is written past HTTP.
        self.scope: Scope = scope if wire is None else {**scope, WIRE: _HeldWire(wire, self._held)}

    async def send(self, message: Message) -> None:
        """Hold the message back."""
        self._held.append(partial(self._send, message))

    async def let_out(self) -> None:
        """Send what was held back."""
        while self._held:
            act = self._held.pop(0)
            self.is_begun = True
            sending = act()
            if sending is not None:
                await sending

    async def refuse(self, error: StateLost) -> None:
        """Send a 503 in place of what was held back; to who has a part already, nothing more.

        Raises:
            BrokenConnection: The caller is in this process and has a part of the reply.
        """
        self._held.clear()
        if not self.is_begun:
            await our_refusal(503, str(error), kind=b"state")(*self._asked)
        elif self._wire is not None:
            self._wire.close()
        else:
            raise BrokenConnection(str(error))


class _HeldWire(Wire):
    """Stands for a wire until what is done to it may be done."""

    __slots__ = ("_held", "_wire")

    def __init__(self, wire: Wire, held: list[Callable[[], Awaitable[None] | None]]) -> None:
        super().__init__(wire.cycle)
        self._wire = wire
        self._held = held

    def write(self, data: bytes) -> None:
        self._held.append(partial(self._wire.write, data))

    def close(self) -> None:
        self._held.append(self._wire.close)

    def reset(self) -> None:
        self._held.append(self._wire.reset)

    def rename_headers(self, rename: Rename) -> None:
        self._held.append(partial(self._wire.rename_headers, rename))
