"""Sequence search: all sequences of a pack over one text, less those that can't be in it."""

from __future__ import annotations

import re
import sys
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce
from itertools import accumulate
from operator import or_
from typing import TypeAlias

from .candidates import Candidate
from .sequences import Atom, Sequence, SequenceRule

#: Codes of words, one of which a text must have.
Need: TypeAlias = frozenset[bytes]
_Found: TypeAlias = tuple[Candidate, ...]

_SEA = b"\xff\x7f"  # The code of no word.
_LONGEST_KNOWN = 16  # Two bytes a word; longer islands are rare and have many candidates.
_MOST_KNOWN = 4096


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

    Most words are in no sequence, and no match goes beyond the island of words between two of
    those. Islands are short, and come again as other words of the same codes.
    """

    _rules: tuple[tuple[int, SequenceRule], ...]  #: Each with a bit for each of its needs.
    _met: Mapping[int, int]  #: The bits of the needs that a code meets.
    #: Finds the islands in the first bytes of codes.
    _islands: Callable[[bytes], Iterable[re.Match[bytes]]]
    _known: dict[bytes, _Found] = field(default_factory=dict)

    def find(self, codes: bytes) -> Iterator[Candidate]:
        """The stretches that the sequences match, those of the pack's first one first."""
        met = reduce(or_, map(self._met.__getitem__, set(memoryview(codes).cast("H"))), 0)
        for needs, rule in self._rules:
            if needs & met == needs:
                yield from rule.find(codes)

    def find_strongest(self, codes: bytes) -> list[Candidate]:
        """Of each stretch that sequences match the strongest candidate; no other can win."""
        strongest: list[Candidate] = []
        unknown: dict[bytes, list[int]] = {}
        for match in self._islands(codes[::2]):
            place, end = match.span()
            island = codes[2 * place : 2 * end]
            found = self._known.get(island)
            if found is None:
                unknown.setdefault(island, []).append(place)
            else:
                strongest += [(p, n, place + first, order) for p, n, first, order in found]
        if unknown:
            for island, found in self._explore(list(unknown)):
                for place in unknown[island]:
                    strongest += [(p, n, place + first, order) for p, n, first, order in found]
        return strongest

    def _explore(self, islands: list[bytes]) -> Iterator[tuple[bytes, _Found]]:
        """The strongest candidates in each island, found in one search for all."""
        starts = list(accumulate((len(island) // 2 + 1 for island in islands), initial=0))
        strongest: list[dict[tuple[int, int], Candidate]] = [{} for _ in islands]
        for priority, length, place, order in self.find(_SEA.join(islands)):
            number = bisect_right(starts, place) - 1
            candidate = (priority, length, place - starts[number], order)
            of_stretch = strongest[number]
            stretch = candidate[1:3]
            if stretch not in of_stretch or candidate < of_stretch[stretch]:
                of_stretch[stretch] = candidate
        for island, of_stretch in zip(islands, strongest, strict=True):
            found = tuple(of_stretch.values())
            if len(island) <= _LONGEST_KNOWN:
                if len(self._known) >= _MOST_KNOWN:
                    self._known.clear()
                self._known[island] = found
            yield island, found


def build_search(
    rules: Iterable[tuple[SequenceRule, list[Need]]],
    codes: Iterable[bytes],
    live: Iterable[bytes] | None = None,
) -> SequenceSearch:
    """The search for ``rules`` with the needs of each, in words that have one of ``codes``.

    Only words that have one of the ``live`` codes, which are all unless given, can match; the
    others are known from them by their first bytes.
    """
    codes = list(codes)
    bits: dict[Need, int] = {}
    numbered = tuple(
        (
            reduce(or_, (bits.setdefault(need, 1 << len(bits)) for need in needs), 0),
            rule,
        )
        for rule, needs in rules
    )
    met = dict.fromkeys((*codes, _SEA), 0)
    for need, bit in bits.items():
        for code in need:
            met[code] |= bit
    firsts = {code[:1] for code in (codes if live is None else live)}
    island = b"[%b]+" % re.escape(b"".join(firsts)) if firsts else b"(?!)"
    met_by_number = {
        int.from_bytes(code, sys.byteorder): all_bits for code, all_bits in met.items()
    }
    return SequenceSearch(numbered, met_by_number, re.compile(island).finditer)
