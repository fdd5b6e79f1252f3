"""Scores: a full row over the labels for every token, the same for the same token always."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple
from zlib import crc32

from .float32 import to_float32s
from .wordmemory import LONGEST_KEPT, MOST_KEPT

_LEVELS = 4096  # Different digits for one confidence; few enough that rows are shared.
_SPREADS = 16  # Different ways to share out what the top label leaves.
_USUAL = 0.955
_DOUBT = 0.56


class Guess(NamedTuple):
    """What the model makes of a token."""

    label: int  #: Where the largest score is, of equals the first.
    score: float  #: The largest.
    row: tuple[float, ...]  #: A score for each label.


def guess_from(row: tuple[float, ...]) -> Guess:
    """The guess that a row of scores makes."""
    score = max(row)
    return Guess(row.index(score), score, row)


def guess_confidently(labels: int, top: int, key: str, score: float | None) -> Guess:
    """The guess from a :func:`confident_row`."""
    # What is longer may take much memory, or be secret.
    guess = _remembered_guess if len(key) <= LONGEST_KEPT else _remembered_guess.__wrapped__
    return guess(labels, top, key, score)


@lru_cache(maxsize=1024)
def guess_as_pinned(labels: int, top: int, score: float) -> Guess:
    """The guess from a :func:`pinned_row`."""
    return guess_from(pinned_row(labels, top, score))


@lru_cache(maxsize=MOST_KEPT)
def _remembered_guess(labels: int, top: int, key: str, score: float | None) -> Guess:
    return guess_from(confident_row(labels, top, key, score))


def confident_row(labels: int, top: int, key: str, score: float | None) -> tuple[float, ...]:
    """A row of ``labels`` float32 scores whose largest is at ``top``.

    The largest is ``score``, or 0.955 without one, moved by up to a tenth of what it lacks
    to 1 (without one: by up to 0.045). ``key`` decides the digits. A row adds up to 1 but
    for rounding.
    """
    level, spread = _digits(key)
    room = 0.09 if score is None else (1.0 - score) / 5
    peak = (_USUAL if score is None else score) + room * (level - 0.5)
    return _row(labels, top, None, peak, spread)


def doubtful_row(labels: int, top: int, second: int, key: str) -> tuple[float, ...]:
    """A row that peaks at ``top`` with 0.52 to 0.6 and has nearly all the rest at ``second``."""
    level, spread = _digits(key)
    return _row(labels, top, second, _DOUBT + 0.08 * (level - 0.5), spread)


def pinned_row(labels: int, top: int, score: float) -> tuple[float, ...]:
    """A row that peaks at ``top`` with exactly the float32 of ``score``.

    Raises:
        ValueError: The score is too small to be the largest of so many.
    """
    row = _row(labels, top, None, score, 0)
    if row.index(max(row)) != top:
        raise ValueError(f"a score of {score!r} can't be the largest of {labels}")
    return row


@lru_cache(maxsize=1024)
def is_decisive(labels: int, top: int, score: float) -> bool:
    """Whether every row of that base confidence peaks at ``top``, whatever its key."""
    lowest = score - (1.0 - score) / 10
    rows = (_row(labels, top, None, lowest, spread) for spread in range(_SPREADS))
    return lowest > 0 and all(row.index(max(row)) == top for row in rows)


def _digits(key: str) -> tuple[float, int]:
    """A fraction of one and a way to spread, both from the key alone."""
    seed = crc32(key.encode())
    return seed % _LEVELS / _LEVELS, seed // _LEVELS % _SPREADS


def _row(labels: int, top: int, second: int | None, peak: float, spread: int) -> tuple[float, ...]:
    if labels == 1:
        return (1.0,)
    rest = 1.0 - peak
    row = [0.0] * labels
    if second is not None:
        row[second] = rest * 0.9
        rest *= 0.1
    places, weights, whole = _shares(labels, top, second, spread)
    for label, weight in zip(places, weights, strict=True):
        row[label] = rest * weight / whole
    row[top] = peak
    return to_float32s(row)


@lru_cache(maxsize=1024)
def _shares(
    labels: int, top: int, second: int | None, spread: int
) -> tuple[tuple[int, ...], tuple[int, ...], int]:
    """The labels that share what the first two leave, the share of each and their sum."""
    others = tuple(label for label in range(labels) if label not in (top, second))
    weights = tuple(1 + (label * 7 + spread * 5) % 11 for label in others)
    return others, weights, sum(weights)
