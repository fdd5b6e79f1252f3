"""Markup: an answer written into its own text, ``[Sarah](PER:0.97) met [Bob](PER)``."""

from __future__ import annotations

import re
from typing import NamedTuple

from .errors import NertwinError, quote

_MARK = re.compile(
    r"\\(?P<escaped>[\\\[\]])|\[(?P<text>[^\[\]]*)\]\((?P<label>[^():]*)(?::(?P<score>[^()]*))?\)"
)


class BadMarkup(NertwinError):
    """The markup can't be read."""


class Mark(NamedTuple):
    """A labelled stretch of a marked-up text."""

    start: int  #: First code point in the plain text.
    end: int  #: One past the last.
    label: str  #: Entity type, without prefix.
    score: float | None  #: In (0, 1], or None to leave it to the stand-in.


class MarkedText(NamedTuple):
    """A plain text and what is marked in it, in text order."""

    text: str
    marks: tuple[Mark, ...]


def parse_markup(markup: str) -> MarkedText:
    r"""The plain text and the marks of ``markup``; ``\[``, ``\]`` and ``\\`` stand for themselves.

    Raises:
        BadMarkup: A mark has no text or no label, its score is no number in (0, 1], or a bracket
            belongs to no mark.
    """
    parts: list[str] = []
    marks: list[Mark] = []
    length = position = 0
    for found in _MARK.finditer(markup):
        parts.append(_plain(markup, position, found.start()))
        length += len(parts[-1])
        position = found.end()
        text = found["escaped"] or found["text"]
        if found["escaped"] is None:
            marks.append(_mark(found, length))
        parts.append(text)
        length += len(text)
    parts.append(_plain(markup, position, len(markup)))
    return MarkedText("".join(parts), tuple(marks))


def _plain(markup: str, start: int, end: int) -> str:
    """What stands between two marks."""
    text = markup[start:end]
    if "[" in text or "]" in text:
        raise BadMarkup(
            f"{quote(text)} has a bracket that belongs to no mark; write [text](LABEL) without a"
            r" space between, or \[ and \] for brackets of the text"
        )
    return text


def _mark(found: re.Match[str], start: int) -> Mark:
    text, label, score = found["text"], found["label"].strip(), found["score"]
    if not text.strip() or not label:
        raise BadMarkup(
            f"the mark {found.group()!r} lacks its text or its label; write [text](LABEL)"
        )
    return Mark(start, start + len(text), label, _score(found.group(), score))


def _score(mark: str, score: str | None) -> float | None:
    if score is None:
        return None
    try:
        value = float(score)
    except ValueError:
        value = -1.0
    if not 0.0 < value <= 1.0:
        raise BadMarkup(
            f"the mark {mark!r} has the score {score!r}; it must be a number above 0, at most 1"
        )
    return value
