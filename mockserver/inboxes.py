"""Inboxes: a socket for each worker, through which the others hand connections over to it."""

from __future__ import annotations

import contextlib
import os
import select
import socket
from dataclasses import dataclass

from .handover import Handover, LostConnection

_PATIENCE = 0.25  # Seconds that a full inbox is given, twice.


@dataclass(frozen=True, slots=True)
class Seat:
    """A worker's place among the workers; it is pickled into the worker's process."""

    number: int
    inbox: socket.socket  #: What comes for this worker.
    slots: tuple[socket.socket, ...]  #: Where the inbox of each worker is filled.


class Inboxes:
    """The inboxes of workers that answer together.

    Who makes them keeps both ends open: what is in the inbox of a worker that has died is there
    for the next one with its number.
    """

    def __init__(self, count: int) -> None:
        # Messages stay whole, and several processes may send them.
        pairs = [socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(count)]
        self._inboxes = tuple(inbox for inbox, _ in pairs)
        self._slots = tuple(slot for _, slot in pairs)
        for each in (*self._inboxes, *self._slots):
            each.setblocking(False)

    def seat(self, number: int) -> Seat:
        """The place of the worker of that number."""
        return Seat(number, self._inboxes[number], self._slots)

    def forward(self, to: Inboxes) -> None:
        """Give what lies there to the workers of the same numbers elsewhere."""
        for inbox, slot in zip(self._inboxes, to._slots, strict=True):
            for handover in _taken_from(inbox):
                _put(handover, slot)

    def close(self) -> None:
        """End the connections that nobody has taken."""
        for inbox, slot in zip(self._inboxes, self._slots, strict=True):
            inbox.close()
            slot.close()


def _taken_from(inbox: socket.socket) -> list[Handover]:
    taken: list[Handover] = []
    with contextlib.suppress(BlockingIOError):
        while True:
            with contextlib.suppress(LostConnection):
                taken.append(Handover.receive(inbox))
    return taken


def _put(handover: Handover, slot: socket.socket) -> None:
    for _ in range(2):
        try:
            handover.send(slot)
        except OSError:  # It is full; the worker may be about to empty it.
            select.select([], [slot], [], _PATIENCE)
        else:
            break
    os.close(handover.descriptor)
