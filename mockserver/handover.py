"""Handover: a client's connection on its way from one process to another, through a socket.

The descriptor itself goes, so whoever gets it is on the wire as if it had accepted it.
"""

from __future__ import annotations

import os
import socket
import struct
from dataclasses import dataclass

import orjson

from nertwin.schemas import JSON

from .errors import NertwinError

_LENGTH = struct.Struct("!I")
# A longer message is a file in memory, for a socket of this kind takes 200 kB at most.
_LONGEST = 64 * 1024
_MOST_DESCRIPTORS = 2


class LostConnection(NertwinError):
    """A connection was to be handed over, and its descriptor did not arrive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """An open connection, what was read from it, and what the next worker is to know."""

    descriptor: int  #: Whoever has the value closes it.
    received: bytes  #: From the first byte of the request that is to be answered.
    note: dict[str, JSON] | None = None  #: With one the request stays where it comes to.

    def send(self, to: socket.socket) -> None:
        """Send it; the descriptor stays open here as well.

        Raises:
            OSError: It can't be sent, or not now.
        """
        note = b"" if self.note is None else orjson.dumps(self.note)
        message = b"".join((_LENGTH.pack(len(note)), note, self.received))
        if len(message) <= _LONGEST:
            socket.send_fds(to, [message], [self.descriptor])
            return
        file = os.memfd_create("nertwin")
        try:
            with os.fdopen(file, "wb", closefd=False) as content:
                content.write(message)
            socket.send_fds(to, [b"."], [self.descriptor, file])
        finally:
            os.close(file)

    @classmethod
    def receive(cls, inbox: socket.socket) -> Handover:
        """The next that has come.

        Raises:
            BlockingIOError: There is none.
            LostConnection: This process may have no more open files.
        """
        message, descriptors, _, _ = socket.recv_fds(inbox, _LONGEST, _MOST_DESCRIPTORS)
        for descriptor in descriptors:
            os.set_inheritable(descriptor, False)
        if len(descriptors) > 1:
            with os.fdopen(descriptors.pop(), "rb") as content:
                content.seek(0)
                message = content.read()
        if not descriptors or len(message) < _LENGTH.size:
            for descriptor in descriptors:
                os.close(descriptor)
            raise LostConnection(
                "a connection that another worker handed over was lost, because this one may open"
                " no more files; raise the limit (ulimit -n)"
            )
        start = _LENGTH.size + _LENGTH.unpack_from(message)[0]
        note = message[_LENGTH.size : start]
        return cls(
            descriptor=descriptors[0],
            received=message[start:],
            note=orjson.loads(note) if note else None,
        )
