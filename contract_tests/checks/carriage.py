"""Carriage: however a request is carried there and its answer back, it is the same request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote

from ..endpoint import Endpoint
from ..exchange import Exchange, Request, Response
from ..violations import Violation
from .answers import MIXED, PLAIN, entries, show
from .bases import a_call, a_full_call
from .bundles import CARRIAGE, CODINGS, bundle
from .check import Check, Plan, Trial, Undecided, plan
from .comparison import differences, judge_same

#: Nobody answers one of them with another's words by accident.
_DISTINCT = (
    PLAIN,
    MIXED,
    "Yesterday Emma Watson left Madrid for Boston.",
    "Bill Gates of Microsoft met Barack Obama in Chicago.",
)
_LONG_WORDS = 120  # So long a text is under way for a while.
_BEYOND_ASCII = (
    "\U0001f600 Angela Merkel l\u00e4uft mit Zo\u00eb durch M\u00fcnchen und \u6771\u4eac."
)

_SAME_ALONE = "the same call made alone"


def _connections(endpoint: Endpoint) -> Iterator[Plan]:
    call = a_call(endpoint)
    elsewhere = replace(call, on_new_connection=True)
    refused = endpoint.call({"inputs": 5})
    yield plan(call, elsewhere, bundle=bundle(endpoint, CARRIAGE))
    # The client gives a connection back when it has answered, and takes the last one back first.
    yield plan(call, elsewhere.again(10), refused.again(10), call.again(10))


def _judge_connections(trial: Trial) -> Iterator[Violation | Undecided]:
    first, *others = (each for each in trial.exchanges if _is_good(each.request))
    if not entries(first):
        yield Undecided("no answer with entries to compare with")
        return
    for other in others:
        where = "a new one" if other.request.on_new_connection else "a used one"
        yield from differences(
            first, other, expected=f"the same call before, as this is on {where}"
        )


def _is_good(request: Request) -> bool:
    return request.inputs is not None


def _crowds(endpoint: Endpoint) -> Iterator[Plan]:
    yield _crowd([a_call(endpoint, text) for text in _DISTINCT], times=2)
    padding = " and then" * _LONG_WORDS
    longer = [a_full_call(endpoint, text[:-1] + padding) for text in _DISTINCT[1:]]
    yield _crowd(longer, times=3)


def _crowd(calls: list[Request], *, times: int) -> Plan:
    """Calls one by one, then all of them so many times at the same time."""
    together = tuple(call.again(20 + time) for time in range(times) for call in calls)
    return plan(*calls, together, about=len(calls))


def _judge_crowd(trial: Trial) -> Iterator[Violation | Undecided]:
    count = trial.about if isinstance(trial.about, int) else 0
    alone, together = trial.exchanges[:count], trial.exchanges[count:]
    if not together or not all(map(entries, alone)):
        yield Undecided("not every text had an entry to tell it by")
        return
    for number, exchange in enumerate(together):
        own = alone[number % count]
        for difference in differences(own, exchange, expected=_SAME_ALONE):
            others = [each for each in alone if each is not own]
            yield replace(difference, hint=_explain(exchange, others))
            return


def _explain(exchange: Exchange, others: list[Exchange]) -> str:
    """Whose answer it is, if it is that of another call."""
    for other in others:
        if exchange.document == other.document:
            return f"This is the answer to a call under way at that time: {other.request!r}"
    foreign = [
        entry.word
        for other in others
        for entry in entries(other)
        if entry.fields in [each.fields for each in entries(exchange)]
    ]
    return f"{show(foreign[0])} is of another call under way at that time." if foreign else ""


def _chunked(endpoint: Endpoint) -> Iterator[Plan]:
    for call in (a_call(endpoint), a_full_call(endpoint, _BEYOND_ASCII)):
        yield plan(call, replace(call, is_chunked=True), bundle=bundle(endpoint, CARRIAGE))


def _compressed(endpoint: Endpoint) -> Iterator[Plan]:
    # Middleware leaves short answers as they are, so the first is a long one.
    calls = (a_full_call(endpoint), a_call(endpoint))
    for number, (call, coding) in enumerate(zip(calls, CODINGS, strict=True), start=CARRIAGE):
        coded = call.with_headers(("accept-encoding", coding))
        yield plan(call, coded, bundle=bundle(endpoint, number))


_judge_decoded = judge_same("the answer without compression")


def _judge_compressed(trial: Trial) -> Iterator[Violation | Undecided]:
    last = trial.exchange
    coding = (last.header("content-encoding") or "identity").strip().lower()
    accepted = (last.request.header("accept-encoding") or "").split(", ")
    if last.status == 200 and coding not in ("identity", "x-gzip", *accepted):
        yield Violation(
            where="header content-encoding",
            expected=f"none, or one of {', '.join(accepted)}, which alone were accepted",
            actual=show(coding),
        )
    elif last.response and not _is_decoded(last.response, coding):
        yield Violation(
            where="body",
            expected=f"JSON in the coding {coding}, as the header content-encoding says",
            actual=show(last.response.body[:40]),
        )
    else:
        yield from _judge_decoded(trial)


def _is_decoded(response: Response, coding: str) -> bool:
    return coding == "identity" or not (response.problem or response.content == response.body)


def _addresses(endpoint: Endpoint) -> Iterator[Plan]:
    call = a_call(endpoint)
    names = (
        f"/pipeline/token-classification/{quote(endpoint.model, safe='/')}",
        f"/models/{quote(endpoint.model, safe='')}",
    )
    for name in names:
        # Not the model's address, so nobody is to judge a refusal there.
        yield plan(call, replace(call, target=endpoint.prefix + name, is_call=False))


def _judge_addresses(trial: Trial) -> Iterator[Violation | Undecided]:
    last = trial.exchange
    if last.status != 200 or last.request.target == trial.exchanges[0].request.target:
        yield Undecided("the model has no other address")
    else:
        yield from _judge_elsewhere(trial)


_judge_elsewhere = judge_same("the answer at the model's own address")


CHECKS: tuple[Check, ...] = (
    Check(clause="relation.connections", examples=_connections, judge=_judge_connections),
    Check(clause="relation.concurrent", examples=_crowds, judge=_judge_crowd),
    Check(clause="relation.chunked-request", examples=_chunked, judge=judge_same("the body whole")),
    Check(clause="relation.compressed-answer", examples=_compressed, judge=_judge_compressed),
    Check(clause="relation.addresses", examples=_addresses, judge=_judge_addresses),
)
