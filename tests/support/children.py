"""What supervised children do in tests; they must be able to import it by name."""

import os
import socket
import threading
from pathlib import Path

from nertwin.mockserver.inboxes import Seat
from nertwin.mockserver.supervisor import Ready


def end_at_once(_listener: socket.socket, _ready: Ready) -> None:
    """A child that never serves."""


def end_the_first_time(marks: Path, _listener: socket.socket, ready: Ready) -> None:
    """A child that ends once; the one after it serves until it is told to stop."""
    (marks / str(os.getpid())).touch()
    if len(list(marks.iterdir())) > 1:
        ready.set()
        threading.Event().wait()


def note_seat(marks: Path, _listener: socket.socket, ready: Ready, seat: Seat) -> None:
    """A child that leaves a mark with its number, and how many there are."""
    (marks / f"{seat.number} of {len(seat.slots)}").touch()
    if len(list(marks.iterdir())) == len(seat.slots):
        ready.set()
    threading.Event().wait()
