"""Strides: which are taken, which are refused, and that short texts don't care."""

from __future__ import annotations

from collections.abc import Iterator

from nertwin.schemas import JSON

from ..endpoint import Endpoint
from ..exchange import Exchange, Request
from ..violations import Violation
from .answers import MIXED, show
from .check import Check, Plan, Trial, Undecided, plan
from .comparison import judge_same
from .lattice import UNEVEN
from .long_texts import COMMON_WINDOW, STRIDE, after_first_window, read_window, strided, unless_slow

_NOT_WHOLE: tuple[JSON, ...] = (-1, 5.0, 1.5, "5")
_SPECIAL_TOKENS = 2
_REFUSED_BY_200 = Undecided("it is refused, but with the status 200")


def short(endpoint: Endpoint, stride: JSON) -> Request:
    """A short text with a stride of any kind."""
    parameters: dict[str, JSON] = {"aggregation_strategy": "simple", "stride": stride}
    return endpoint.call({"inputs": MIXED, "parameters": parameters})


def unnamed_calls(endpoint: Endpoint) -> Iterator[Plan]:
    """Short texts with a stride and no strategy."""
    default = endpoint.default_strategy
    yield plan(
        endpoint.classify(UNEVEN, strategy=default, ignore_labels=[]),
        endpoint.classify(UNEVEN, ignore_labels=[], stride=STRIDE),
        about=f"{default}, which is the default",
    )
    yield plan(
        endpoint.classify(UNEVEN, strategy="none", ignore_labels=[]),
        endpoint.classify(UNEVEN, aggregation_strategy=None, ignore_labels=[], stride=STRIDE),
        about="none, which null means",
    )


def _short_calls(endpoint: Endpoint) -> Iterator[Plan]:
    yield plan(endpoint.classify(MIXED, strategy="simple"), short(endpoint, STRIDE))
    for strategy in ("first", "average"):
        yield plan(
            endpoint.classify(UNEVEN, strategy=strategy, ignore_labels=[]),
            endpoint.classify(UNEVEN, strategy=strategy, ignore_labels=[], stride=STRIDE),
        )


def _odd_calls(endpoint: Endpoint) -> Iterator[Plan]:
    for stride in _NOT_WHOLE:
        yield plan(short(endpoint, stride), about=f"a stride of {stride!r}")


def _judge_refused(trial: Trial) -> Iterator[Violation | Undecided]:
    exchange = trial.exchange
    if _is_refused_by_200(exchange):
        yield _REFUSED_BY_200
    elif exchange.status != 400:
        yield Violation(
            where="status",
            expected=f"400 for {trial.about}",
            actual=f"{exchange.status} and {show(exchange.document)}",
        )


def _too_long_calls(endpoint: Endpoint) -> Iterator[Plan]:
    return after_first_window(
        short(endpoint, COMMON_WINDOW), short(endpoint, 2 * COMMON_WINDOW), endpoint=endpoint
    )


def _filling_calls(endpoint: Endpoint) -> Iterator[Plan]:
    requests = [short(endpoint, COMMON_WINDOW - 1)]
    # Elsewhere the service is known to break over it, as the clause's readings tell.
    if endpoint.profile == "classic":
        requests.append(strided(endpoint, COMMON_WINDOW - _SPECIAL_TOKENS))
    return after_first_window(*requests, endpoint=endpoint)


def _judge_too_long(trial: Trial) -> Iterator[Violation | Undecided]:
    yield from _judge_limit(trial, exact=False)


def _judge_filling(trial: Trial) -> Iterator[Violation | Undecided]:
    yield from _judge_limit(trial, exact=True)


def _judge_limit(trial: Trial, *, exact: bool) -> Iterator[Violation | Undecided]:
    """Judge a stride by the window that the first exchange shows to be the model's.

    ``exact``: Only a window of all 512 positions, two of them special, says anything.
    """
    room = COMMON_WINDOW - _SPECIAL_TOKENS
    window = read_window(trial.exchanges[0])
    if isinstance(window, Undecided):
        yield window
    elif len(window) > room or (exact and len(window) < room):
        yield Undecided(f"the model's window holds {len(window)} tokens")
    elif _is_refused_by_200(trial.exchange):
        yield _REFUSED_BY_200
    elif trial.exchange.status != 400:
        stride = trial.exchange.request.parameters.get("stride")
        yield Violation(
            where="status",
            expected=f"400 for a stride of {stride}, as the window holds {len(window)} tokens",
            actual=f"{trial.exchange.status} and {show(trial.exchange.document)}",
        )


def _is_refused_by_200(exchange: Exchange) -> bool:
    """Whether it is an error with the wrong status, for shape.error-has-error-status to tell."""
    document = exchange.document
    return exchange.status == 200 and isinstance(document, dict) and "error" in document


def _with_none(endpoint: Endpoint) -> Iterator[Plan]:
    yield plan(
        endpoint.classify(MIXED, strategy="none", stride=STRIDE),
        about="a stride with the strategy none",
    )


CHECKS: tuple[Check, ...] = (
    Check(
        clause="long-input.stride-spares-short-texts",
        examples=_short_calls,
        judge=unless_slow(judge_same("the same call without stride")),
    ),
    Check(clause="long-input.stride-whole-numbers", examples=_odd_calls, judge=_judge_refused),
    Check(clause="long-input.stride-too-long", examples=_too_long_calls, judge=_judge_too_long),
    Check(clause="long-input.stride-fills-window", examples=_filling_calls, judge=_judge_filling),
    Check(clause="long-input.stride-with-none", examples=_with_none, judge=_judge_refused),
)
