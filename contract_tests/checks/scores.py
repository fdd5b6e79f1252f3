"""Scores: probabilities, printed as the floats they are."""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct

from ..entries import Entry
from ..violations import Violation
from .answers import entries, is_answer, judge_entries, plain_calls, show
from .check import Check, Trial, Undecided

_FLOAT32 = Struct("<f")
_MOST_DIGITS = 9  # So many always name one float32.
_TELLING = 3  # That so many scores end early by chance is unlikely.
_ROUNDED = 5  # Decimals; a float32 near 1 has seven.


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _judge_range(entry: Entry) -> Iterator[Violation]:
    score = entry.fields.get("score")
    # That it is a number at all is for shape.group-fields and shape.token-fields.
    if _is_number(score) and not 0 <= score <= 1:  # type: ignore[operator]  # A number.
        yield Violation(
            where=f"{entry.where}.score",
            expected="a number from 0 to 1",
            actual=show(score),
            hint="A percentage?" if 1 < score <= 100 else "",  # type: ignore[operator]
        )


def _judge_precision(trial: Trial) -> Iterator[Violation | Undecided]:
    found = [(entry, entry.fields.get("score")) for entry in entries(trial.exchange)]
    scores = {float(score) for _, score in found if isinstance(score, float) and 0 < score < 1}
    if not scores:
        yield Undecided("no answer had a score between 0 and 1")
        return
    for entry, score in found:
        if isinstance(score, float) and score in scores and not _is_printed(score, trial):
            yield Violation(
                where=f"{entry.where}.score",
                expected="a 32-bit float, as the profile prints it",
                actual=show(score),
                hint=f"The nearest is {to_float32(score)!r}, for short {shortest(score)!r}.",
            )
            return
    if len(scores) >= _TELLING and all(round(score, _ROUNDED) == score for score in scores):
        yield Violation(
            where="body",
            expected="scores that are not rounded for printing",
            actual=show(sorted(scores)),
        )


def _is_printed(score: float, trial: Trial) -> bool:
    is_exact = to_float32(score) == score
    if trial.endpoint.profile == "classic":
        return is_exact
    return shortest(score) == score or (is_exact and trial.endpoint.profile == "dedicated")


def to_float32(score: float) -> float:
    """The 32-bit float nearest to a score, as a double."""
    return float(_FLOAT32.unpack(_FLOAT32.pack(score))[0])


def shortest(score: float) -> float:
    """The number with the fewest digits that still names the 32-bit float of a score."""
    single = to_float32(score)
    for digits in range(1, _MOST_DIGITS + 1):
        candidate = float(f"{single:.{digits}g}")
        if to_float32(candidate) == single:
            return candidate
    return single  # pragma: no cover  # Nine digits always do.


CHECKS: tuple[Check, ...] = (
    Check(
        clause="score.probability",
        examples=plain_calls,
        watches=is_answer,
        judge=judge_entries(_judge_range),
    ),
    Check(
        clause="score.single-precision",
        examples=plain_calls,
        watches=is_answer,
        judge=_judge_precision,
    ),
)
