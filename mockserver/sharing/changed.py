"""Changed: what of a session Redis is to be told, piece by piece."""

from __future__ import annotations


class Changed:
    """Pieces by name, in the order in which they are written."""

    __slots__ = ("gone", "leaves")

    def __init__(self) -> None:
        #: Names and bytes; None leaves the bytes that are there, and makes the piece the latest.
        self.leaves: list[tuple[bytes, bytes | None]] = []
        self.gone: list[bytes] = []  #: Names of pieces that are no more.

    def put(self, name: bytes, value: bytes | None) -> None:
        """Have the piece written, or made the latest."""
        self.leaves.append((name, value))

    def drop(self, name: bytes) -> None:
        """Have the piece removed."""
        self.gone.append(name)
