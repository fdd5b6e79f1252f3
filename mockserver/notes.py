"""Notes: what happened to a session beside the exchanges of its journal."""

from __future__ import annotations

from sys import getsizeof
from typing import NamedTuple

from nertwin.schemas import JSON

_OVERHEAD = 256


class Note(NamedTuple):
    """Something of a session's life that is no exchange."""

    time: float  #: On the session's clock.
    text: str

    @property
    def size(self) -> int:
        """What the note takes, by a cautious estimate."""
        return _OVERHEAD + getsizeof(self.text)

    def to_json(self) -> dict[str, JSON]:
        """The note as JSON."""
        return {"time": self.time, "text": self.text}
