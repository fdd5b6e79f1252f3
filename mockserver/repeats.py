"""Repeats: a word of an entity found elsewhere names the entity again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import compress
from typing import NamedTuple

from .candidates import Candidate, Claim

_SHORTEST = 3


class Repeat(NamedTuple):
    """Claims single words that stand in a longer entity of the same label elsewhere."""

    claim: Claim

    @property
    def priority(self) -> int:
        """Where the rule stands among the others."""
        return self.claim.priority

    @property
    def label(self) -> str:
        """The label of the entities that it reads and of the words that it claims."""
        return self.claim.label

    def find(
        self, texts: Sequence[str], chosen: Iterable[Candidate], common: Collection[str]
    ) -> Iterator[Candidate]:
        """Each word of ``texts`` that is a capitalised word of a chosen stretch."""
        named: set[str] = set()
        for _, negative_length, first, _ in chosen:
            named.update(texts[first : first - negative_length])
        wanted = {
            word
            for word in named
            if len(word) >= _SHORTEST and word[0].isupper() and word.lower() not in common
        }
        if wanted:
            for place in compress(range(len(texts)), map(wanted.__contains__, texts)):
                yield (-self.claim.priority, -1, place, self.claim.order)
