"""Errors: the root of all that nertwin raises on purpose, and the words they share."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_LONGEST = 80


class NertwinError(Exception):
    """Something that came from outside is wrong; the message says what to do."""


class ServerEnds(Exception):
    """The server was told to end while it computed an answer; no mistake of anybody's."""


class BrokenConnection(ConnectionResetError):
    """The call was to lose its connection, and in this process there is none to break."""


def quote(value: object) -> str:
    """``repr(value)``, cut so that it fits into a message."""
    text = repr(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`` Did you mean 'x'?`` for the nearest known word, or nothing."""
    nearest = get_close_matches(word, list(known), n=1)
    return f" Did you mean {nearest[0]!r}?" if nearest else ""
