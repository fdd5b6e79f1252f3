"""Telling: the headers in which a response tells where it comes from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from ..endpoint import Endpoint
from ..exchange import Exchange
from ..violations import Violation
from .answers import ASTRAL, MIXED, PLAIN, is_answer, plain_calls, show
from .cached import again, fresh_call, is_kept
from .check import Check, Judge, Plan, Trial, Undecided, plan
from .loading import is_loading
from .unknown_models import call_unknown, is_unknown

_WORD = re.compile(r"[\w.+-]+")
_DECIMAL = re.compile(r"\d+(\.\d+)?")
_COMMIT = re.compile(r"[0-9a-f]{40}")
#: Statuses of proxies, limiters and guards before the service.
_OTHERS_SPEAK = (401, 402, 403, 429, 502, 504)
_COMPUTATION = ("x-compute-type", "x-compute-time", "x-sha")


def _is_entities(exchange: Exchange) -> bool:
    return is_answer(exchange) and isinstance(exchange.document, list)


def _judge_header(name: str, form: re.Pattern[str], expected: str) -> Judge:
    """A judge that wants a header of that form in every answer."""

    def judge(trial: Trial) -> Iterator[Violation | Undecided]:
        answers = [each for each in trial.exchanges if _is_entities(each)]
        if not answers:
            yield Undecided("no call was answered")
        for exchange in answers:
            value = exchange.header(name)
            if value is None or not form.fullmatch(value.strip()):
                yield Violation(where=f"header {name}", expected=expected, actual=show(value))
                return

    return judge


def _calls_and_kept(endpoint: Endpoint) -> Iterator[Plan]:
    yield plan(fresh_call(endpoint), again(1))
    yield from plain_calls(endpoint)


def _judge_characters(trial: Trial) -> Iterator[Violation | Undecided]:
    exchange = trial.exchange
    text = exchange.request.inputs
    if not _is_entities(exchange) or not isinstance(text, str) or is_kept(exchange):
        yield Undecided("no single text was answered by a computation")
        return
    told = exchange.header("x-compute-characters")
    if told != str(len(text)):
        units = {len(text.encode()): "bytes", len(text.encode("utf-16-le")) // 2: "UTF-16 units"}
        found = units.get(int(told)) if told and told.isascii() and told.isdigit() else None
        yield Violation(
            where="header x-compute-characters",
            expected=f"{len(text)}, the code points of the text",
            actual=show(told),
            hint=f"That is how many {found} it has." if found else "",
        )


def _several_calls(endpoint: Endpoint) -> Iterator[Plan]:
    yield plan(
        endpoint.classify(PLAIN),
        endpoint.call({"parameters": {}}),
        endpoint.classify(PLAIN).again(1),
        endpoint.classify(MIXED, strategy="none"),
        call_unknown(endpoint),
    )


def _is_from_service(exchange: Exchange) -> bool:
    """Whether the service itself speaks, and no proxy or limiter before it."""
    is_whole = exchange.response is not None and exchange.breakage is None
    return exchange.request.is_call and is_whole and exchange.status not in _OTHERS_SPEAK


def _judge_request_id(trial: Trial) -> Iterator[Violation | Undecided]:
    seen: dict[str, Exchange] = {}
    told = [each for each in trial.exchanges if _is_from_service(each)]
    if not told:
        yield Undecided("nothing was answered by the service itself")
    for exchange in told:
        value = (exchange.header("x-request-id") or "").strip()
        if not value:
            yield Violation(
                where="header x-request-id",
                expected=f"an id, in a {exchange.status} as well",
                actual="no such header" if exchange.header("x-request-id") is None else "nothing",
            )
            return
        if value in seen:
            yield Violation(
                where="header x-request-id",
                expected="an id of its own",
                actual=f"{value}, which the answer to {seen[value].request!r} has as well",
            )
            return
        seen[value] = exchange


def _two_calls(endpoint: Endpoint) -> Iterator[Plan]:
    yield plan(endpoint.classify(PLAIN), endpoint.classify(MIXED, strategy="none"))
    yield plan(endpoint.classify(PLAIN), endpoint.classify(ASTRAL, strategy="max"))


_judge_commit_form = _judge_header("x-sha", _COMMIT, "the model's commit, forty hexadecimal digits")


def _judge_commit(trial: Trial) -> Iterator[Violation | Undecided]:
    found = list(_judge_commit_form(trial))
    yield from found
    commits = [each.header("x-sha") for each in trial.exchanges if _is_entities(each)]
    if not found and len(set(commits)) > 1:
        yield Violation(
            where="header x-sha",
            expected=f"{commits[0]}, as another answer of the model says",
            actual=f"{next(each for each in commits if each != commits[0])}",
        )


def _computes_nothing(exchange: Exchange) -> bool:
    return is_loading(exchange) or (exchange.status == 404 and is_unknown(exchange))


def _judge_no_computation(trial: Trial) -> Iterator[Violation | Undecided]:
    found = [exchange for exchange in trial.exchanges if _computes_nothing(exchange)]
    if not found:
        yield Undecided("no 404 for an unknown model and no 503 for a loading one came")
    for exchange in found:
        told = [name for name in _COMPUTATION if exchange.header(name) is not None]
        if told:
            yield Violation(
                where=f"header {told[0]}",
                expected=f"absent: nothing was computed for a {exchange.status}",
                actual=", ".join(f"{name}: {exchange.header(name)}" for name in told),
            )


def _unknown_models(endpoint: Endpoint) -> Iterator[Plan]:
    yield plan(call_unknown(endpoint))


def _watching(clause: str, judge: Judge, watches: Callable[[Exchange], bool]) -> Check:
    return Check(clause=clause, examples=_calls_and_kept, watches=watches, judge=judge)


CHECKS: tuple[Check, ...] = (
    _watching(
        "header.compute-type",
        _judge_header("x-compute-type", _WORD, "one word, as cpu, gpu or cache"),
        _is_entities,
    ),
    _watching(
        "header.compute-time",
        _judge_header("x-compute-time", _DECIMAL, "seconds as a decimal number, as 0.174"),
        _is_entities,
    ),
    Check(
        clause="header.compute-characters",
        examples=plain_calls,
        watches=is_answer,
        judge=_judge_characters,
    ),
    Check(
        clause="header.request-id",
        examples=_several_calls,
        watches=_is_from_service,
        judge=_judge_request_id,
        sees_all=True,
    ),
    Check(
        clause="header.model-commit",
        examples=_two_calls,
        watches=lambda exchange: _is_entities(exchange) and not is_kept(exchange),
        judge=_judge_commit,
    ),
    Check(
        clause="header.errors-compute-nothing",
        examples=_unknown_models,
        watches=_computes_nothing,
        judge=_judge_no_computation,
        sees_all=True,
    ),
)
