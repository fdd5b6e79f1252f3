"""Scores: a full row over the labels for every token, the same for the same token always."""

from __future__ import annotations

from functools import lru_cache
from zlib import crc32

from .float32 import to_float32

_LEVELS = 4096  # Different digits for one confidence; few enough that rows are shared.
_SPREADS = 16  # Different ways to share out what the top label leaves.
_USUAL = 0.955
_DOUBT = 0.56


@lru_cache(maxsize=32768)
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


@lru_cache(maxsize=8192)
def doubtful_row(labels: int, top: int, second: int, key: str) -> tuple[float, ...]:
    """A row that peaks at ``top`` with 0.52 to 0.6 and has nearly all the rest at ``second``."""
    level, spread = _digits(key)
    return _row(labels, top, second, _DOUBT + 0.08 * (level - 0.5), spread)


@lru_cache(maxsize=1024)
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


@lru_cache(maxsize=8192)
def _row(labels: int, top: int, second: int | None, peak: float, spread: int) -> tuple[float, ...]:
    if labels == 1:
        return (1.0,)
    rest = 1.0 - peak
    row = [0.0] * labels
    if second is not None:
        row[second] = rest * 0.9
        rest *= 0.1
    others = [label for label in range(labels) if label not in (top, second)]
    weights = [1 + (label * 7 + spread * 5) % 11 for label in others]
    for label, weight in zip(others, weights, strict=True):
        row[label] = rest * weight / sum(weights)
    row[top] = peak
    return tuple(map(to_float32, row))
