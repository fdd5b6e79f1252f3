"""Loading: how a 503 for a model that is not ready is known, and what it must tell."""

from __future__ import annotations

import math
from collections.abc import Iterator
from urllib.parse import unquote

from ..exchange import Exchange
from ..violations import Violation
from .answers import show
from .check import Trial, Undecided
from .unknown_models import error_of

NOT_LOADING = Undecided("no model was said to be loading")


def is_loading(exchange: Exchange) -> bool:
    """Whether an answer says that the model is loading."""
    response = exchange.response
    if response is None or exchange.status != 503:
        return False
    document = exchange.document
    is_told = isinstance(document, dict) and "estimated_time" in document
    return is_told or b"loading" in response.content.lower()


def is_misnumbered(exchange: Exchange) -> bool:
    """Whether an answer tells when the model will be ready, but with another status than 503."""
    document = exchange.document
    is_told = isinstance(document, dict) and "estimated_time" in document
    # With that header, 200 may say so.
    return is_told and exchange.status != 503 and exchange.request.header("x-load-model") is None


def judge_form(trial: Trial) -> Iterator[Violation | Undecided]:
    """Judge that each 503 for a loading model is an object with error and estimated_time."""
    for exchange in filter(is_misnumbered, trial.exchanges):
        yield Violation(
            where="status",
            expected="503, for the body has an estimated_time",
            actual=f"{exchange.status}, {show(exchange.document)}",
        )
        return
    found = [each for each in trial.exchanges if is_loading(each) or _was_for_loading(each, trial)]
    if not found:
        yield NOT_LOADING
    for exchange in found:
        document = exchange.document
        if not isinstance(document, dict):
            yield Violation(
                where="body",
                expected="an object with error and estimated_time",
                actual=show(exchange.response.content if exchange.response else b""),
            )
            return
        error, estimate = document.get("error", ...), document.get("estimated_time", ...)
        if not isinstance(error, str) or not error:
            yield Violation(
                where="body.error",
                expected="a string that says that the model is loading",
                actual="no error" if error is ... else show(error),
            )
        if not _is_duration(estimate):
            yield Violation(
                where="body.estimated_time",
                expected="a number of seconds, finite and not negative",
                actual="no estimated_time" if estimate is ... else show(estimate),
                hint="Clients that wait for a model go by it.",
            )


def _was_for_loading(exchange: Exchange, trial: Trial) -> bool:
    """Whether a 503 of whatever words was a cold model's first answer, and 200 came later."""
    is_first = len(trial.exchanges) > 1 and exchange is trial.exchanges[0]
    return is_first and exchange.status == 503 and trial.exchange.status == 200


def _is_duration(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and value >= 0


def judge_words(trial: Trial) -> Iterator[Violation | Undecided]:
    """Judge that a loading model is named as it was called."""
    found = [each for each in trial.exchanges if is_loading(each) and error_of(each)]
    if not found:
        yield NOT_LOADING
    for exchange in found:
        model = unquote(exchange.request.target.partition("/models/")[2])
        wanted = f"Model {model} is currently loading"
        if model and error_of(exchange) != wanted:
            yield Violation(where="body.error", expected=wanted, actual=show(error_of(exchange)))
            return


def judge_retry_after(trial: Trial) -> Iterator[Violation | Undecided]:
    """Judge that nothing but estimated_time tells how long to wait."""
    found = [each for each in trial.exchanges if is_loading(each)]
    if not found:
        yield NOT_LOADING
    for exchange in found:
        after = exchange.header("retry-after")
        if after is not None:
            yield Violation(where="header retry-after", expected="no such header", actual=after)
            return
