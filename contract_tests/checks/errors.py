"""Errors: what a refusal says, and with which status."""

from __future__ import annotations

from collections.abc import Iterator

from nertwin.schemas import JSON

from ..endpoint import Endpoint
from ..violations import Violation
from .answers import PLAIN, all_calls, is_call, is_refusal, refused_calls, show
from .check import Check, Plan, Trial, Undecided, plan


def is_error(document: JSON) -> bool:
    """Whether a document tells of an error, whatever the status."""
    return isinstance(document, dict) and "error" in document


def _judge_error(trial: Trial) -> Iterator[Violation | Undecided]:
    response = trial.exchange.response
    if response is None or not is_refusal(trial.exchange):
        yield Undecided("nothing was refused")
        return
    if response.media_type != "application/json":
        yield Violation(
            where="header content-type",
            expected="application/json",
            actual=show(response.header("content-type")),
        )
    document = response.document
    error = document.get("error") if isinstance(document, dict) else None
    messages = error if isinstance(error, list) else [error]
    if not messages or any(not isinstance(each, str) or not each for each in messages):
        yield Violation(
            where="body",
            expected="an object with the key error: a string or a list of strings, not empty",
            actual=show(document) if document is not None else show(response.content),
        )


def _kinds_of_refusal(endpoint: Endpoint) -> Iterator[Plan]:
    yield plan(endpoint.call({"parameters": {}}), about="validation")
    yield plan(endpoint.call({"inputs": PLAIN, "parameters": {"stide": 5}}), about="inference")


def _judge_error_kind(trial: Trial) -> Iterator[Violation | Undecided]:
    document = trial.exchange.document
    if not isinstance(document, dict) or not document.get("error"):
        yield Undecided("no refusal had an error")
        return
    error, warnings = document["error"], document.get("warnings")
    if trial.about == "validation" and not isinstance(error, list):
        yield Violation(
            where="body.error",
            expected="a list of strings: the body did not pass validation",
            actual=show(error),
        )
    if trial.about == "inference" and not isinstance(error, str):
        yield Violation(
            where="body.error", expected="a string: the model raised it", actual=show(error)
        )
    if trial.about == "inference" and not isinstance(warnings, list):
        yield Violation(
            where="body.warnings",
            expected="a list beside the error that the model raised",
            actual=show(warnings),
        )


def _judge_error_status(trial: Trial) -> Iterator[Violation | Undecided]:
    exchange = trial.exchange
    if exchange.status == 200 and is_error(exchange.document):
        if exchange.request.header("x-load-model") == "0":
            yield Undecided("only calls with x-load-model: 0 were answered so")
        else:
            yield Violation(
                where="status", expected="an error status", actual=f"200, {exchange.document}"
            )


CHECKS: tuple[Check, ...] = (
    Check(
        clause="shape.error-object",
        examples=refused_calls,
        watches=is_refusal,
        judge=_judge_error,
    ),
    Check(clause="shape.error-kind", examples=_kinds_of_refusal, judge=_judge_error_kind),
    Check(
        clause="shape.error-has-error-status",
        examples=all_calls,
        watches=is_call,
        judge=_judge_error_status,
    ),
)
