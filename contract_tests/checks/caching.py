"""Caching: which answers are kept, and how a kept one looks."""

from __future__ import annotations

from collections.abc import Iterator

from ..endpoint import Endpoint
from ..exchange import Exchange
from ..violations import Violation
from .answers import MIXED, PLAIN, entries, is_refusal, refused_calls, show
from .cached import again, fresh_call, is_kept, with_headers, with_members
from .check import Check, Plan, Trial, Undecided, plan
from .comparison import judge_same

_NOT_KEPT = Undecided("no answer came from a cache")
_TYPE = "header x-compute-type"


def _calls_thrice(endpoint: Endpoint) -> Iterator[Plan]:
    yield plan(fresh_call(endpoint), again(1), again(2))


def _calls_twice(endpoint: Endpoint) -> Iterator[Plan]:
    yield plan(fresh_call(endpoint), again(1))
    yield plan(fresh_call(endpoint, is_batch=True, strategy="none"), again(1))


def _bypasses(endpoint: Endpoint) -> Iterator[Plan]:
    yield plan(fresh_call(endpoint), again(1), with_headers(("x-use-cache", "false")))


def _bypasses_in_options(endpoint: Endpoint) -> Iterator[Plan]:
    yield plan(fresh_call(endpoint), again(1), with_members(options={"use_cache": False}))


def _judge_kept(trial: Trial) -> Iterator[Violation | Undecided]:
    first, *others = trial.exchanges
    if any(each.status != 200 for each in trial.exchanges) or is_kept(first):
        yield Undecided("no new call was computed and answered again")
    elif not any(map(is_kept, others)):
        yield Violation(
            where=_TYPE,
            expected="cache, for the same call was answered just before",
            actual=", then ".join(show(each.header("x-compute-type")) for each in others),
            hint=f"It was sent {len(trial.exchanges)} times, byte for byte the same.",
        )


def _judge_marker(trial: Trial) -> Iterator[Violation | Undecided]:
    first = trial.exchanges[0]
    if first.status != 200:
        yield Undecided("no new text was answered")
    elif is_kept(first):
        yield Violation(
            where=_TYPE,
            expected="what computed it, for nobody has sent this text before",
            actual=show(first.header("x-compute-type")),
            hint="The text holds a number that this run has drawn by lot.",
        )


def _pair(trial: Trial) -> tuple[Exchange, Exchange] | None:
    """A computed answer and the answer to the same call from the cache."""
    first, second = trial.exchanges[:2]
    is_computed = first.status == 200 and not is_kept(first)
    return (first, second) if is_computed and is_kept(second) else None


def _judge_bytes(trial: Trial) -> Iterator[Violation | Undecided]:
    pair = _pair(trial)
    if pair is None:
        yield _NOT_KEPT
        return
    one, other = (each.response for each in pair)
    if one and other and one.content != other.content:
        place = next(
            (
                at
                for at, (a, b) in enumerate(zip(one.content, other.content, strict=False))
                if a != b
            ),
            min(len(one.content), len(other.content)),
        )
        begin = max(0, place - 20)
        yield Violation(
            where="body",
            expected=f"…{show(one.content[begin : place + 20])}, as computed",
            actual=f"…{show(other.content[begin : place + 20])}, from the cache",
            hint=f"The bodies of {len(one.content)} and {len(other.content)} bytes differ from"
            f" byte {place} on.",
        )
    if one and other and one.media_type != other.media_type:
        yield Violation(
            where="header content-type", expected=one.media_type, actual=other.media_type
        )


def _judge_time(trial: Trial) -> Iterator[Violation | Undecided]:
    pair = _pair(trial)
    if pair is None:
        yield _NOT_KEPT
        return
    times = [each.header("x-compute-time") for each in pair]
    if times[0] != times[1]:
        yield Violation(
            where="header x-compute-time",
            expected=f"{times[0]}, as when it was computed",
            actual=show(times[1]),
        )


def _judge_bare(trial: Trial) -> Iterator[Violation | Undecided]:
    kept = [each for each in trial.exchanges if is_kept(each)]
    if not kept:
        yield _NOT_KEPT
    for exchange in kept:
        told = exchange.header("x-compute-characters")
        if told is not None:
            yield Violation(
                where="header x-compute-characters",
                expected="absent from an answer from the cache",
                actual=told,
            )
        if exchange.header("content-length") is None:
            yield Violation(
                where="header content-length",
                expected="the length, which a cache knows",
                actual="no such header",
            )


def _judge_bypass(trial: Trial) -> Iterator[Violation | Undecided]:
    *_, kept, bypassed = trial.exchanges
    if bypassed.status != 200 or not (is_kept(kept) or is_kept(bypassed)):
        yield _NOT_KEPT
    elif is_kept(bypassed):
        yield Violation(
            where=_TYPE,
            expected="what computed it, for the call asks for no answer from the cache",
            actual=show(bypassed.header("x-compute-type")),
        )


def _refused_twice(endpoint: Endpoint) -> Iterator[Plan]:
    for each in refused_calls(endpoint):
        (step,) = each.steps
        if not callable(step) and not isinstance(step, tuple):
            yield plan(step, step.again(1))


def _judge_refusals(trial: Trial) -> Iterator[Violation | Undecided]:
    refusals = [each for each in trial.exchanges if is_refusal(each)]
    if not refusals:
        yield Undecided("no call was refused")
    for exchange in refusals:
        said = (exchange.header("x-compute-type") or "").lower()
        if said == "cache":
            yield Violation(where=_TYPE, expected=f"not cache, in a {exchange.status}", actual=said)
            return


def _same_keys(endpoint: Endpoint) -> Iterator[Plan]:
    call = endpoint.call({"inputs": MIXED, "parameters": {"aggregation_strategy": "simple"}})
    turned = endpoint.call({"parameters": {"aggregation_strategy": "simple"}, "inputs": MIXED})
    yield plan(
        endpoint.classify(PLAIN),
        endpoint.call({"inputs": PLAIN, "parameters": {}}),
        endpoint.classify(PLAIN, headers=(("x-wait-for-model", "true"),)),
    )
    yield plan(call, turned)


def _is_kept_answer(exchange: Exchange) -> bool:
    return is_kept(exchange) and bool(entries(exchange))


CHECKS: tuple[Check, ...] = (
    Check(clause="cache.equal-call-is-kept", examples=_calls_thrice, judge=_judge_kept),
    Check(clause="cache.marker", examples=_calls_twice, judge=_judge_marker),
    Check(clause="cache.same-bytes", examples=_calls_twice, judge=_judge_bytes),
    Check(clause="cache.first-time", examples=_calls_twice, judge=_judge_time),
    Check(
        clause="cache.bare-headers",
        examples=_calls_twice,
        watches=_is_kept_answer,
        judge=_judge_bare,
    ),
    Check(clause="cache.bypass", examples=_bypasses, judge=_judge_bypass),
    Check(clause="cache.bypass-in-options", examples=_bypasses_in_options, judge=_judge_bypass),
    Check(
        clause="cache.refusals-are-not-kept",
        examples=_refused_twice,
        watches=is_refusal,
        judge=_judge_refusals,
    ),
    Check(
        clause="cache.key-is-open",
        examples=_same_keys,
        judge=judge_same("the same call written otherwise"),
    ),
)
