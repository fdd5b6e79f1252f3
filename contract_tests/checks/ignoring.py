"""Ignoring: what ``ignore_labels`` leaves out of an answer, and what it leaves there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..endpoint import Endpoint
from ..violations import Violation
from .answers import MIXED, entries, is_answer, plain_calls, show
from .check import Check, Plan, Trial, Undecided, plan
from .comparison import compare
from .label_lists import KINDS, NO_LABEL, after_label, and_outside, call_ignoring, only
from .soundness import is_sound


def _default_calls(endpoint: Endpoint) -> Iterator[Plan]:
    yield from plain_calls(endpoint)
    yield plan(call_ignoring(endpoint, "simple", None))


def _judge_outside(trial: Trial) -> Iterator[Violation | Undecided]:
    exchange = trial.exchange
    asked = exchange.request.parameters.get("ignore_labels", ...)
    if asked is None and exchange.status == 400:
        yield Violation(
            where="status",
            expected="200: ignore_labels null leaves the default in place",
            actual=f"400, {show(exchange.document)}",
        )
        return
    if asked not in (..., None, ["O"]) or exchange.document is None:
        yield Undecided("no answer left the default in place")
        return
    for entry in entries(exchange):
        if entry.label == "O":
            yield Violation(
                where=entry.where,
                expected="no entry labelled O",
                actual=show(entry.fields),
                marks=entry.mark("O"),
            )
            return


def _without_outside(endpoint: Endpoint) -> Iterator[Plan]:
    for kind in KINDS:
        yield plan(call_ignoring(endpoint, kind, []))
        yield plan(call_ignoring(endpoint, kind, [NO_LABEL]))


def _judge_replaced(trial: Trial) -> Iterator[Violation | Undecided]:
    found = entries(trial.exchange)
    spans = [entry.span for entry in found if entry.span]
    if any(entry.label == "O" for entry in found):
        return
    if trial.exchange.status != 200 or len(spans) < len(found) or not found:
        yield Undecided("no answer had entries with offsets")
        return
    covered = {place for start, end in spans for place in range(start, end)}
    gap = next((i for i, c in enumerate(MIXED) if c != " " and i not in covered), None)
    if gap is None:
        yield Undecided("the model has no label O")
        return
    yield Violation(
        where="body",
        expected="an entry labelled O for each word that is no entity",
        actual=f"none for the word at {gap}",
        hint="ignore_labels replaces the default; it is not added to it.",
    )


def _ignoring(endpoint: Endpoint) -> Iterator[Plan]:
    for kind in KINDS:
        yield after_label(endpoint, kind, [], only)
        yield after_label(endpoint, kind, ["O"], and_outside)


def _judge_absent(trial: Trial) -> Iterator[Violation | Undecided]:
    if len(trial.exchanges) < 2 or trial.exchange.status != 200:
        yield Undecided("no label to ignore was found")
        return
    ignored = trial.exchange.request.parameters.get("ignore_labels")
    for entry in entries(trial.exchange):
        if isinstance(ignored, list) and entry.label in ignored:
            yield Violation(
                where=entry.where,
                expected=f"no entry labelled {entry.label}, which is in ignore_labels",
                actual=show(entry.fields),
                marks=entry.mark(str(entry.label)),
            )
            return


def _dropping(endpoint: Endpoint) -> Iterator[Plan]:
    yield from _ignoring(endpoint)
    for kind in KINDS:
        # What the default drops has stood between its neighbours, too.
        yield plan(call_ignoring(endpoint, kind, []), call_ignoring(endpoint, kind, ["O"]))


def _judge_rest(trial: Trial) -> Iterator[Violation | Undecided]:
    if len(trial.exchanges) < 2 or any(each.status != 200 for each in trial.exchanges):
        yield Undecided("no label to ignore was found")
        return
    ignored: Any = trial.exchange.request.parameters.get("ignore_labels")
    rest = [entry for entry in entries(trial.exchanges[0]) if entry.label not in ignored]
    # Those that should be gone and are not are for label.ignored-are-absent.
    found = [entry for entry in entries(trial.exchange) if entry.label not in ignored]
    difference = compare(rest, found, expected="the answer that ignores nothing of it")
    if difference is None:
        return
    if all(is_sound(each, trial.endpoint) for each in trial.exchanges):
        yield difference
    else:
        yield Undecided("the answers differ, but one of them is wrong in itself")


CHECKS: tuple[Check, ...] = (
    Check(
        clause="label.outside-hidden",
        examples=_default_calls,
        watches=is_answer,
        judge=_judge_outside,
    ),
    Check(clause="label.ignore-replaces-default", examples=_without_outside, judge=_judge_replaced),
    Check(clause="label.ignored-are-absent", examples=_ignoring, judge=_judge_absent),
    Check(clause="label.ignore-keeps-the-rest", examples=_dropping, judge=_judge_rest),
)
