"""Violations: what an endpoint did against a clause, and how that reads."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from .secrets import redact

_AROUND = 32  # Characters of a text that are shown on both sides of a mark.
_LONGEST = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A stretch of a text that a violation points at, in code points."""

    text: str
    start: int
    end: int
    note: str = ""  #: What stands behind the carets.


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One thing that is not as its clause says."""

    where: str  #: The place: ``body[0].score``, ``status``, ``header content-type``.
    expected: str
    actual: str
    hint: str = ""  #: What is probably wrong, or what to do.
    marks: tuple[Mark, ...] = ()

    def __post_init__(self) -> None:
        for name in ("where", "expected", "actual", "hint"):
            object.__setattr__(self, name, shorten(redact(getattr(self, name))))

    def render(self) -> str:
        """The violation on a few lines, with carets under the text it points at."""
        return redact("\n".join(self._lines()))

    def _lines(self) -> Iterator[str]:
        yield f"{self.where}"
        yield f"  expected: {self.expected}"
        yield f"  actual:   {self.actual}"
        for mark in self.marks:
            yield from (f"  {line}" for line in draw(mark))
        if self.hint:
            yield f"  hint:     {self.hint}"


def draw(mark: Mark) -> tuple[str, str]:
    """The text around a mark, and a line with carets under the mark itself."""
    length = len(mark.text)
    start, end = max(0, min(mark.start, length)), max(0, min(mark.end, length))
    first, last = max(0, start - _AROUND), min(length, max(start, end) + _AROUND)
    before = ("…" if first else "") + _show(mark.text[first:start])
    within = _show(mark.text[start:end])
    after = _show(mark.text[max(start, end) : last]) + ("…" if last < length else "")
    carets = "^" * max(1, _width(within))
    note = f"  {mark.note}" if mark.note else ""
    return f"{before}{within}{after}", f"{' ' * _width(before)}{carets}{note}"


def shorten(text: str) -> str:
    """The text, cut so that it fits into a report."""
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _show(text: str) -> str:
    """The text with everything that would move the carets written as an escape."""
    return "".join(
        character if _is_plain(character) else character.encode("unicode_escape").decode()
        for character in text
    )


def _is_plain(character: str) -> bool:
    # Right-to-left text would turn the line around, so that carets point elsewhere.
    if unicodedata.bidirectional(character) in ("R", "AL", "RLE", "RLO", "RLI"):
        return False
    return unicodedata.category(character) not in ("Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn")


def _width(text: str) -> int:
    """How many columns a terminal gives to a text."""
    return sum(
        0
        if unicodedata.combining(character)
        else 2
        if unicodedata.east_asian_width(character) in ("W", "F")
        else 1
        for character in text
    )
