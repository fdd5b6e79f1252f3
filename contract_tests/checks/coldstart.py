"""Cold start: a model's way from cold to ready, and what calls meet on it.

A model gets ready once, so all checks of it share one plan; the model's states are cold,
loading (from the first call on) and ready (from the first 200 on), and never go back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ..endpoint import Endpoint
from ..exchange import Exchange
from ..violations import Violation
from .answers import PLAIN, is_call, show
from .bases import impatient
from .bundles import WAIT
from .cached import put
from .check import Check, Judge, Need, Plan, Trial, Undecided, plan
from .loading import (
    NOT_LOADING,
    is_loading,
    is_misnumbered,
    judge_form,
    judge_retry_after,
    judge_words,
)
from .unknown_models import error_of

_COLD: frozenset[Need] = frozenset({"cold-model"})
_AT_ONCE = 2.5  #: Seconds that an answer may take longer than one of a ready model.
# Places in the plan of a cold model.
_FIRST, _WAITING, _IN_OPTIONS, _AT_TOP, THEN = 0, slice(1, 3), 3, 4, slice(5, None)


def call_cold(endpoint: Endpoint) -> Iterator[Plan]:
    """A call that finds the model cold, calls that wait and one that doesn't, then more."""
    for model in endpoint.cold_models[:1]:
        call = impatient(endpoint.call({"inputs": PLAIN}, model=model))
        yield plan(
            call,
            (
                call.with_headers(WAIT),
                call.with_headers(("x-wait-for-model", "1")),
                put(call, options={"wait_for_model": True}),
                put(call, wait_for_model=True),
            ),
            call.again(1),
            call.again(2),
            call.again(3),
        )


def _life_and_alone(endpoint: Endpoint) -> Iterator[Plan]:
    yield from call_cold(endpoint)
    for model in endpoint.cold_models[1:2]:
        call = endpoint.call({"inputs": PLAIN}, model=model)
        yield plan(impatient(call), call.again(1), about="alone")


def _is_loading(exchange: Exchange) -> bool:
    return is_call(exchange) and is_loading(exchange)


def _tells_of_loading(exchange: Exchange) -> bool:
    return is_call(exchange) and (is_loading(exchange) or is_misnumbered(exchange))


def _was_cold(trial: Trial) -> bool:
    return is_loading(trial.exchanges[_FIRST])


def still_loading(exchange: Exchange) -> str:
    """A 503 as a violation shows it."""
    return f"503, {show(error_of(exchange))}"


def _judge_starts(trial: Trial) -> Iterator[Violation | Undecided]:
    if not _was_cold(trial):
        yield NOT_LOADING
    elif trial.about == "alone":
        if trial.exchange.status != 200:
            yield Undecided("the model was still loading when we had waited long enough")
    else:
        was_ready = any(each.status == 200 for each in trial.exchanges[_WAITING])
        later = trial.exchanges[THEN]
        if later and was_ready and all(map(is_loading, later)):
            yield Violation(
                where="status",
                expected="200, for a call was answered 503 before, and the model has got ready",
                actual=still_loading(later[-1]),
                hint="Only calls that wait are answered; the others are told to come back for"
                " ever.",
            )
        else:
            yield Undecided(
                "a call that waits may have started it; name a second model: --cold-model A,B"
            )


def _judge_at_once(trial: Trial) -> Iterator[Violation | Undecided]:
    first, then = trial.exchanges[_FIRST], trial.exchanges[THEN]
    usual = max((each.seconds for each in then if each.status == 200), default=0.0)
    if first.status == 200 and then and first.seconds > _AT_ONCE + usual:
        yield Violation(
            where="status",
            expected="503 at once, for the call does not ask to wait",
            actual=f"200 after {first.seconds:.1f} seconds, the next took {usual:.1f}",
            hint="A call is held only with x-wait-for-model.",
        )
        return
    unasked = [each for each in trial.exchanges if is_loading(each) and not _wishes_to_wait(each)]
    if not unasked:
        yield NOT_LOADING
        return
    ready = [each.seconds for each in trial.exchanges[THEN] if each.status == 200]
    slowest = max(unasked, key=lambda each: each.seconds)
    longest = _AT_ONCE + min(ready, default=0.0)
    if slowest.seconds > longest:
        yield Violation(
            where="status",
            expected="503 at once, for the call does not ask to wait",
            actual=f"503 after {slowest.seconds:.1f} seconds",
        )


def _wishes_to_wait(exchange: Exchange) -> bool:
    payload = exchange.request.payload
    has_option = isinstance(payload, dict) and ("options" in payload or "wait_for_model" in payload)
    return has_option or exchange.request.header("x-wait-for-model") is not None


def _judge_waiting(waiting: Iterable[Exchange], how: str) -> Iterator[Violation | Undecided]:
    for exchange in waiting:
        if is_loading(exchange):
            yield Violation(
                where="status",
                expected=f"the answer, when the model is ready: the call waits {how}",
                actual=f"{still_loading(exchange)} after {exchange.seconds:.1f} seconds",
            )
            return
        if exchange.status != 200:
            yield Undecided(exchange.problem or f"a call that waits got {exchange.status}")


def _judge_wait(trial: Trial) -> Iterator[Violation | Undecided]:
    if not _was_cold(trial):
        yield NOT_LOADING
    else:
        yield from _judge_waiting(trial.exchanges[_WAITING], "by x-wait-for-model")


def _judge_options(trial: Trial) -> Iterator[Violation | Undecided]:
    if not _was_cold(trial):
        yield NOT_LOADING
        return
    option, top = trial.exchanges[_IN_OPTIONS], trial.exchanges[_AT_TOP]
    yield from _judge_waiting([option], "by wait_for_model in options")
    ready = [each.seconds for each in trial.exchanges[THEN] if each.status == 200]
    if top.status == 200 and ready and top.seconds > _AT_ONCE + max(ready):
        yield Violation(
            where="status",
            expected="503 at once: wait_for_model stands at the top level and not in options",
            actual=f"200 after {top.seconds:.1f} seconds",
        )


def _of_loading(clause: str, judge: Judge) -> Check:
    return Check(
        clause=clause,
        examples=call_cold,
        watches=_is_loading,
        judge=judge,
        sees_all=True,
        needs=_COLD,
    )


def _of_life(clause: str, judge: Judge) -> Check:
    return Check(clause=clause, examples=call_cold, judge=judge, sees_all=True, needs=_COLD)


CHECKS: tuple[Check, ...] = (
    replace(_of_loading("availability.loading-form", judge_form), watches=_tells_of_loading),
    _of_loading("availability.loading-words", judge_words),
    _of_loading("availability.no-retry-after", judge_retry_after),
    replace(_of_life("availability.call-starts-loading", _judge_starts), examples=_life_and_alone),
    _of_life("availability.no-wait-unless-asked", _judge_at_once),
    _of_life("availability.wait", _judge_wait),
    _of_life("availability.wait-in-options", _judge_options),
)
