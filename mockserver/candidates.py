"""Candidates: stretches of words that rules claim, and which of them win."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

#: (-priority, -length in words, first word, order of the rule): sorted, the winners stand first.
Candidate: TypeAlias = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Claim:
    """What a rule claims for the stretches that it matches."""

    order: int  #: The rule's place in the pack; the earlier of two equals wins.
    rule: str  #: The rule's kind and id: ``gazetteer.countries``.
    label: str  #: The entity type, or "O" for "no entity here".
    priority: int
    score: float | None


def choose(candidates: Iterable[Candidate], taken: bytearray) -> list[Candidate]:
    """The candidates that win, strongest first; marks their words in ``taken``.

    The highest priority wins, then the longest stretch, then the leftmost, then the rule
    that stands first in the pack.
    """
    chosen = []
    for candidate in sorted(candidates):
        _, negative_length, first, _ = candidate
        # Most candidates lose their first word.
        if taken[first]:
            continue
        last = first - negative_length
        if taken.find(1, first, last) < 0:
            taken[first:last] = b"\1" * -negative_length
            chosen.append(candidate)
    return chosen
