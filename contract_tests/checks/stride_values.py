"""Stride values: what nothing, a truth value and no strategy beside it mean."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from ..endpoint import Endpoint
from ..entries import Entry
from ..exchange import Exchange
from ..violations import Violation
from . import strides
from .answers import entries, show
from .check import Check, Plan, Trial, Undecided, plan
from .comparison import judge_same
from .long_texts import LONG, STRIDE, read_window, strided, unless_slow, unstrided, usual
from .windows import indexes_of, judge_lost, judge_windows


def _zero_calls(endpoint: Endpoint) -> Iterator[Plan]:
    yield plan(usual(endpoint), strided(endpoint, 0))
    yield plan(unstrided(endpoint), strided(endpoint, 0, strategy=None), about="shares")


def _judge_zero(trial: Trial) -> Iterator[Violation | Undecided]:
    if trial.about == "shares":
        yield from judge_windows(_judge_shared)(trial)
    elif trial.exchanges[0].status != 200:
        yield Undecided("no stride was accepted for a long text")
    elif trial.exchange.status != 200:
        yield Violation(
            where="status",
            expected="200 with stride 0, as with 128",
            actual=f"{trial.exchange.status} and {show(trial.exchange.document)}",
        )


def _judge_shared(window: list[Entry], exchange: Exchange) -> Iterator[Violation | Undecided]:
    indexes, found = indexes_of(entries(exchange)), entries(exchange)
    restarts = [
        place for place, (before, index) in enumerate(pairwise(indexes), start=1) if index <= before
    ]
    if not restarts or len(indexes) < len(found) or not indexes_of(window):
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
            yield from judge_lost(window, trial.exchange)
    else:
        yield from judge_same(str(trial.about))(trial)


CHECKS: tuple[Check, ...] = (
    Check(clause="long-input.stride-zero", examples=_zero_calls, judge=_judge_zero),
    Check(clause="long-input.stride-truth-values", examples=_truth_calls, judge=_judge_truth),
    Check(
        clause="long-input.stride-without-strategy",
        examples=_unnamed_calls,
        judge=unless_slow(_judge_unnamed),
    ),
)
