"""Shape: every response is what its schema says, to the last byte."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, pairwise
from typing import Any

from nertwin.schemas import JSON, load

from ..endpoint import Endpoint
from ..exchange import Exchange
from ..violations import Violation
from . import relations
from .answers import (
    BLANKS,
    PLAIN,
    Entry,
    blank_texts,
    entries,
    entries_by_text,
    is_answer,
    is_call,
    is_refusal,
    judge_texts,
    plain_calls,
    refused_calls,
    show,
)
from .check import Check, Plan, Trial, Undecided, plan

_KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "null": (type(None),),
    # Whether whole numbers are written without a fraction is for span.within-text to say.
    "integer": (int, float),
}
_ORDERS = {
    "entity_group": ("entity_group", "score", "word", "start", "end"),
    "entity": ("entity", "score", "index", "word", "start", "end"),
}
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
    if not isinstance(exchange.request.inputs, str) or document is None or _is_error(document):
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
    is_answered = exchange.status == 200 and document is not None and not _is_error(document)
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


def _types(name: str) -> dict[str, tuple[type, ...]]:
    """Field to the Python types that a schema gives it."""
    properties: Any = load(name)["properties"]
    return {
        field: tuple(
            kind
            for written in ([said["type"]] if isinstance(said["type"], str) else said["type"])
            for kind in _KINDS[written]
        )
        for field, said in properties.items()
    }


_TYPES = {"entity_group": _types("entity-group"), "entity": _types("token-entity")}


def _judge_fields(trial: Trial, *, key: str) -> Iterator[Violation | Undecided]:
    """Judge the entries of calls that ask for this kind of entry."""
    exchange = trial.exchange
    is_token = trial.endpoint.kind_asked(exchange.request) == "none"
    found = entries(exchange)
    if is_token is not (key == "entity") or not found:
        yield Undecided("no answer of the kind had an entry")
        return
    for entry in found:
        # A mixture is for shape.one-kind to tell.
        if key in entry.fields or not any(key in other.fields for other in found):
            yield from _faults(entry, key)


def _faults(entry: Entry, key: str) -> Iterator[Violation]:
    types = _TYPES[key]
    optional = {"index"}
    missing = [name for name in types if name not in entry.fields and name not in optional]
    foreign = [name for name in _TYPES if name in entry.fields and name != key]
    if missing or foreign:
        told = [f"{name} is missing" for name in missing] + [
            f"{name} is one too many" for name in foreign
        ]
        yield Violation(
            where=entry.where,
            expected=f"the fields {', '.join(types)}",
            actual=f"{'; '.join(told)}: {show(entry.fields)}",
        )
    for name, kinds in types.items():
        value = entry.fields.get(name, ...)
        if value is not ... and (not isinstance(value, kinds) or isinstance(value, bool)):
            wanted = " or ".join(kind.__name__ for kind in kinds)
            yield Violation(where=f"{entry.where}.{name}", expected=wanted, actual=show(value))


def _judge_group_fields(trial: Trial) -> Iterator[Violation | Undecided]:
    yield from _judge_fields(trial, key="entity_group")


def _judge_token_fields(trial: Trial) -> Iterator[Violation | Undecided]:
    yield from _judge_fields(trial, key="entity")


def _judge_surplus(of_text: list[Entry]) -> Iterator[Violation]:
    for entry in of_text:
        kind = "entity" if "entity" in entry.fields else "entity_group"
        # The other kind's name is for that kind's clause, and `label` has one of its own.
        surplus = entry.fields.keys() - _TYPES[kind].keys() - _TYPES.keys() - {"label"}
        if surplus:
            yield Violation(
                where=entry.where,
                expected=f"the fields {', '.join(_TYPES[kind])}, as today's service has them",
                actual=f"{', '.join(sorted(surplus))} besides: {show(entry.fields)}",
                hint="A later release may add fields; clients that know none of them pass over it.",
            )
            return


def _judge_index(trial: Trial) -> Iterator[Violation | Undecided]:
    exchange = trial.exchange
    found = [entry for entry in entries(exchange) if _is_token(entry)]
    if not found or exchange.request.parameters.get("stride") is not None:
        yield Undecided("no answer held tokens of one window")
        return
    for entry in found:
        if type(entry.fields.get("index")) is not int:
            yield Violation(
                where=f"{entry.where}.index",
                expected="the token's place in what the model read",
                actual=show(entry.fields["index"]) if "index" in entry.fields else "no index",
            )
            return
    for of_text in entries_by_text(exchange):
        yield from _judge_growth(of_text)


def _is_token(entry: Entry) -> bool:
    return isinstance(entry.fields.get("entity"), str)


def _judge_growth(of_text: list[Entry]) -> Iterator[Violation]:
    """The index must grow with the place in the text, in whichever order entries come."""
    placed = sorted(
        (entry.span, entry.fields["index"], entry.where)
        for entry in of_text
        if entry.span and _is_token(entry)
    )
    for (span, index, where), (next_span, next_index, next_where) in pairwise(placed):
        if span != next_span and next_index <= index:
            yield Violation(
                where=f"{next_where}.index",
                expected=f"more than {index}, which {where} before it has",
                actual=show(next_index),
            )
            return


def judge_one_kind(trial: Trial) -> Iterator[Violation | Undecided]:
    """Groups among tokens, or tokens among groups."""
    found = entries(trial.exchange)
    kinds = {entry.where: "entity_group" in entry.fields for entry in found}
    if len(found) < 2:
        yield Undecided("no answer had two entries")
    elif len(set(kinds.values())) > 1:
        odd = next(entry for entry in found if kinds[entry.where] is not kinds[found[0].where])
        yield Violation(
            where=odd.where,
            expected=f"{'a group' if kinds[found[0].where] else 'a token'}, as {found[0].where} is",
            actual=show(odd.fields),
        )


def _judge_label(of_text: list[Entry]) -> Iterator[Violation]:
    for entry in of_text:
        if "label" in entry.fields:
            yield Violation(
                where=f"{entry.where}.label",
                expected="no such field",
                actual=show(entry.fields["label"]),
                hint="The label is called entity_group, or entity with the strategy none.",
            )


def _judge_key_order(of_text: list[Entry]) -> Iterator[Violation]:
    for entry in of_text:
        for key, order in _ORDERS.items():
            known = [name for name in entry.fields if name in order]
            wanted = [name for name in order if name in entry.fields]
            if key in entry.fields and known != wanted:
                yield Violation(
                    where=entry.where, expected=", ".join(wanted), actual=", ".join(known)
                )
                return


def _is_error(document: JSON) -> bool:
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
    if exchange.status == 200 and _is_error(exchange.document):
        if exchange.request.header("x-load-model") == "0":
            yield Undecided("only calls with x-load-model: 0 were answered so")
        else:
            yield Violation(
                where="status", expected="an error status", actual=f"200, {exchange.document}"
            )


def _judge_length(trial: Trial) -> Iterator[Violation | Undecided]:
    exchange = trial.exchange
    response = exchange.response
    if response is None or exchange.request.method == "HEAD":
        yield Undecided(exchange.problem or "no answer had a body")
        return
    declared = response.header("content-length")
    is_chunked = "chunked" in (response.header("transfer-encoding") or "").lower()
    wanted = "chunks up to the last" if is_chunked else f"{declared} bytes, as content-length says"
    if not response.is_whole:
        yield Violation(
            where="body", expected=wanted, actual=f"{len(response.body)} bytes, then the end"
        )
    elif response.surplus:
        yield Violation(
            where="body",
            expected=wanted,
            actual=f"{len(response.body) + len(response.surplus)} bytes or more",
            hint="A client that keeps the connection takes the rest for the next answer.",
        )
    elif is_chunked and declared is not None:
        yield Violation(
            where="header content-length", expected="absent from chunks", actual=declared
        )


def _is_answered(exchange: Exchange) -> bool:
    return exchange.response is not None


def _all_calls(endpoint: Endpoint) -> Iterator[Plan]:
    yield from plain_calls(endpoint)
    yield from refused_calls(endpoint)


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
    Check(
        clause="shape.group-fields",
        examples=plain_calls,
        watches=is_answer,
        judge=_judge_group_fields,
    ),
    Check(
        clause="shape.token-fields",
        examples=plain_calls,
        watches=is_answer,
        judge=_judge_token_fields,
    ),
    Check(
        clause="shape.no-other-fields",
        examples=plain_calls,
        watches=is_answer,
        judge=judge_texts(_judge_surplus),
    ),
    Check(clause="shape.token-index", examples=plain_calls, watches=is_answer, judge=_judge_index),
    Check(clause="shape.one-kind", examples=plain_calls, watches=is_answer, judge=judge_one_kind),
    Check(
        clause="shape.no-label",
        examples=plain_calls,
        watches=is_answer,
        judge=judge_texts(_judge_label),
    ),
    Check(
        clause="shape.key-order",
        examples=plain_calls,
        watches=is_answer,
        judge=judge_texts(_judge_key_order),
    ),
    Check(
        clause="shape.error-object",
        examples=refused_calls,
        watches=is_refusal,
        judge=_judge_error,
    ),
    Check(clause="shape.error-kind", examples=_kinds_of_refusal, judge=_judge_error_kind),
    Check(
        clause="shape.error-has-error-status",
        examples=_all_calls,
        watches=is_call,
        judge=_judge_error_status,
    ),
    Check(
        clause="shape.length-is-true",
        examples=_all_calls,
        watches=_is_answered,
        judge=_judge_length,
        sees_all=True,
    ),
)
