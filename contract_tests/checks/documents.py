"""Documents: an answer is one JSON text, a list for a text and lists for a batch."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from ..endpoint import Endpoint
from ..exchange import Exchange
from ..violations import Violation
from . import relations
from .answers import (
    BLANKS,
    PLAIN,
    blank_texts,
    entries,
    entries_by_text,
    is_answer,
    plain_calls,
    show,
)
from .check import Check, Plan, Trial, Undecided, plan
from .errors import is_error

# Whether other blanks are texts at all is for request.empty-text.
_NOTHING_IN_THEM = BLANKS[:3]


def _is_plain(exchange: Exchange) -> bool:
    """Whether it is an answer whose media type the request left open."""
    accept = exchange.request.header("accept") or "*/*"
    payload = exchange.request.payload
    # A stream that was asked for is for the topic stream.
    streams = isinstance(payload, dict) and payload.get("stream") is True
    return is_answer(exchange) and ("*/*" in accept or "application/json" in accept) and not streams


def _judge_json(trial: Trial) -> Iterator[Violation]:
    response = trial.exchange.response
    if response is None:
        return
    if response.media_type != "application/json":
        yield Violation(
            where="header content-type",
            expected="application/json",
            actual=show(response.header("content-type")),
        )
    if response.problem:
        yield Violation(
            where="body",
            expected="one well-formed JSON text in UTF-8",
            actual=f"{response.problem}: {show(response.content)}",
        )


def _judge_flat(trial: Trial) -> Iterator[Violation | Undecided]:
    exchange = trial.exchange
    document = exchange.document
    # An error with status 200 is for shape.error-has-error-status.
    if not isinstance(exchange.request.inputs, str) or document is None or is_error(document):
        yield Undecided("no text was answered")
    elif not isinstance(document, list):
        yield Violation(where="body", expected="a list of entities", actual=show(document))
    elif any(not isinstance(entry, dict) for entry in document):
        yield Violation(
            where="body",
            expected="a flat list of objects for one text",
            actual=show(document),
            hint="Only a list of texts is answered by lists in a list.",
        )


def _batches(endpoint: Endpoint) -> Iterator[Plan]:
    for each in relations.batches(endpoint):
        yield plan(*each.steps[-1:])
    yield plan(endpoint.classify([PLAIN]))


def _judge_batch(trial: Trial) -> Iterator[Violation | Undecided]:
    exchange = trial.exchange
    texts, document = exchange.request.inputs, exchange.document
    is_answered = exchange.status == 200 and document is not None and not is_error(document)
    if not isinstance(texts, list) or not texts or not is_answered:
        yield Undecided("no batch was answered")
        return
    wanted = f"a list of {len(texts)} lists"
    if not isinstance(document, list) or any(not isinstance(each, list) for each in document):
        yield Violation(where="body", expected=wanted, actual=show(document))
    elif len(document) != len(texts):
        yield Violation(where="body", expected=wanted, actual=f"{len(document)} lists")
    else:
        yield from _misplaced(exchange, texts)


def _misplaced(exchange: Exchange, texts: list[str]) -> Iterator[Violation]:
    """Answers that stand in another text's place: all their words are in it and not here."""
    for place, found in enumerate(entries_by_text(exchange)):
        words = [entry.word for entry in found if len(entry.word) > 3]
        if not words or any(word in texts[place] for word in words):
            continue
        owners = [text for text in texts if all(word in text for word in words)]
        if owners:
            yield Violation(
                where=f"body[{place}]",
                expected=f"entities of text {place}, {show(texts[place])}",
                actual=f"{show(words)}, which are words of text {texts.index(owners[0])}",
                hint="The lists must come in the order of the texts.",
            )


def _empty_texts(endpoint: Endpoint) -> Iterator[Plan]:
    yield from islice(blank_texts(endpoint), len(_NOTHING_IN_THEM))
    yield plan(endpoint.classify("and then it was so", strategy="simple"))


def _judge_nothing(trial: Trial) -> Iterator[Violation | Undecided]:
    exchange = trial.exchange
    text, document = exchange.request.inputs, exchange.document
    if exchange.response and exchange.response.problem and exchange.status == 200:
        yield Undecided("the answer is no JSON")
    elif text not in _NOTHING_IN_THEM and entries(exchange):
        yield Undecided("the model found something in every text")
    elif exchange.status != 200 or document != []:
        yield Violation(
            where="status" if exchange.status != 200 else "body",
            expected="200 and []",
            actual=f"{exchange.status} and {show(document)}",
            hint=f"Nothing was found in {text!r}, which is no error.",
        )


CHECKS: tuple[Check, ...] = (
    Check(
        clause="shape.answer-is-json", examples=plain_calls, watches=_is_plain, judge=_judge_json
    ),
    Check(
        clause="shape.one-text-one-list",
        examples=plain_calls,
        watches=is_answer,
        judge=_judge_flat,
    ),
    Check(clause="shape.batch-nests", examples=_batches, watches=is_answer, judge=_judge_batch),
    Check(
        clause="shape.nothing-found",
        examples=_empty_texts,
        judge=_judge_nothing,
    ),
)
