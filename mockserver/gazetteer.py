"""Gazetteers: terms of one or more words, found by looking words up."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import compress, filterfalse
from typing import NamedTuple

from .candidates import Candidate, Claim
from .errors import NertwinError, quote
from .words import FIRST_IDEOGRAPH, cut_words

#: More words than this in one term is a mistake in the file, and would make matching slow.
LONGEST_TERM = 24


class TermTooLong(NertwinError, ValueError):
    """A term of a gazetteer has too many words."""


class CutTerms(NamedTuple):
    """Terms, their words joined by blanks, and how many words each has."""

    words: dict[str, int]  #: Those of one word.
    phrases: dict[str, int]  #: Those of several.


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """The terms of all gazetteers of a pack that read case in one way."""

    claims: dict[str, Claim]  #: What a term claims, its words joined by blanks.
    lengths: dict[str, tuple[int, ...]]  #: Term lengths in words, by first word.
    sources: tuple[tuple[Claim, dict[str, int]], ...]  #: All that was added, the weakest first.

    def find(self, texts: Sequence[str]) -> Iterator[Candidate]:
        """Every term that stands in ``texts``, overlapping ones too."""
        lengths, claims = self.lengths, self.claims
        count = len(texts)
        for first in compress(range(count), map(lengths.__contains__, texts)):
            for length in lengths[texts[first]]:
                if length == 1:
                    term = texts[first]
                elif first + length > count:
                    continue
                else:
                    term = " ".join(texts[first : first + length])
                claim = claims.get(term)
                if claim is not None:
                    yield (-claim.priority, -length, first, claim.order)

    def find_weaker(self, texts: Sequence[str]) -> Iterator[Candidate]:
        """What :meth:`find` leaves out: claims on a term that a stronger gazetteer has too."""
        for _, negative_length, first, order in list(self.find(texts)):
            term = " ".join(texts[first : first - negative_length])
            for claim, terms in self.sources:
                if term in terms and claim.order != order:
                    yield (-claim.priority, negative_length, first, claim.order)


def cut_terms(terms: Iterable[str]) -> CutTerms:
    """The terms as a gazetteer looks them up.

    Raises:
        TermTooLong: One has more words than :data:`LONGEST_TERM`.
    """
    terms = list(terms)
    words = dict.fromkeys(filter(_is_plain, filter(str.isalnum, terms)), 1)
    others = list(filterfalse(words.__contains__, terms))
    phrases = {term: term.count(" ") + 1 for term in _plain_phrases(others)}
    for parts in _cut_each(list(filterfalse(phrases.__contains__, others))):
        if parts:
            (phrases if len(parts) > 1 else words)[" ".join(parts)] = len(parts)
    if max(phrases.values(), default=0) > LONGEST_TERM:
        lengths = ((term, len(cut_words(term))) for term in terms)
        term, length = next(each for each in lengths if each[1] > LONGEST_TERM)
        raise TermTooLong(
            f"{quote(term)} has {length} words; a term may have at most {LONGEST_TERM}."
        )
    return CutTerms(words, phrases)


def _is_plain(term: str) -> bool:
    """Whether a term without marks has no ideographs either, and so no words without blanks."""
    return term.isascii() or max(term) < FIRST_IDEOGRAPH


def _plain_phrases(terms: Sequence[str]) -> list[str]:
    """The terms that are words of letters and digits with one blank between each two."""
    lines = "\n".join(["", *terms, ""])
    if "  " in lines or "\n " in lines or " \n" in lines:
        return []
    return [term for term in terms if term.replace(" ", "").isalnum() and _is_plain(term)]


def _cut_each(terms: Sequence[str]) -> Iterator[list[str]]:
    """The words of each term, all cut at once."""
    words = cut_words("\n".join(terms))
    first = end = 0
    for term in terms:
        end += len(term) + 1
        last = bisect_left(words.starts, end, first)
        yield words.texts[first:last]
        first = last


class GazetteerBuilder:
    """Collects the terms of several gazetteers into one look-up."""

    def __init__(self) -> None:
        self._added: list[tuple[Claim, dict[str, int]]] = []
        self._words: list[dict[str, int]] = []
        self._phrases: list[dict[str, int]] = []

    def add(self, terms: CutTerms, word_claim: Claim, phrase_claim: Claim) -> None:
        """Add terms of one and of several words with what each kind claims."""
        self._added += [(word_claim, terms.words), (phrase_claim, terms.phrases)]
        self._words.append(terms.words)
        self._phrases.append(terms.phrases)

    def build(self) -> Gazetteer | None:
        """The look-up, or None when nothing was added; of two claims the stronger stays."""
        claims: dict[str, Claim] = {}
        sources = tuple(sorted(self._added, key=_weakest_first))
        for claim, terms in sources:
            claims.update(dict.fromkeys(terms, claim))
        lengths: dict[str, tuple[int, ...]] = {}
        for terms in self._words:
            lengths.update(dict.fromkeys(terms, (1,)))
        for terms in self._phrases:
            for term, length in terms.items():
                first = term[: term.index(" ")]
                known = lengths.get(first, ())
                if length not in known:
                    lengths[first] = (*known, length)
        return Gazetteer(claims, lengths, sources) if claims else None


def _weakest_first(added: tuple[Claim, dict[str, int]]) -> tuple[int, int]:
    return added[0].priority, -added[0].order
