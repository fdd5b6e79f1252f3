"""Desk: where a worker hands connections over to the others, and takes theirs."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from .handover import Handover, LostConnection
from .inboxes import Seat
from .owners import owner_of

_LOG = logging.getLogger("nertwin")
_AT_ONCE = 64  # Connections that are taken before others are served again.
_RETRY_AFTER = 0.01  # Seconds.
_BEGINS_WITHIN = 1.0  # Seconds that a connection that was taken has to be one of the server's.


class Desk:
    """A worker's exchange of connections with the others, on its event loop."""

    def __init__(self, seat: Seat) -> None:
        self.number = seat.number
        self.count = len(seat.slots)
        self.given = 0  #: The highest number in a session's id that was made up here.
        self._seat = seat
        self._waiting: list[deque[Handover]] = [deque() for _ in seat.slots]
        self._tasks: set[asyncio.Task[None]] = set()

    def owner_of(self, session_id: str) -> int:
        """The number of the worker that holds the session."""
        return owner_of(session_id, self.count)

    def hand_over(self, handover: Handover, number: int) -> None:
        """Give the connection to the worker of that number, now or when it has time.

        The descriptor is the caller's still, who closes it.
        """
        if not self._waiting[number]:
            try:
                handover.send(self._seat.slots[number])
            except OSError:  # The inbox is full, or too much is under way.
                asyncio.get_running_loop().call_later(_RETRY_AFTER, self._send_waiting, number)
            else:
                return
        kept = replace(handover, descriptor=os.dup(handover.descriptor))
        self._waiting[number].append(kept)

    def open(self, new_protocol: Callable[[Handover], asyncio.Protocol]) -> None:
        """Take connections from now on, each into a new protocol."""
        loop = asyncio.get_running_loop()
        loop.add_reader(self._seat.inbox, self._take_all, new_protocol)

    async def close(self) -> None:
        """Take no more; they stay where they are, for whoever has the seat next."""
        asyncio.get_running_loop().remove_reader(self._seat.inbox)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_BEGINS_WITHIN)

    def drop(self) -> None:
        """End the connections that no other worker had time for."""
        for waiting in self._waiting:
            while waiting:
                os.close(waiting.popleft().descriptor)

    def _send_waiting(self, number: int) -> None:
        waiting = self._waiting[number]
        while waiting:
            try:
                waiting[0].send(self._seat.slots[number])
            except OSError:
                asyncio.get_running_loop().call_later(_RETRY_AFTER, self._send_waiting, number)
                return
            os.close(waiting.popleft().descriptor)

    def _take_all(self, new_protocol: Callable[[Handover], asyncio.Protocol]) -> None:
        for _ in range(_AT_ONCE):
            try:
                handover = Handover.receive(self._seat.inbox)
            except BlockingIOError:
                return
            except LostConnection as error:
                _LOG.error("%s", error)
                continue
            task = asyncio.get_running_loop().create_task(_serve(handover, new_protocol))
            self._tasks.add(task)  # The loop itself would forget it.
            task.add_done_callback(self._tasks.discard)


async def _serve(handover: Handover, new_protocol: Callable[[Handover], asyncio.Protocol]) -> None:
    connection = socket.socket(fileno=handover.descriptor)
    connection.setblocking(False)
    loop = asyncio.get_running_loop()
    try:
        await loop.connect_accepted_socket(lambda: new_protocol(handover), connection)
    except OSError:  # The client has left meanwhile.
        connection.close()
