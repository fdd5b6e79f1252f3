"""Requests: what a body may be, and what then changes nothing in the answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from hypothesis.strategies import SearchStrategy

from nertwin.schemas import JSON

from ..endpoint import Endpoint
from ..exchange import Exchange, Request
from ..strategies import adversarial_texts, texts
from ..violations import Violation
from .answers import ASTRAL, LINE_BREAKS, MIXED, PLAIN, blank_texts, show
from .bundles import BODY, CARRIAGE, CONTENT_TYPES, OPTIONS, OTHER_KEYS, bundle
from .check import Check, Plan, Trial, Undecided, plan
from .comparison import differences, judge_same

_DEPTH = 20_000
_CONTROLS = "".join(map(chr, (*range(0x20), *range(0x7F, 0xA0))))
#: Each holds what some reader, library or database does not take for text.
_TEXTS = (
    f"Angela{_CONTROLS}Merkel",
    "\U0001f600\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f1e9\U0001f1ea\U00020000",
    "\u0301\u20dd\u0300 Zo\u0308\u0301\u0327e \u200b\u2060\ufeff\u00ad",
    "\u202e\u0645\u0631\u062d\u0628\u0627 \u05e9\u05dc\u05d5\u05dd\u2066\u202c in Berlin",
    "\ufdd0\ufffe\uffff\U0010ffff \u0378\U000e0fff \ue000 \ufffd",
    "null",
    "\"'`\\ \\u0000 %s {0} ${x} <b>&amp;</b> '; DROP TABLE models; -- \u2028\u2029",
    "[CLS] [SEP] [MASK] [PAD] [UNK] <s> </s> <pad> ##er \u2581 \u0120",
)


def _judge_blank(trial: Trial) -> Iterator[Violation]:
    exchange = trial.exchange
    # What is no list at all is for the topic shape.
    is_list = isinstance(exchange.document, list)
    if exchange.status != 200 or (is_list and exchange.document):
        yield Violation(
            where="status" if exchange.status != 200 else "body",
            expected="200 and []",
            actual=f"{exchange.status} and {show(exchange.document)}",
            hint=f"{exchange.request.inputs!r} is a text without words.",
        )


def _odd_texts(endpoint: Endpoint) -> Iterator[Plan]:
    yield plan(endpoint.classify(LINE_BREAKS))
    together = plan(endpoint.classify(" ".join(_TEXTS)))
    for text in _TEXTS:
        yield plan(endpoint.classify(text), bundle=together)


def _drawn_texts(endpoint: Endpoint) -> SearchStrategy[Plan]:
    drawn = adversarial_texts() | texts()
    return drawn.map(lambda text: plan(endpoint.classify(text)))


def _judge_text(trial: Trial) -> Iterator[Violation]:
    exchange = trial.exchange
    if exchange.status != 200:
        yield Violation(
            where="status",
            expected="200: every string of Unicode characters is a text",
            actual=f"{exchange.status}, {show(exchange.document)}",
            hint=f"The text was {exchange.request.inputs!a}.",
        )


def _once_more(exchanges: tuple[Exchange, ...]) -> Request | None:
    """The same request again where the connection was closed, which may have been chance."""
    last = exchanges[-1]
    return last.request.again() if last.breakage == "closed" else None


def _deep_bodies(endpoint: Endpoint) -> Iterator[Plan]:
    start = json.dumps({"inputs": PLAIN})[:-1].encode()
    lists, objects = b"[" * _DEPTH, b'{"a":' * _DEPTH
    for body in (
        start + b', "extra": ' + lists + b"]" * _DEPTH + b"}",
        b'{"inputs": ' + lists + b"]" * _DEPTH + b"}",
        start + b', "parameters": ' + objects + b"1" + b"}" * _DEPTH + b"}",
        lists,
    ):
        yield plan(endpoint.call(body), _once_more)


def _judge_deep(trial: Trial) -> Iterator[Violation | Undecided]:
    exchange = trial.exchange
    if exchange.breakage == "closed" and len(trial.exchanges) > 1:
        yield Violation(
            where="connection",
            expected="400 or an answer",
            actual=f"no answer, twice: {exchange.problem}",
            hint=f"The body is nested {_DEPTH} levels deep.",
        )
    elif exchange.response is None or exchange.status in (401, 402, 403, 429, 502, 503, 504):
        yield Undecided(exchange.problem or f"the endpoint answered {exchange.status}")
    elif exchange.status not in (200, 400):
        yield Violation(
            where="status",
            expected="400 or an answer",
            actual=f"{exchange.status}, {show(exchange.response.content)}",
            hint=f"The body is nested {_DEPTH} levels deep.",
        )


def call_with_key_twice(endpoint: Endpoint) -> Request:
    """A call with two texts, of which most readers of JSON keep the last."""
    one, other = json.dumps(MIXED), json.dumps(PLAIN)
    return endpoint.call(f'{{"inputs": {one}, "inputs": {other}}}'.encode())


def _twice(endpoint: Endpoint) -> Iterator[Plan]:
    yield plan(endpoint.classify(PLAIN), call_with_key_twice(endpoint))


def _judge_twice(trial: Trial) -> Iterator[Violation | Undecided]:
    if trial.exchange.status == 400:
        return
    yield from judge_same("the last of the two texts")(trial)


def _with_bodies(beside: Iterable[dict[str, JSON]]) -> Callable[[Endpoint], Iterator[Plan]]:
    """Plans of a plain call and one with these keys beside ``inputs``."""

    def examples(endpoint: Endpoint) -> Iterator[Plan]:
        for number, keys in enumerate(beside, start=BODY):
            call = endpoint.call({"inputs": PLAIN, **keys})
            yield plan(endpoint.classify(PLAIN), call, bundle=bundle(endpoint, number))

    return examples


def _worker_counts(endpoint: Endpoint) -> Iterator[Plan]:
    batch = [MIXED, PLAIN]
    workers = endpoint.classify(batch, strategy="first", batch_size=2, num_workers=0)
    yield plan(endpoint.classify(batch, strategy="first"), workers)
    yield plan(endpoint.classify(PLAIN), endpoint.classify(PLAIN, batch_size=1, num_workers=None))
    yield plan(endpoint.classify(PLAIN), endpoint.classify(PLAIN, batch_size=None, num_workers=1))


def _content_types(endpoint: Endpoint) -> Iterator[Plan]:
    wanted = endpoint.classify(ASTRAL)
    for number, name in enumerate(CONTENT_TYPES, start=CARRIAGE):
        lines = () if name is None else (("content-type", name),)
        yield plan(wanted, replace(wanted, headers=lines), bundle=bundle(endpoint, number))


def _judge_type(trial: Trial) -> Iterator[Violation | Undecided]:
    if len(trial.exchanges) < 2 or trial.exchanges[0].status != 200:
        yield Undecided("the call with application/json was not answered")
        return
    first, other = trial.exchanges
    found = next(differences(first, other, expected="the call with application/json"), None)
    if found is not None:
        sent = other.request.header("content-type")
        hint = f"The same bytes were sent with {f'content-type: {sent}' if sent else 'no type'}."
        yield replace(found, hint=hint)


CHECKS: tuple[Check, ...] = (
    Check(clause="request.empty-text", examples=blank_texts, judge=_judge_blank),
    Check(clause="request.any-text", examples=_odd_texts, draws=_drawn_texts, judge=_judge_text),
    Check(clause="request.deep-nesting", examples=_deep_bodies, judge=_judge_deep, sees_all=True),
    Check(clause="request.key-twice", examples=_twice, judge=_judge_twice),
    Check(
        clause="request.other-keys",
        examples=_with_bodies(OTHER_KEYS),
        judge=judge_same("the call without these keys"),
    ),
    Check(
        clause="request.workers",
        examples=_worker_counts,
        # Their order in the machine may change the last digits of scores.
        judge=judge_same("the call without them", tolerance=1e-3),
    ),
    Check(
        clause="request.options-accepted",
        examples=_with_bodies([{"options": options} for options in OPTIONS]),
        judge=judge_same("the call without options"),
    ),
    Check(clause="request.content-type-is-not-read", examples=_content_types, judge=_judge_type),
)
