"""Errors: the root of all that nertwin raises on purpose, and the words they share."""

from __future__ import annotations

import re
from collections.abc import Iterable

_LONGEST = 80
#: An expression for what looks like a token of the hub.
LIKE_ONE_OF_THE_HUB = "hf_[A-Za-z0-9]{16,}"
_TOKEN_LIKE = re.compile(LIKE_ONE_OF_THE_HUB)


class NertwinError(Exception):
    """Something that came from outside is wrong; the message says what to do."""


class ServerEnds(Exception):
    """The server was told to end while it computed an answer; no mistake of anybody's."""


class StateLost(Exception):
    """The shared state of a session can't be had now; no mistake of who asked for it."""


class BrokenConnection(ConnectionResetError):
    """The call was to lose its connection, and in this process there is none to break."""


def quote(value: object) -> str:
    """``repr(value)`` without tokens, cut so that it fits into a message."""
    text = mask_tokens(repr(value))
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def mask_tokens(text: str) -> str:
    """The text with ``***`` for what looks like a token of the hub; people paste them anywhere."""
    return _TOKEN_LIKE.sub("***", text)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`` Did you mean 'x'?`` for the nearest known word, or nothing."""
    from difflib import get_close_matches  # Most programs make no such mistake.

    nearest = get_close_matches(word, list(known), n=1)
    return f" Did you mean {nearest[0]!r}?" if nearest else ""
