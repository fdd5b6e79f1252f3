"""Long input: what the window doesn't hold is cut off, unless `stride` asks for all of it."""

from __future__ import annotations

from collections.abc import Iterator

from ..endpoint import Endpoint
from ..violations import Violation
from . import stride_values, strides, windows
from .answers import entries, show
from .check import Check, Plan, Trial, Undecided, plan
from .comparison import judge_same
from .long_texts import (
    BEYOND,
    COMMON_WINDOW,
    LONG,
    TAIL,
    after_first_window,
    read_window,
    strided,
    unless_slow,
    unstrided,
    usual,
)
from .windows import judge_lost, judge_windows

_LEAST_IN_TAIL = 3
_LATE = len(LONG) * 3 // 4


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
    yield plan(
        strides.short(endpoint, COMMON_WINDOW),
        unstrided(endpoint),
        endpoint.classify(LONG, strategy="simple"),
    )
    yield plan(
        unstrided(endpoint),
        endpoint.classify(LONG, strategy="none", ignore_labels=[], stride=None),
        about="the call without stride, which null stands for",
    )


def _judge_cut(trial: Trial) -> Iterator[Violation | Undecided]:
    if trial.about is not None:
        yield from judge_same(str(trial.about))(trial)
        return
    short, *wholes = trial.exchanges
    if short.status != 400 or not all(map(entries, wholes)):
        yield Undecided(f"a model that refuses no stride of {COMMON_WINDOW} may read more")
    found = [entry for whole in wholes for entry in entries(whole)]
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


def _judge_reading(trial: Trial) -> Iterator[Violation | Undecided]:
    if trial.about != "tail":
        yield from judge_windows(judge_lost)(trial)
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


CHECKS: tuple[Check, ...] = (
    *strides.CHECKS,
    Check(clause="long-input.accepted", examples=_long_calls, judge=unless_slow(_judge_accepted)),
    Check(clause="long-input.cut-without-stride", examples=_cut_calls, judge=_judge_cut),
    Check(clause="long-input.stride-reads-all", examples=_reading_calls, judge=_judge_reading),
    *windows.CHECKS,
    *stride_values.CHECKS,
)
