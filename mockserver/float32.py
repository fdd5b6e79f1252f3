"""Single-precision arithmetic, as the model's scores undergo it.

A sum, product or quotient of two float32 values computed in double precision and then
rounded to float32 is the correctly rounded float32 result, so Python's floats suffice.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from struct import Struct, pack, unpack

_FLOAT32 = Struct("<f")
# Nine digits always name one float32.
_DIGITS = range(1, 10)


def to_float32(value: float) -> float:
    """The float32 nearest to ``value``, widened to a Python float."""
    return _FLOAT32.unpack(_FLOAT32.pack(value))[0]  # type: ignore[no-any-return]


def to_float32s(values: Sequence[float]) -> tuple[float, ...]:
    """The same of each value."""
    form = f"<{len(values)}f"
    return unpack(form, pack(form, *values))


@lru_cache(maxsize=65536)
def shortest(value: float) -> float:
    """The number with the fewest decimals that still names the float32 ``value``."""
    for digits in _DIGITS:
        candidate = float(f"{value:.{digits}g}")
        if to_float32(candidate) == value:
            return candidate
    return value


def mean(values: Sequence[float]) -> float:
    """The mean of float32 values as NumPy computes it, bit for bit: at least one value."""
    count = len(values)
    if count == 1:
        return values[0]
    return to_float32(_pairwise_sum(values) / count)


def mean_rows(rows: Sequence[Sequence[float]]) -> tuple[float, ...]:
    """The column means of float32 rows of one length, added top to bottom."""
    if len(rows) == 1:
        return tuple(rows[0])
    sums = list(rows[0])
    for row in rows[1:]:
        sums = [to_float32(total + value) for total, value in zip(sums, row, strict=True)]
    return tuple(to_float32(total / len(rows)) for total in sums)


# NumPy adds fewer than 8 values left to right, up to 128 in eight interleaved lanes,
# more by halves; the order decides the last bits of a score.
_LANES = 8
_BLOCK = 128


def _pairwise_sum(values: Sequence[float]) -> float:
    count = len(values)
    if count < _LANES:
        return _sum_in_order(values)
    if count > _BLOCK:
        half = count // 2
        half -= half % _LANES
        return to_float32(_pairwise_sum(values[:half]) + _pairwise_sum(values[half:]))
    whole = count - count % _LANES
    lanes = [_sum_in_order(values[lane:whole:_LANES]) for lane in range(_LANES)]
    pairs = [to_float32(lanes[place] + lanes[place + 1]) for place in range(0, _LANES, 2)]
    halves = (to_float32(pairs[0] + pairs[1]), to_float32(pairs[2] + pairs[3]))
    return _sum_in_order([to_float32(halves[0] + halves[1]), *values[whole:]])


def _sum_in_order(values: Sequence[float]) -> float:
    total = values[0]
    for value in values[1:]:
        total = to_float32(total + value)
    return total
