"""Comparison: answers that must be equal, whatever the model says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..entries import Entry
from ..exchange import Exchange
from ..violations import Violation
from .answers import entries, entries_by_text, show
from .check import Judge, Trial, Undecided

SCORE_TOLERANCE = 1e-5


def judge_same(expected: str, *, tolerance: float = SCORE_TOLERANCE) -> Judge:
    """A judge that wants every answer of a trial to hold the entries of the first.

    ``expected`` completes "the entries of …". Equal empty answers show nothing.
    """

    def judge(trial: Trial) -> Iterator[Violation | Undecided]:
        first, *others = trial.exchanges
        if first.status != 200 or not entries(first) or not others:
            yield Undecided("no answer with entries to compare with")
            return
        for other in others:
            yield from differences(first, other, expected=expected, tolerance=tolerance)

    return judge


def differences(
    first: Exchange, other: Exchange, *, expected: str, tolerance: float = SCORE_TOLERANCE
) -> Iterator[Violation]:
    """How an answer differs from the one it must be equal to: one violation at most."""
    if other.status != 200:
        yield Violation(
            where="status",
            expected=f"200 and the entries of {expected}",
            actual=f"{other.status}, {show(other.document)}",
        )
        return
    wanted, found = entries_by_text(first), entries_by_text(other)
    if len(wanted) != len(found):
        yield Violation(
            where="body",
            expected=f"{len(wanted)} lists, as {expected} has",
            actual=f"{len(found)} lists",
        )
        return
    for one, another in zip(wanted, found, strict=True):
        difference = compare(one, another, expected=expected, tolerance=tolerance)
        if difference is not None:
            yield difference
            return


def compare(
    wanted: Sequence[Entry],
    found: Sequence[Entry],
    *,
    expected: str,
    tolerance: float = SCORE_TOLERANCE,
) -> Violation | None:
    """The first difference of two lists of entries in order, or None."""
    for one, another in zip(wanted, found, strict=False):
        if not is_equal(one, another, tolerance=tolerance):
            return Violation(
                where=another.where,
                expected=f"{brief(one)}, as in {expected}",
                actual=brief(another),
                marks=another.mark(str(another.label)),
            )
    if len(wanted) > len(found):
        left = wanted[len(found)]
        return Violation(
            where="body",
            expected=f"{brief(left)}, as in {expected}",
            actual=f"no such entry among {len(found)}",
            marks=left.mark(str(left.label)),
        )
    if len(found) > len(wanted):
        left = found[len(wanted)]
        return Violation(
            where=left.where,
            expected=f"{len(wanted)} entries, as in {expected}",
            actual=f"{brief(left)} as well",
            marks=left.mark(str(left.label)),
        )
    return None


def is_equal(one: Entry, another: Entry, *, tolerance: float = SCORE_TOLERANCE) -> bool:
    """Whether two entries say the same; scores may differ in the last digits."""
    names = ("entity", "entity_group", "word", "start", "end")
    if any(one.fields.get(name) != another.fields.get(name) for name in names):
        return False
    score, other = one.fields.get("score"), another.fields.get("score")
    if isinstance(score, int | float) and isinstance(other, int | float):
        return abs(score - other) <= tolerance
    return bool(score == other)


def brief(entry: Entry) -> str:
    """An entry in a few words: label, word, offsets, score."""
    fields = entry.fields
    return (
        f"{entry.label} {show(entry.word)} [{fields.get('start')}, {fields.get('end')})"
        f" {fields.get('score')}"
    )
