"""The shapes of this project's own messages."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mention:
    """A person that a message mentions."""

    name: str
    start: int
