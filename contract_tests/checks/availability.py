"""Availability: what calls meet when a model is ready, unknown or cold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..endpoint import Endpoint
from ..violations import Violation
from . import coldstart
from .answers import PLAIN, is_call, plain_calls
from .bases import repeated
from .bundles import BODY, CARRIAGE, WAIT, bundle
from .cached import put
from .check import Check, Plan, Trial, Undecided, plan
from .coldstart import THEN, call_cold, still_loading
from .comparison import judge_same
from .loading import is_loading
from .unknown_models import call_unknown


def _waits_when_ready(endpoint: Endpoint) -> Iterator[Plan]:
    call = endpoint.classify(PLAIN)
    yield plan(call, call.with_headers(WAIT), bundle=bundle(endpoint, CARRIAGE))
    in_options = put(call, options={"wait_for_model": True})
    yield plan(call, in_options, bundle=bundle(endpoint, BODY))


def _calls_when_ready(endpoint: Endpoint) -> Iterator[Plan]:
    yield plan(*repeated(endpoint), about="ready")
    yield from call_cold(endpoint)


def _judge_relapse(trial: Trial) -> Iterator[Violation | Undecided]:
    ready = next((at for at, each in enumerate(trial.exchanges) if each.status == 200), None)
    later = trial.exchanges[ready:]
    if trial.about != "ready":
        # Those that were sent together have no order.
        later = trial.exchanges[THEN]
    if ready is None or not later:
        yield Undecided("no call was answered by 200")
        return
    for exchange in later:
        if is_loading(exchange):
            yield Violation(
                where="status",
                expected="no 503 for loading: the model answered 200 moments ago",
                actual=still_loading(exchange),
            )
            return


def _unknown_models(endpoint: Endpoint) -> Iterator[Plan]:
    yield plan(call_unknown(endpoint, headers=(WAIT,)))
    yield plan(call_unknown(endpoint))


def _judge_unknown(trial: Trial) -> Iterator[Violation | Undecided]:
    exchange = trial.exchange
    if is_loading(exchange):
        yield Violation(
            where="status",
            expected="a refusal, for there is no such model",
            actual=still_loading(exchange),
            hint="A client would wait for it for ever.",
        )
    elif exchange.response is None:
        yield Undecided(exchange.problem)


def _judge_warm(trial: Trial) -> Iterator[Violation | Undecided]:
    exchange = trial.exchange
    if is_loading(exchange):
        yield Violation(
            where="status",
            expected="an answer or a refusal: models here are warm or not served",
            actual=still_loading(exchange),
        )
    elif exchange.status != 200:
        yield Undecided("no call was answered by 200")


def _warm_calls(endpoint: Endpoint) -> Iterator[Plan]:
    yield plan(*repeated(endpoint))
    yield from plain_calls(endpoint)


def _judge_each(trial: Trial) -> Iterator[Violation | Undecided]:
    for exchange in trial.exchanges:
        yield from _judge_warm(replace(trial, exchanges=(exchange,)))


def _without_load(endpoint: Endpoint) -> Iterator[Plan]:
    call = endpoint.classify(PLAIN)
    yield plan(call, call.with_headers(("x-load-model", "0")))


CHECKS: tuple[Check, ...] = (
    *coldstart.CHECKS,
    Check(
        clause="availability.wait-when-ready",
        examples=_waits_when_ready,
        judge=judge_same("the call that does not wait"),
    ),
    Check(
        clause="availability.no-relapse",
        examples=_calls_when_ready,
        judge=_judge_relapse,
        sees_all=True,
    ),
    Check(
        clause="availability.unknown-is-not-loading",
        examples=_unknown_models,
        judge=_judge_unknown,
        sees_all=True,
    ),
    Check(
        clause="availability.load-model-off",
        examples=_without_load,
        judge=judge_same("the call without x-load-model: 0, the model being ready"),
    ),
    Check(
        clause="availability.warm-only",
        examples=_warm_calls,
        watches=is_call,
        judge=_judge_each,
        sees_all=True,
    ),
)
