"""The tagger: a text's words in, labelled spans out."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import NamedTuple

from .candidates import Candidate, Claim, choose
from .extras import ExtraRules
from .headlines import calm_headlines
from .patterns import searchable
from .rules import RulePack
from .tags import Tags
from .words import Words


class Span(NamedTuple):
    """A stretch of words with a label."""

    first: int  #: The first word.
    last: int  #: One past the last word.
    label: str  #: The entity type without a prefix, or the tag.
    rule: str  #: The rule that won: ``gazetteer.countries``.
    score: float | None  #: The rule's base confidence, if it states one.


class Contest(NamedTuple):
    """What the rules claim in a text, and who wins."""

    texts: Sequence[str]  #: The words as the pack's rules read them, headlines calmed.
    claims: Sequence[Claim]  #: By the orders that candidates bear.
    candidates: list[Candidate]
    chosen: list[Candidate]  #: Those that win.


def find_spans(
    text: str, words: Words, pack: RulePack, extra: ExtraRules | None = None
) -> list[Span]:
    """What the pack's rules and the extra ones find: sorted, disjoint, never empty."""
    if not words.texts:
        return []
    texts, claims, _, chosen = hold_contest(text, words, pack, extra, only_strong=True)
    if pack.tags is not None:
        return _tag_every_word(texts, chosen, pack.tags, claims)
    spans = []
    for _, negative_length, first, order in sorted(chosen, key=_first_word):
        claim = claims[order]
        if claim.label != "O":
            last = first - negative_length
            spans.append(Span(first, last, claim.label, claim.rule, claim.score))
    return spans


_first_word = itemgetter(2)


def hold_contest(
    text: str,
    words: Words,
    pack: RulePack,
    extra: ExtraRules | None = None,
    *,
    only_strong: bool = False,
) -> Contest:
    """Let all rules claim stretches of ``words``, and choose among them.

    With ``only_strong``, candidates that can't win need not be among those of the contest.
    """
    texts = calm_headlines(text, words.texts, pack.common) if pack.headlines else words.texts
    candidates = _candidates(text, words, texts, pack, only_strong=only_strong)
    claims: Sequence[Claim] = pack.claims
    if extra is not None:
        candidates += extra.find(text, words)
        claims = extra.claims
    entered = candidates
    taken = bytearray(len(texts))
    chosen: list[Candidate] = []
    for repeat in pack.repeats:
        candidates.sort()
        weaker = bisect_left(candidates, (1 - repeat.priority,))
        chosen += choose(candidates[:weaker], taken)
        label = repeat.label
        longer = [each for each in chosen if each[1] < -1 and claims[each[3]].label == label]
        repeated = list(repeat.find(texts, longer, pack.common)) if longer else []
        candidates = candidates[weaker:] + repeated
        entered = entered + repeated
    chosen += choose(candidates, taken)
    return Contest(texts, claims, entered, chosen)


def _tag_every_word(
    texts: Sequence[str], chosen: list[Candidate], tags: Tags, claims: Sequence[Claim]
) -> list[Span]:
    """A span a word: what the word is by itself, unless a rule has chosen otherwise."""
    tagged = tags.tag(texts)
    for _, negative_length, first, order in chosen:
        for place in range(first, first - negative_length):
            tagged[place] = claims[order]
    return [
        Span(place, place + 1, claim.label, claim.rule, claim.score)
        for place, claim in enumerate(tagged)
        if claim.label != "O"
    ]


def _candidates(
    text: str, words: Words, texts: Sequence[str], pack: RulePack, *, only_strong: bool
) -> list[Candidate]:
    candidates: list[Candidate] = []
    if pack.exact_terms is not None:
        candidates += pack.exact_terms.find(texts)
    if pack.lowered_terms is not None:
        candidates += pack.lowered_terms.find(list(map(str.lower, texts)))
    if pack.patterns:
        text = searchable(text)
        for pattern in pack.patterns:
            candidates += pattern.find(text, words)
    if pack.word_codes is not None and pack.sequences is not None:
        line_starts = _line_starts(text, words) if "\n" in text else ()
        codes = pack.word_codes.encode(texts, line_starts)
        search = pack.sequences
        candidates += search.find_strongest(codes) if only_strong else search.find(codes)
    return candidates


def _line_starts(text: str, words: Words) -> Iterator[int]:
    """The words that open a line."""
    starts, count = words.starts, len(words)
    newline = text.find("\n")
    while newline >= 0:
        place = bisect_left(starts, newline)
        if place == count:
            return
        yield place
        newline = text.find("\n", starts[place])
