"""Bounded search: where an expression matches, in time linear in the text whatever it is.

RE2 finds *one* match in linear time. To find all of ``a(.*b)?`` in a text of many a and no b
it reads on to the text's end from each a, so here no search reads further than a bound.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

#: What is longer than this, in bytes of UTF-8, may be found in parts.
LONGEST_MATCH = 1000
_REACH = 2 * LONGEST_MATCH


class Stretch(NamedTuple):
    """Where the group that was asked for stands, in code points."""

    start: int
    end: int

    def span(self, _group: int) -> tuple[int, int]:
        """Both ends, as a match of RE2 tells them."""
        return self.start, self.end


@dataclass(frozen=True, slots=True)
class BoundedSearch:
    """An expression of RE2 whose matches are found in bounded steps."""

    compiled: Any
    group: int

    def __call__(self, text: str) -> Iterator[Stretch]:
        """The matches in ``text``, left to right, without overlaps."""
        encoded = text.encode()
        characters = position = 0  # So many characters stand before that byte.
        for start, end in self._spans(encoded):
            characters += _count(encoded, position, start)
            length = _count(encoded, start, end)
            position = start
            yield Stretch(characters, characters + length)

    def _spans(self, encoded: bytes) -> Iterator[tuple[int, int]]:
        """First and one-past-last byte of the group in each match that has it."""
        size = len(encoded)
        position = 0
        while position < size:
            reach = min(position + _REACH, size)
            match = self.compiled.search(encoded, position, reach)
            if match is None:
                if reach == size:
                    return
                position = _whole(encoded, reach - LONGEST_MATCH)
                continue
            start, end = match.span()
            if reach < size and start > reach - LONGEST_MATCH:
                position = start  # It may go on behind the reach.
                continue
            first, last = match.span(self.group)
            if first < last:
                yield first, last
            # An empty match must not stop the search.
            position = end if end > start else _whole(encoded, end + 1, step=1)


def _count(encoded: bytes, first: int, last: int) -> int:
    return len(encoded[first:last].decode())


def _whole(encoded: bytes, place: int, *, step: int = -1) -> int:
    """The nearest place, looking in steps, that is inside no character."""
    while place < len(encoded) and encoded[place] & 0xC0 == 0x80:
        place += step
    return place
