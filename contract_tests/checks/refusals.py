"""Refusals: what a clause wants refused is refused with 400, mutation by mutation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, zip_longest
from typing import cast

from ..endpoint import Endpoint
from ..exchange import Exchange
from ..mutations import Malformed, Mutation, mutations_of
from ..validity import find_fault
from ..violations import Violation
from .answers import PLAIN, show
from .bundles import OPTION_VALUES, VALUES, bundle
from .check import Check, Plan, Trial, Undecided, plan
from .comparison import judge_same

_UNKNOWN = "request.unknown-parameter"
_OPTIONS = "request.options-values"
#: Clauses whose refusals are about one field that a caller can name.
_OF_FIELDS = (
    "request.inputs-required",
    "request.inputs-kind",
    "request.parameters-kind",
    "request.strategy-value",
    "request.ignore-labels-kind",
    "request.workers-kind",
    "request.options-values",
    "long-input.stride-whole-numbers",
)


def malformed_calls(endpoint: Endpoint, *mutations: Mutation) -> Iterator[Plan]:
    """A plain call with each mutation in turn; what came out valid is left out."""
    for mutation in mutations:
        malformed = mutation.mutate({"inputs": PLAIN})
        if find_fault(malformed.body):
            yield plan(endpoint.call(malformed.body), about=malformed)


def refused_as(clause: str) -> Callable[[Endpoint], Iterator[Plan]]:
    """Plans of all mutations of a clause."""
    return lambda endpoint: malformed_calls(endpoint, *mutations_of(clause))


def describe(malformed: Malformed) -> str:
    """The mutated place, before and after, for a violation's hint."""
    return (
        f"A valid call was changed in one place, {malformed.path}:"
        f" from {malformed.before} to {malformed.after}."
    )


def judge_refused(trial: Trial) -> Iterator[Violation | Undecided]:
    """Whether a malformed call got 400; the form of the error is for the topic shape."""
    malformed, exchange = cast("Malformed", trial.about), trial.exchange
    if exchange.status == 200 and error_text(exchange):
        yield Undecided("refused with status 200, for shape.error-has-error-status")
    elif exchange.status != 400:
        yield Violation(
            where=f"status when {malformed.mutation}",
            expected="400 and an error",
            actual=f"{exchange.status}, {_content(exchange)}",
            hint=describe(malformed),
        )


def error_text(exchange: Exchange) -> str:
    """The words of a refusal's ``error``; empty where there are none."""
    document = exchange.document
    error = document.get("error") if isinstance(document, dict) else None
    if isinstance(error, list):
        return "\n".join(map(str, error))
    return error if isinstance(error, str) else ""


def _content(exchange: Exchange) -> str:
    if exchange.response is None:
        return "no body"
    return show(exchange.document if not exchange.response.problem else exchange.response.content)


def _judge_named(trial: Trial) -> Iterator[Violation | Undecided]:
    malformed = cast("Malformed", trial.about)
    name = malformed.path.rpartition(".")[2]
    error = error_text(trial.exchange)
    if trial.exchange.status != 400 or not error or not name:
        yield Undecided("no unknown parameter was refused with an error")
    elif "unexpected keyword argument" not in error or name not in error:
        yield Violation(
            where=f"body.error when {malformed.mutation}",
            expected=f"an unexpected keyword argument '{name}' to be told of",
            actual=show(error),
        )


def _first_of_fields(endpoint: Endpoint) -> Iterator[Plan]:
    """One call for each kind of wrong value; other checks send the same."""
    first = [mutations_of(clause)[0] for clause in _OF_FIELDS]
    return malformed_calls(endpoint, *first)


def _judge_field(trial: Trial) -> Iterator[Violation | Undecided]:
    malformed = cast("Malformed", trial.about)
    error = error_text(trial.exchange)
    if trial.exchange.status != 400 or not error:
        yield Undecided("no wrong value was refused with an error")
    elif malformed.path.rpartition(".")[2] not in error:
        yield Violation(
            where=f"body.error when {malformed.mutation}",
            expected=f"words that name the field {malformed.path}",
            actual=show(error),
        )


def _option_values(endpoint: Endpoint) -> Iterator[Plan]:
    accepted = (
        plan(
            endpoint.classify(PLAIN),
            endpoint.call({"inputs": PLAIN, "options": options}),
            bundle=bundle(endpoint, number),
        )
        for number, options in enumerate(OPTION_VALUES, start=VALUES)
    )
    refused = malformed_calls(endpoint, *mutations_of(_OPTIONS))
    return filter(None, chain.from_iterable(zip_longest(accepted, refused)))


def _judge_options(trial: Trial) -> Iterator[Violation | Undecided]:
    if trial.about is None:
        yield from judge_same("the call without options")(trial)
    else:
        yield from judge_refused(trial)


CHECKS: tuple[Check, ...] = (
    *(
        Check(clause=clause, examples=refused_as(clause), judge=judge_refused)
        for clause in (
            "request.inputs-required",
            "request.inputs-kind",
            "request.inputs-object",
            "request.list-members",
            "request.body-is-object",
            "request.malformed-json",
            "request.undecodable-text",
            "request.parameters-kind",
            "request.unknown-parameter",
            "request.strategy-value",
            "request.ignore-labels-kind",
            "request.workers-kind",
            "stream.as-parameter",
        )
    ),
    Check(
        clause="request.unknown-parameter-is-named",
        examples=refused_as(_UNKNOWN),
        judge=_judge_named,
    ),
    Check(clause="request.refusal-names-field", examples=_first_of_fields, judge=_judge_field),
    Check(clause="request.options-values", examples=_option_values, judge=_judge_options),
)
