"""Limits: what is much, and still has to be answered."""

from __future__ import annotations

from collections.abc import Iterator

from ..endpoint import Endpoint
from ..violations import Violation
from .answers import PLAIN, show
from .check import Check, Plan, Trial, plan

_WITHIN = 64 * 1024
_BEYOND = 3 * 1024 * 1024
_LETTERS = 10_000
_MANY = 100


def _padded(endpoint: Endpoint, size: int) -> Plan:
    # A key that means nothing, so that the size is all that is unusual.
    rest = len(endpoint.call({"inputs": PLAIN, "padding": ""}).body)
    return plan(endpoint.call({"inputs": PLAIN, "padding": "x" * (size - rest)}))


def _sizes(endpoint: Endpoint) -> Iterator[Plan]:
    yield _padded(endpoint, _WITHIN)
    yield _padded(endpoint, _BEYOND)


def _judge_size(trial: Trial) -> Iterator[Violation]:
    exchange = trial.exchange
    size = len(exchange.request.body)
    # The error beside a 413 is for shape.error-object.
    if exchange.status == 200 or (exchange.status == 413 and size > _WITHIN):
        return
    allowed = "200, or 413" if size > _WITHIN else "200"
    yield Violation(
        where="status",
        expected=f"{allowed} for a body of {size} bytes",
        actual=f"{exchange.status}, {show(exchange.document)}",
    )


def _long_words(endpoint: Endpoint) -> Iterator[Plan]:
    yield plan(endpoint.classify(f"Angela Merkel lives in {'a' * _LETTERS} Berlin."))
    yield plan(endpoint.classify("\u00e4" * _LETTERS, strategy="first"))


def _judge_answered(trial: Trial) -> Iterator[Violation]:
    exchange = trial.exchange
    if exchange.status != 200:
        yield Violation(
            where="status",
            expected=f"200: a text may have a word of {_LETTERS} letters",
            actual=f"{exchange.status}, {show(exchange.document)}",
        )


def _many_texts(endpoint: Endpoint) -> Iterator[Plan]:
    yield plan(endpoint.classify([f"Text {n} is about Berlin." for n in range(_MANY)]))


def _judge_many(trial: Trial) -> Iterator[Violation]:
    exchange = trial.exchange
    document = exchange.document
    is_nested = isinstance(document, list) and all(isinstance(each, list) for each in document)
    count = len(document) if isinstance(document, list) else 0
    # What is no list of lists is for shape.batch-nests.
    if exchange.status != 200 or (is_nested and count != _MANY):
        yield Violation(
            where="status" if exchange.status != 200 else "body",
            expected=f"200 and {_MANY} lists for {_MANY} texts",
            actual=f"200 and {count} lists"
            if exchange.status == 200
            else f"{exchange.status}, {show(document)}",
        )


CHECKS: tuple[Check, ...] = (
    Check(clause="limits.long-word", examples=_long_words, judge=_judge_answered),
    Check(clause="limits.many-texts", examples=_many_texts, judge=_judge_many),
    Check(clause="limits.body-size", examples=_sizes, judge=_judge_size),
)
