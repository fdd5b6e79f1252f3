"""Windows: what `stride` makes of a long text, held against its first window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from ..endpoint import Endpoint
from ..entries import Entry
from ..exchange import Exchange
from ..violations import Violation
from .answers import entries, show
from .check import Check, Judge, Plan, Trial, Undecided
from .long_texts import (
    LONG,
    STRIDE,
    after_first_window,
    lost,
    misplaced,
    read_window,
    strided,
    twice,
    usual,
)

#: Given the tokens of the first window and an answer in windows.
JudgeWindow: TypeAlias = "Callable[[list[Entry], Exchange], Iterator[Violation | Undecided]]"


def judge_windows(judge: JudgeWindow) -> Judge:
    """A judge of an answer in windows, given the tokens of the first as they are without."""

    def careful(trial: Trial) -> Iterator[Violation | Undecided]:
        window = read_window(trial.exchanges[0])
        if isinstance(window, Undecided):
            yield window
        elif trial.exchange.status != 200 or not entries(trial.exchange):
            yield Undecided("the call with stride was not answered with entries")
        else:
            yield from judge(window, trial.exchange)

    return careful


def judge_lost(window: list[Entry], exchange: Exchange) -> Iterator[Violation | Undecided]:
    """A stretch of the text of which the windows say nothing."""
    del window
    violation = lost(exchange)
    if violation is not None:
        yield violation


def indexes_of(found: list[Entry]) -> list[int]:
    """The indexes of entries that have one, in order."""
    return [index for index in (entry.fields.get("index") for entry in found) if type(index) is int]


def _window_calls(endpoint: Endpoint) -> Iterator[Plan]:
    return after_first_window(
        strided(endpoint, STRIDE, strategy=None),
        usual(endpoint),
        strided(endpoint, 0),
        endpoint=endpoint,
    )


def _judge_offsets(window: list[Entry], exchange: Exchange) -> Iterator[Violation | Undecided]:
    wrong = misplaced(exchange)
    found = entries(exchange)
    if not any(entry.span for entry in found):
        yield Undecided("no entry had offsets")
    # Where even the first window is off, spans are wrong whatever the length.
    elif wrong and len(wrong) < len(found) and not _is_off(window):
        start, end = wrong[0].fields["start"], wrong[0].fields.get("end")
        yield Violation(
            where=f"{wrong[0].where}.start",
            expected="the place in the whole text, as in the first window",
            actual=f"{show(wrong[0].word)} at {start} to {end},"
            f" and {len(wrong)} of {len(found)} entries like it",
            hint="The offsets of later windows seem to count from the window's beginning.",
            marks=wrong[0].mark(f"not {wrong[0].word}"),
        )


def _is_off(window: list[Entry]) -> bool:
    return any(entry.span and entry.word not in LONG for entry in window) and all(
        entry.span and LONG[slice(*entry.span)] != entry.word for entry in window
    )


def _judge_once(window: list[Entry], exchange: Exchange) -> Iterator[Violation | Undecided]:
    del window
    violation = twice(exchange)
    if violation is not None:
        yield violation


def _index_calls(endpoint: Endpoint) -> Iterator[Plan]:
    return after_first_window(strided(endpoint, STRIDE, strategy=None), endpoint=endpoint)


def _judge_index(window: list[Entry], exchange: Exchange) -> Iterator[Violation | Undecided]:
    indexes = indexes_of(window)
    others = indexes_of(entries(exchange))
    if not indexes or not others:
        yield Undecided("entries have no index")
    elif lost(exchange) is not None:
        yield Undecided("the answer doesn't hold the whole text")
    elif max(others) > max(indexes):
        place = others.index(next(index for index in others if index > max(indexes)))
        yield Violation(
            where=f"body[{place}].index",
            expected=f"{max(indexes)} at most, the last of a window",
            actual=str(others[place]),
            hint="The index counts within a window and begins again in the next.",
        )


CHECKS: tuple[Check, ...] = (
    Check(
        clause="long-input.stride-offsets",
        examples=_window_calls,
        judge=judge_windows(_judge_offsets),
    ),
    Check(
        clause="long-input.stride-once", examples=_window_calls, judge=judge_windows(_judge_once)
    ),
    Check(
        clause="long-input.index-is-local",
        examples=_index_calls,
        judge=judge_windows(_judge_index),
    ),
)
