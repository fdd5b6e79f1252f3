"""Verdicts: what each rule claimed in a text, who won, and why the others lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .candidates import Candidate, Claim
from .models import Model
from .tagger import Contest, hold_contest
from .words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one rule's claim on a stretch of the text."""

    rule: str  #: The rule's kind and id: ``gazetteer.cities``, ``regex.3``.
    source: str  #: The rule pack's name, or ``rules`` for those of authors.
    label: str
    priority: int
    start: int  #: First code point.
    end: int  #: One past the last.
    text: str
    won: bool
    lost_to: str  #: The rule that won the place, empty for a winner.
    why: str  #: The same in words, and what made the difference.

    @property
    def kind(self) -> str:
        """``gazetteer``, ``pattern``, ``sequence``, ``repeat``, ``tags``, ``regex``, ``terms``."""
        return self.rule.partition(".")[0]


def reach_verdicts(
    model: Model, text: str, words: Words, *, most: int | None = None
) -> tuple[list[Verdict], int]:
    """What the rules claimed in ``text``, and how many claims that are; at most so many verdicts.

    They stand in text order, of one place the winner first.
    """
    if not len(words):
        return [], 0
    seen = text[: words.ends[-1]]
    contest = hold_contest(seen, words, model.pack, model.extra)
    owners: list[Candidate | None] = [None] * len(words)
    for candidate in contest.chosen:
        for place in _places(candidate):
            owners[place] = candidate
    judge = _Judge(model, text, words, contest, owners)
    candidates = {
        *contest.candidates,
        *_weaker(model, words, contest),
        *_tag_candidates(model, contest),
    }
    ordered = sorted(candidates, key=lambda each: (each[2], not judge.wins(each), each))
    return [judge.verdict(candidate) for candidate in ordered[:most]], len(candidates)


@dataclass(frozen=True, slots=True)
class _Judge:
    """Says what became of candidates."""

    model: Model
    text: str
    words: Words
    contest: Contest
    owners: list[Candidate | None]  #: Who won each word.

    def wins(self, candidate: Candidate) -> bool:
        owner = self.owners[candidate[2]]
        return owner == candidate or (owner is None and self._is_tag(candidate))

    def verdict(self, candidate: Candidate) -> Verdict:
        claim = self.contest.claims[candidate[3]]
        places = _places(candidate)
        start, end = self.words.starts[places.start], self.words.ends[places.stop - 1]
        lost_to, why = "", "won"
        if not self.wins(candidate):
            lost_to, difference = self._defeat(candidate)
            why = f"lost to {lost_to}: {difference}"
        elif claim.label == "O":
            why = "won: no entity is here"
        return Verdict(
            rule=claim.rule,
            source=self.model.pack.name if candidate[3] >= 0 else "rules",
            label=claim.label,
            priority=-candidate[0],
            start=start,
            end=end,
            text=self.text[start:end],
            won=not lost_to,
            lost_to=lost_to,
            why=why,
        )

    def _defeat(self, loser: Candidate) -> tuple[str, str]:
        """The strongest winner that took a word of the loser's, and what made the difference."""
        takers = (self.owners[place] for place in _places(loser))
        winner = min(owner for owner in takers if owner is not None)
        won, lost = (self.contest.claims[each[3]] for each in (winner, loser))
        if self._is_tag(loser):
            return won.rule, "a rule goes before what a word is by itself"
        return won.rule, _difference(loser, winner, lost, won)

    def _is_tag(self, candidate: Candidate) -> bool:
        return self.contest.claims[candidate[3]].rule.startswith("tags.")


def _weaker(model: Model, words: Words, contest: Contest) -> Iterator[Candidate]:
    """Claims of gazetteers on terms that a stronger one has too: the tagger never sees them."""
    lowered = list(map(str.lower, contest.texts))
    places = [(model.pack.exact_terms, contest.texts), (model.pack.lowered_terms, lowered)]
    if model.extra is not None:
        lowered = list(map(str.lower, words.texts))
        places += [(model.extra.exact_terms, words.texts), (model.extra.lowered_terms, lowered)]
    for gazetteer, texts in places:
        if gazetteer is not None:
            yield from gazetteer.find_weaker(texts)


def _tag_candidates(model: Model, contest: Contest) -> Iterator[Candidate]:
    """What each word is by itself, in packs that label every word."""
    if model.pack.tags is not None:
        for place, claim in enumerate(model.pack.tags.tag(contest.texts)):
            yield (-claim.priority, -1, place, claim.order)


def _difference(loser: Candidate, winner: Candidate, lost: Claim, won: Claim) -> str:
    if winner[0] != loser[0]:
        return f"higher priority, {-winner[0]} > {-loser[0]}"
    if winner > loser:
        return "a repeat goes behind all rules of its priority"
    if winner[1] != loser[1]:
        return f"longer, {-winner[1]} words > {-loser[1]}"
    if winner[2] != loser[2]:
        return "further to the left"
    if winner[3] < 0:
        return "an author's rule goes first, the latest before all others"
    kinds = [claim.rule.partition(".")[0] for claim in (won, lost)]
    if kinds[0] != kinds[1]:
        return f"a {kinds[0]} goes before a {kinds[1]}"
    return "the winner stands first in the pack"


def _places(candidate: Candidate) -> range:
    _, negative_length, first, _ = candidate
    return range(first, first - negative_length)
