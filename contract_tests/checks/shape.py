"""Shape: every response is what its schema says, to the last byte."""

from __future__ import annotations

from collections.abc import Iterator

from ..exchange import Exchange
from ..violations import Violation
from . import documents, errors, fields, kinds
from .answers import all_calls
from .check import Check, Trial, Undecided


def _judge_length(trial: Trial) -> Iterator[Violation | Undecided]:
    exchange = trial.exchange
    response = exchange.response
    if response is None or exchange.request.method == "HEAD":
        yield Undecided(exchange.problem or "no answer had a body")
        return
    declared = response.header("content-length")
    is_chunked = "chunked" in (response.header("transfer-encoding") or "").lower()
    wanted = "chunks up to the last" if is_chunked else f"{declared} bytes, as content-length says"
    if not response.is_whole:
        yield Violation(
            where="body", expected=wanted, actual=f"{len(response.body)} bytes, then the end"
        )
    elif response.surplus:
        yield Violation(
            where="body",
            expected=wanted,
            actual=f"{len(response.body) + len(response.surplus)} bytes or more",
            hint="A client that keeps the connection takes the rest for the next answer.",
        )
    elif is_chunked and declared is not None:
        yield Violation(
            where="header content-length", expected="absent from chunks", actual=declared
        )


def _is_answered(exchange: Exchange) -> bool:
    return exchange.response is not None


CHECKS: tuple[Check, ...] = (
    *documents.CHECKS,
    *fields.CHECKS,
    *kinds.CHECKS,
    *errors.CHECKS,
    Check(
        clause="shape.length-is-true",
        examples=all_calls,
        watches=_is_answered,
        judge=_judge_length,
        sees_all=True,
    ),
)
