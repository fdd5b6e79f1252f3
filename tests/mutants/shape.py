from dataclasses import replace
from typing import Any

from mutants.mutant import (
    Change,
    Mutant,
    edit_answers,
    edit_entries,
    edit_errors,
    edit_lists,
    edit_response,
    with_body,
    with_header,
)
from nertwin.contract_tests.checks.answers import is_answer, is_refusal
from nertwin.contract_tests.entries import Entry
from nertwin.contract_tests.exchange import Exchange

WORDS = "and then it was so"
UNKNOWN_MODEL = {"route.unknown-model": "the refusal of an unknown model is one of them"}
GROUP_LABELS = {"entity_group": "MISC"}


def without(fields: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in names}


def swap_batch(document: Any, exchange: Exchange) -> Any:
    return document[::-1] if isinstance(exchange.request.inputs, list) else document


def is_group(entry: Entry) -> bool:
    return "entity_group" in entry.fields


def edit_body(old: bytes, new: bytes) -> Change:
    return edit_response(
        lambda response: with_body(response, response.body.replace(old, new, 1)),
        where=is_answer,
    )


MUTANTS: dict[str, Mutant] = {
    "shape.answer-is-json": Mutant(
        change=edit_response(
            lambda response: with_header(response, "content-type", "text/plain"), where=is_answer
        ),
    ),
    "shape.answer-is-json/nan": Mutant(change=edit_body(b'"score":0', b'"score":NaN,"x":0')),
    "shape.answer-is-json/key-twice": Mutant(
        change=edit_body(b'"score":0', b'"score":1,"score":0')
    ),
    "shape.answer-is-json/two-texts": Mutant(
        change=edit_response(
            lambda response: with_body(response, response.body + b"\n{}"), where=is_answer
        ),
    ),
    "shape.one-text-one-list": Mutant(
        change=edit_answers(
            lambda document, exchange: (
                [document] if isinstance(exchange.request.inputs, str) and document else document
            )
        ),
    ),
    "shape.batch-nests": Mutant(
        change=edit_answers(swap_batch),
        also={
            "span.within-text": "the entities of one text lie beyond the end of another",
            "span.slice-is-word": "the words of one text are not those of another",
            "relation.batch-is-singles": "the answer to another text is not that of a text alone",
        },
    ),
    "shape.nothing-found": Mutant(
        change=edit_answers(
            lambda document, exchange: (
                None if isinstance(exchange.request.inputs, str) and not document else document
            )
        ),
    ),
    "shape.nothing-found/words": Mutant(
        change=edit_response(
            lambda response: replace(with_body(response, b'{"error":"none"}'), status=404),
            where=lambda exchange: exchange.document == [] and exchange.request.inputs == WORDS,
        ),
        also={
            "route.inference": "a call is answered as if there were nothing at its address",
            "cache.refusals-are-not-kept": "it still says where the empty answer came from",
        },
    ),
    "shape.group-fields": Mutant(
        change=edit_entries(
            lambda entry: entry.fields | {"entity": None} if is_group(entry) else entry.fields
        ),
        also={"shape.key-order": "there is no order for a key that does not belong there"},
    ),
    "shape.token-fields": Mutant(
        change=edit_entries(
            lambda entry: entry.fields if is_group(entry) else without(entry.fields, "score")
        ),
    ),
    "shape.no-other-fields": Mutant(
        change=edit_entries(lambda entry: entry.fields | {"source": "model"}),
    ),
    "shape.token-index": Mutant(
        change=edit_entries(lambda entry: without(entry.fields, "index")),
    ),
    "shape.one-kind": Mutant(
        change=edit_lists(
            lambda found, _: (
                found
                if len(found) < 2
                else [
                    *found[:-1],
                    *[
                        without(entry, "entity", "entity_group", "index") | GROUP_LABELS
                        if "entity" in entry
                        else entry
                        for entry in found[-1:]
                    ],
                ]
            )
        ),
        also={"shape.key-order": "the key that was put in stands last"},
    ),
    "shape.no-label": Mutant(
        change=edit_entries(lambda entry: entry.fields | {"label": "PER"}),
    ),
    "shape.key-order": Mutant(
        change=edit_entries(lambda entry: dict(reversed(entry.fields.items()))),
    ),
    "shape.error-object": Mutant(
        change=edit_errors(lambda document: {"detail": document["error"]}),
        also=UNKNOWN_MODEL,
    ),
    "shape.error-kind": Mutant(
        change=edit_errors(
            lambda document: {
                **document,
                "error": str(document["error"])
                if "warnings" not in document
                else [document["error"]],
            }
        ),
    ),
    "shape.error-has-error-status": Mutant(
        change=edit_response(lambda response: replace(response, status=200), where=is_refusal),
        also=UNKNOWN_MODEL,
    ),
    "shape.length-is-true": Mutant(
        change=edit_response(lambda response: replace(response, surplus=b"\n"), where=is_answer),
    ),
    "shape.length-is-true/cut": Mutant(
        change=lambda exchange: (
            replace(
                exchange,
                response=replace(exchange.response, is_whole=False),
                breakage="closed",
                problem="the body ended early",
            )
            if exchange.response and isinstance(exchange.request.inputs, list)
            else exchange
        ),
    ),
    "shape.batch-nests/flat": Mutant(
        change=edit_answers(
            lambda document, exchange: (
                [entry for found in document for entry in found]
                if isinstance(exchange.request.inputs, list)
                else document
            )
        ),
    ),
    "shape.batch-nests/short": Mutant(
        change=edit_answers(
            lambda document, exchange: (
                document[:-1] if isinstance(exchange.request.inputs, list) else document
            )
        ),
        also={"limits.many-texts": "a hundred texts are a batch as well"},
    ),
    "shape.token-index/from-one-again": Mutant(
        change=edit_entries(
            lambda entry: entry.fields | {"index": 1} if "index" in entry.fields else entry.fields
        ),
    ),
    "shape.group-fields/text-for-score": Mutant(
        change=edit_entries(
            lambda entry: (
                entry.fields | {"score": str(entry.fields["score"])}
                if is_group(entry)
                else entry.fields
            )
        ),
    ),
    "shape.error-object/plain-text": Mutant(
        change=edit_response(
            lambda response: with_header(
                with_body(response, b"Bad Request"), "content-type", "a/b"
            ),
            where=is_refusal,
        ),
        also=UNKNOWN_MODEL,
    ),
    "shape.length-is-true/both": Mutant(
        change=edit_response(
            lambda response: with_header(response, "content-length", str(len(response.body))),
            where=is_answer,
        ),
    ),
}
