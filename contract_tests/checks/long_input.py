"""Long input: what the window doesn't hold is cut off, unless `stride` asks for all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import TypeAlias

from ..endpoint import Endpoint
from ..exchange import Exchange
from ..violations import Violation
from . import strides
from .answers import Entry, entries, show
from .check import Check, Judge, Plan, Trial, Undecided, plan
from .comparison import judge_same
from .long_texts import (
    BEYOND,
    COMMON_WINDOW,
    LONG,
    STRIDE,
    TAIL,
    after_first_window,
    lost,
    misplaced,
    read_window,
    strided,
    twice,
    unless_slow,
    unstrided,
    usual,
)

#: Given the tokens of the first window and an answer in windows.
_JudgeWindow: TypeAlias = "Callable[[list[Entry], Exchange], Iterator[Violation | Undecided]]"

_LEAST_IN_TAIL = 3
_LATE = len(LONG) * 3 // 4


def _judge_windows(
    judge: Callable[[list[Entry], Exchange], Iterator[Violation | Undecided]],
) -> Judge:
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


def _long_calls(endpoint: Endpoint) -> Iterator[Plan]:
    yield plan(unstrided(endpoint))
    yield plan(usual(endpoint))


def _judge_accepted(trial: Trial) -> Iterator[Violation]:
    if trial.exchange.status != 200:
        yield Violation(
            where="status",
            expected=f"200 for a text of {len(LONG.split())} words",
            actual=f"{trial.exchange.status} and {show(trial.exchange.document)}",
        )


def _cut_calls(endpoint: Endpoint) -> Iterator[Plan]:
    yield plan(strides.short(endpoint, COMMON_WINDOW), unstrided(endpoint))
    yield plan(
        unstrided(endpoint),
        endpoint.classify(LONG, strategy="none", ignore_labels=[], stride=None),
        about="the call without stride, which null stands for",
    )


def _judge_cut(trial: Trial) -> Iterator[Violation | Undecided]:
    if trial.about is not None:
        yield from judge_same(str(trial.about))(trial)
        return
    short, whole = trial.exchanges
    found = entries(whole)
    if short.status != 400 or not found:
        yield Undecided(f"a model that refuses no stride of {COMMON_WINDOW} may read more")
    beyond = [entry for entry in found if entry.span and entry.span[1] > BEYOND]
    if short.status == 400 and beyond:
        yield Violation(
            where=beyond[0].where,
            expected=f"nothing after the {COMMON_WINDOW}th word, where the window has ended",
            actual=f"{show(beyond[0].word)} at {beyond[0].fields.get('start')}",
            hint=f"A stride of {COMMON_WINDOW} is refused, so that the window has no more tokens.",
            marks=beyond[0].mark(show(beyond[0].word)),
        )


def _reading_calls(endpoint: Endpoint) -> Iterator[Plan]:
    yield from after_first_window(strided(endpoint, 0), endpoint=endpoint)
    yield plan(
        unstrided(endpoint),
        endpoint.classify(TAIL, strategy="simple"),
        usual(endpoint),
        about="tail",
    )


def _judge_lost(window: list[Entry], exchange: Exchange) -> Iterator[Violation | Undecided]:
    del window
    violation = lost(exchange)
    if violation is not None:
        yield violation


def _judge_reading(trial: Trial) -> Iterator[Violation | Undecided]:
    if trial.about != "tail":
        yield from _judge_windows(_judge_lost)(trial)
        return
    window = read_window(trial.exchanges[0])
    alone, whole = trial.exchanges[1:]
    if isinstance(window, Undecided) or whole.status != 200:
        yield window if isinstance(window, Undecided) else Undecided("stride was not accepted")
    elif len(entries(alone)) < _LEAST_IN_TAIL:
        yield Undecided("the model finds next to nothing in the end of the text by itself")
    elif not any(entry.span and entry.span[0] > _LATE for entry in entries(whole)):
        yield Violation(
            where="body",
            expected=f"entries up to the end; alone it has {len(entries(alone))} of them",
            actual=f"{len(entries(whole))} entries, none in the last quarter of the text",
        )


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
    indexes = _indexes(window)
    others = _indexes(entries(exchange))
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


def _indexes(found: list[Entry]) -> list[int]:
    return [index for index in (entry.fields.get("index") for entry in found) if type(index) is int]


def _zero_calls(endpoint: Endpoint) -> Iterator[Plan]:
    yield plan(usual(endpoint), strided(endpoint, 0))
    yield plan(unstrided(endpoint), strided(endpoint, 0, strategy=None), about="shares")


def _judge_zero(trial: Trial) -> Iterator[Violation | Undecided]:
    if trial.about == "shares":
        yield from _judge_windows(_judge_shared)(trial)
    elif trial.exchanges[0].status != 200:
        yield Undecided("no stride was accepted for a long text")
    elif trial.exchange.status != 200:
        yield Violation(
            where="status",
            expected="200 with stride 0, as with 128",
            actual=f"{trial.exchange.status} and {show(trial.exchange.document)}",
        )


def _judge_shared(window: list[Entry], exchange: Exchange) -> Iterator[Violation | Undecided]:
    indexes, found = _indexes(entries(exchange)), entries(exchange)
    restarts = [
        place for place, (before, index) in enumerate(pairwise(indexes), start=1) if index <= before
    ]
    if not restarts or len(indexes) < len(found) or not _indexes(window):
        yield Undecided("the windows can't be told apart without their indexes")
        return
    for place in restarts:
        if indexes[place] != indexes[0]:
            yield Violation(
                where=f"body[{place}].index",
                expected=f"{indexes[0]}, as a window begins right where the one before it ends",
                actual=f"{indexes[place]}; so {indexes[place] - indexes[0]} tokens were read twice",
                marks=found[place].mark(show(found[place].word)),
            )
            return


def _truth_calls(endpoint: Endpoint) -> Iterator[Plan]:
    for value in (False, True):
        yield plan(
            strided(endpoint, int(value)),
            strided(endpoint, value),
            about=f"stride {int(value)}, which {str(value).lower()} stands for",
        )


def _judge_truth(trial: Trial) -> Iterator[Violation | Undecided]:
    if trial.exchange.status == 400:
        yield Undecided("truth values are refused, as they may be")
    else:
        yield from judge_same(str(trial.about))(trial)


def _unnamed_calls(endpoint: Endpoint) -> Iterator[Plan]:
    yield from strides.unnamed_calls(endpoint)
    yield plan(unstrided(endpoint), strided(endpoint, STRIDE, strategy=None), about="whole")
    default = endpoint.default_strategy
    alone = endpoint.classify(LONG, ignore_labels=[], stride=STRIDE)
    # A stride with an explicit none is refused; null says the same and is not.
    named = strided(endpoint, STRIDE, strategy=None if default == "none" else default)
    yield plan(named, alone, about=f"{default}, which is the default")


def _judge_unnamed(trial: Trial) -> Iterator[Violation | Undecided]:
    if trial.about == "whole":
        window = read_window(trial.exchanges[0])
        if isinstance(window, Undecided):
            yield window
        elif trial.exchange.status != 200:
            yield Violation(
                where="status",
                expected="200 with a stride and null for the strategy",
                actual=f"{trial.exchange.status} and {show(trial.exchange.document)}",
            )
        else:
            yield from _judge_lost(window, trial.exchange)
    else:
        yield from judge_same(str(trial.about))(trial)


CHECKS: tuple[Check, ...] = (
    *strides.CHECKS,
    Check(clause="long-input.accepted", examples=_long_calls, judge=unless_slow(_judge_accepted)),
    Check(clause="long-input.cut-without-stride", examples=_cut_calls, judge=_judge_cut),
    Check(clause="long-input.stride-reads-all", examples=_reading_calls, judge=_judge_reading),
    Check(
        clause="long-input.stride-offsets",
        examples=_window_calls,
        judge=_judge_windows(_judge_offsets),
    ),
    Check(
        clause="long-input.stride-once", examples=_window_calls, judge=_judge_windows(_judge_once)
    ),
    Check(
        clause="long-input.index-is-local",
        examples=_index_calls,
        judge=_judge_windows(_judge_index),
    ),
    Check(clause="long-input.stride-zero", examples=_zero_calls, judge=_judge_zero),
    Check(clause="long-input.stride-truth-values", examples=_truth_calls, judge=_judge_truth),
    Check(
        clause="long-input.stride-without-strategy",
        examples=_unnamed_calls,
        judge=unless_slow(_judge_unnamed),
    ),
)
