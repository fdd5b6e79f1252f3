"""Recomputing: what simple, first, average and max must give for the tokens that none gave.

Of each token only its best label and score are known, so an average is known only where the
tokens of a word agree. Whether a token continues the word before it isn't told either: where
its form leaves that open, :func:`read_words` gives every reading.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import fsum
from typing import TypeAlias

#: Between two requests the scores of a conforming endpoint may differ by as much.
TOLERANCE = 1e-5

_MARKS = ("\u2581", "\u0120")


@dataclass(frozen=True, slots=True)
class Token:
    """A token as none shows it."""

    label: str
    score: float
    word: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Group:
    """An entry of an aggregated answer."""

    label: str
    score: float
    start: int
    end: int

    def __str__(self) -> str:
        return f"{self.label} from {self.start} to {self.end}, score {self.score:.8g}"

    def is_like(self, other: Group) -> bool:
        """Whether both are the same but for noise in the score."""
        is_near = abs(self.score - other.score) <= TOLERANCE
        return is_near and (self.label, self.start, self.end) == (
            other.label,
            other.start,
            other.end,
        )


@dataclass(frozen=True, slots=True)
class Choice:
    """The label and the score of a word."""

    label: str
    score: float


Word: TypeAlias = "tuple[Token, ...]"
#: What a strategy makes of a word; None where the best labels alone don't tell.
Choose: TypeAlias = "Callable[[Word], Choice | None]"


def name_group(label: str) -> str:
    """What a group is called whose first token has this label."""
    _, hyphen, rest = label.partition("-")
    return rest if hyphen else label


def strip_prefix(label: str) -> str:
    """The part of a label by which neighbours are compared."""
    return label[2:] if label.startswith(("B-", "I-")) else label


def by_first(word: Word) -> Choice:
    """The choice of simple, where each token is a word, and of first."""
    return Choice(word[0].label, word[0].score)


def by_max(word: Word) -> Choice:
    """The choice of max: the best token's, of equals the earlier one's."""
    best = max(word, key=lambda token: token.score)
    return Choice(best.label, best.score)


def by_average(word: Word) -> Choice | None:
    """The choice of average, where the tokens agree on the label."""
    if len({token.label for token in word}) > 1:
        return None
    return Choice(word[0].label, mean([token.score for token in word]))


CHOICES: dict[str, Choose] = {
    "simple": by_first,
    "first": by_first,
    "average": by_average,
    "max": by_max,
}


def read_words(tokens: Sequence[Token], text: str) -> list[tuple[Word, ...]]:
    """The words that tokens may form, as many readings as their form leaves open."""
    readings = [_join(tokens, starts) for starts in _starts(tokens, text)]
    return list(dict.fromkeys(readings))


def regroup(words: Sequence[Word], choose: Choose) -> list[Group] | None:
    """The groups that words form; None where a word's choice is not known."""
    chosen: list[Choice] = []
    for word in words:
        choice = choose(word)
        if choice is None:
            return None
        chosen.append(choice)
    groups: list[Group] = []
    first = 0
    for place in range(1, len(words) + 1):
        if place == len(words) or not _is_joined(chosen[place - 1].label, chosen[place].label):
            label = name_group(chosen[first].label)
            score = mean([choice.score for choice in chosen[first:place]])
            groups.append(Group(label, score, words[first][0].start, words[place - 1][-1].end))
            first = place
    return groups


def tolerance(scores: Sequence[float]) -> float:
    """How far a mean of these may be off: more where they were rounded for printing."""
    digits = max((len(repr(float(score)).partition(".")[2]) for score in scores), default=0)
    return TOLERANCE if digits > 5 or "e" in repr(scores) else max(TOLERANCE, 10.0**-digits)


def mean(values: Sequence[float]) -> float:
    """The plain mean."""
    return fsum(values) / len(values)


def _starts(tokens: Sequence[Token], text: str) -> list[list[bool]]:
    """For each reading, which tokens begin a word."""
    by_length = [len(token.word) == token.end - token.start for token in tokens]
    by_blank = [_follows_blank(token, text) for token in tokens]
    if any(_has_own(token, "##", text) for token in tokens):
        return [by_length]
    # A piece that the vocabulary lacks shows as it is in the text, and always begins a word.
    by_unknown = [
        blank or (token.word == text[token.start : token.end] and not token.word.isascii())
        for token, blank in zip(tokens, by_blank, strict=True)
    ]
    if any(_has_own(token, mark, text) for token in tokens for mark in _MARKS):
        return [by_blank, by_unknown]
    return [by_length, by_blank, by_unknown]


def _has_own(token: Token, mark: str, text: str) -> bool:
    """Whether the token begins with a mark that isn't in the text."""
    return token.word.startswith(mark) and not text.startswith(mark, token.start)


def _follows_blank(token: Token, text: str) -> bool:
    return token.start == 0 or " " in text[token.start - 1 : token.start + 1]


def _join(tokens: Sequence[Token], starts: Sequence[bool]) -> tuple[Word, ...]:
    words: list[list[Token]] = []
    for token, is_start in zip(tokens, starts, strict=True):
        if is_start or not words:
            words.append([])
        words[-1].append(token)
    return tuple(map(tuple, words))


def _is_joined(before: str, label: str) -> bool:
    return not label.startswith("B-") and strip_prefix(before) == strip_prefix(label)
