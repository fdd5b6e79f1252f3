"""Late gazetteers: terms that are read from their files when a text may hold them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from .candidates import Candidate, Claim
from .gazetteer import Gazetteer, GazetteerBuilder, cut_terms
from .sortedwords import SortedWords

#: All terms are read when so many of their characters have been there for each look into a file.
#: Until then both ways cost about the same.
_CHARACTERS_A_LOOK = 100


class TermFile(NamedTuple):
    """The terms of one gazetteer, and what they claim."""

    terms: SortedWords
    word_claim: Claim
    phrase_claim: Claim


class LateGazetteer:
    """Finds what a gazetteer of all terms finds, with those that may stand in a text.

    To cut some thousands of terms into words takes longer than to tag dozens of texts.
    """

    def __init__(self, files: Iterable[TermFile]) -> None:
        self.files = tuple(files)
        self._looks_left = sum(len(each.terms.text) for each in self.files) // _CHARACTERS_A_LOOK
        self._whole: Gazetteer | None = None

    def find(self, texts: Sequence[str]) -> Iterator[Candidate]:
        """Every term that stands in ``texts``, overlapping ones too."""
        gazetteer = self._whole or self._read_for(set(texts))
        return gazetteer.find(texts) if gazetteer else iter(())

    def find_weaker(self, texts: Sequence[str]) -> Iterator[Candidate]:
        """What :meth:`find` leaves out: claims on a term that a stronger gazetteer has too."""
        gazetteer = self._whole or self._read_for(set(texts))
        return gazetteer.find_weaker(texts) if gazetteer else iter(())

    def _read_for(self, words: set[str]) -> Gazetteer | None:
        """A gazetteer of the terms that begin with one of ``words``, of all if these are many."""
        self._looks_left -= len(words) * len(self.files)
        if self._looks_left < 0:
            self._whole = _read((each, each.terms) for each in self.files)
            return self._whole
        return _read(
            (each, chain.from_iterable(map(each.terms.starting_with, words))) for each in self.files
        )


def _read(read: Iterable[tuple[TermFile, Iterable[str]]]) -> Gazetteer | None:
    builder = GazetteerBuilder()
    for each, terms in read:
        builder.add(cut_terms(terms), each.word_claim, each.phrase_claim)
    return builder.build()
