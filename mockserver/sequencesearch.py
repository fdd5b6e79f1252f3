"""Sequence search: all sequences of a pack over one text, less those that can't be in it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TypeAlias

from .candidates import Candidate
from .sequences import Atom, Sequence, SequenceRule

#: Codes of words, one of which a text must have.
Need: TypeAlias = frozenset[bytes]


def needs_of(sequence: Sequence, codes: Mapping[Atom, Need]) -> list[Need]:
    """What every match of the sequence holds, where ``codes`` are those that fit an atom."""
    # Of each open bracket its choices; of each choice its items; of each item its needs.
    choices: list[list[list[list[Need]]]] = [[[]]]
    for part in sequence.parts:
        items = choices[-1][-1]
        if isinstance(part, Atom):
            items.append([codes[part]])
        elif part in (b"(?:", b"("):
            choices.append([[]])
        elif part == b")":
            closed = _needs_of_choices(choices.pop())
            choices[-1][-1].append(closed)
        elif part == b"|":
            choices[-1].append([])
        elif part == b"?" or part.startswith(b"{0,"):
            items.pop()
    return _needs_of_choices(choices.pop())


def _needs_of_choices(choices: list[list[list[Need]]]) -> list[Need]:
    """The needs of one of several, which are all that is known to be needed of any of them."""
    of_each = [[need for item in items for need in item] for items in choices]
    if len(of_each) == 1:
        return of_each[0]
    if not all(of_each):
        return []
    return [frozenset().union(*(min(needs, key=len) for needs in of_each))]


@dataclass(frozen=True, slots=True)
class SequenceSearch:
    """The sequences of a pack.

    A text of a few words holds what few of them need. To tell which costs a fraction of one
    search, so most searches of short texts are never begun.
    """

    _rules: tuple[tuple[int, SequenceRule], ...]  #: Each with a bit for each of its needs.
    _met: Mapping[int, int]  #: The bits of the needs that a code meets.

    def find(self, codes: bytes) -> Iterator[Candidate]:
        """The stretches that the sequences match, those of the pack's first one first."""
        met = reduce(or_, map(self._met.__getitem__, set(memoryview(codes).cast("H"))), 0)
        for needs, rule in self._rules:
            if needs & met == needs:
                yield from rule.find(codes)


def build_search(
    rules: Iterable[tuple[SequenceRule, list[Need]]], codes: Iterable[bytes]
) -> SequenceSearch:
    """The search for ``rules`` with the needs of each, in words that have one of ``codes``."""
    bits: dict[Need, int] = {}
    numbered = tuple(
        (
            reduce(or_, (bits.setdefault(need, 1 << len(bits)) for need in needs), 0),
            rule,
        )
        for rule, needs in rules
    )
    met = {
        int.from_bytes(code, sys.byteorder): reduce(
            or_, (bit for need, bit in bits.items() if code in need), 0
        )
        for code in codes
    }
    return SequenceSearch(numbered, met)
