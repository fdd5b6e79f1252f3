import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mutants.mutant import (
    Change,
    Mutant,
    edit_answers,
    edit_lists,
    with_body,
    with_header,
)
from nertwin.contract_tests.checks.answers import is_answer
from nertwin.contract_tests.exchange import Exchange, Request

OWN_WORDS = {
    "span.within-text": "the entities of one text lie beyond the end of another",
    "span.slice-is-word": "the words of one text are not those of another",
}
EQUAL_CALLS = {
    "relation.connections": "a call that is made anew on a connection is an equal call",
    "relation.concurrent": "so are calls made again at the same time",
}

NO_JSON = {"shape.answer-is-json": "what cannot be decoded is no JSON"}


def lower(found: list[Any]) -> list[Any]:
    return [
        lower(entry) if isinstance(entry, list) else entry | {"score": entry["score"] / 2}
        for entry in found
    ]


def lower_where(is_odd: Callable[[Request], bool]) -> Change:
    """Half the scores for some requests."""
    return edit_answers(
        lambda document, exchange: lower(document) if is_odd(exchange.request) else document
    )


def tire() -> Change:
    """Half the scores for all but the first of equal requests."""
    seen: set[Request] = set()

    def edit(document: Any, exchange: Exchange) -> Any:
        plain = replace(exchange.request, attempt=0)
        is_new = plain not in seen
        seen.add(plain)
        return document if is_new else lower(document)

    return edit_answers(edit)


def resent_refusal() -> Change:
    """An equal call right after a refusal that was asked for again loses an entity."""
    seen: set[bytes] = set()
    was_refused = False

    def change(exchange: Exchange) -> Exchange:
        nonlocal was_refused
        body = exchange.request.body
        is_odd = was_refused and body in seen
        was_refused = exchange.status == 400 and exchange.request.attempt > 0
        seen.add(body)
        return edit_answers(lambda document, _: document[1:])(exchange) if is_odd else exchange

    return change


def swap(exchanges: tuple[Exchange, ...]) -> tuple[Exchange, ...]:
    return tuple(
        replace(one, response=other.response)
        for one, other in zip(exchanges, exchanges[::-1], strict=True)
    )


def lower_last(exchanges: tuple[Exchange, ...]) -> tuple[Exchange, ...]:
    *others, last = exchanges
    return (*others, edit_answers(lambda document, _: lower(document))(last))


def accepts_gzip_request(request: Request) -> bool:
    return "gzip" in (request.header("accept-encoding") or "")


def accepts_gzip(exchange: Exchange) -> bool:
    return accepts_gzip_request(exchange.request) and is_answer(exchange)


def claim_gzip(exchange: Exchange) -> Exchange:
    if exchange.response is None or not accepts_gzip(exchange):
        return exchange
    return replace(exchange, response=with_header(exchange.response, "content-encoding", "gzip"))


def send_zstandard(exchange: Exchange) -> Exchange:
    if exchange.response is None or not accepts_gzip(exchange):
        return exchange
    packed = with_body(exchange.response, b"\x28\xb5\x2f\xfd" + exchange.response.body)
    return replace(exchange, response=with_header(packed, "content-encoding", "zstd"))


def compress_half(exchange: Exchange) -> Exchange:
    if exchange.response is None or not accepts_gzip(exchange):
        return exchange
    half = exchange.response.body[: len(exchange.response.body) // 2]
    packed = with_body(exchange.response, zlib.compress(half, wbits=31))
    return replace(exchange, response=with_header(packed, "content-encoding", "gzip"))


def misread_body(old: bytes, new: bytes) -> Callable[[Request], Request]:
    return lambda request: replace(request, body=request.body.replace(old, new))


def drop_late_parameters(request: Request) -> Request:
    """Read parameters only where inputs came before them."""
    if not request.body.lstrip().startswith(b'{"parameters"'):
        return request
    return replace(request, body=b'{"inputs":' + request.body.rpartition(b'"inputs":')[2])


def names_nothing(request: Request) -> bool:
    return not {"aggregation_strategy", "stride"} & request.parameters.keys()


def is_batch(request: Request) -> bool:
    return isinstance(request.inputs, list)


def last_sentence(found: list[Any], text: str) -> list[Any]:
    start = max(text.rstrip().rfind(end, 0, len(text.rstrip()) - 1) for end in (". ", "! "))
    return [entry for entry in found if entry["start"] > start]


MUTANTS: dict[str, Mutant] = {
    "relation.repeated": Mutant(begin=tire, also=EQUAL_CALLS),
    "relation.repeated/fifth": Mutant(change=lower_where(lambda request: request.attempt == 5)),
    "relation.escapes": Mutant(
        change=lower_where(lambda request: b"\\u" in request.body),
    ),
    "relation.escapes/slash": Mutant(
        change=lower_where(lambda request: b"\\/" in request.body),
    ),
    "relation.escapes/planes": Mutant(
        misread=misread_body(b"\\uD83D\\uDE00", b"\\uFFFD\\uFFFD"),
        also={
            "span.within-text": "two characters in place of one shift what follows",
            "span.slice-is-word": "so that offsets are those of other words",
        },
    ),
    "relation.layout": Mutant(
        misread=drop_late_parameters,
        also={"shape.token-fields": "without its parameters a call gets the default's entries"},
    ),
    "relation.layout/lines": Mutant(change=lower_where(lambda request: b"\n" in request.body)),
    "relation.layout/dense": Mutant(change=lower_where(lambda request: b'":"' in request.body)),
    "relation.empty-parameters": Mutant(
        change=lower_where(lambda request: b'"parameters": {}' in request.body),
    ),
    "relation.default-by-name": Mutant(
        change=lower_where(names_nothing),
        also={"aggregation.default": "that the default is what it is named says the same"},
    ),
    "relation.connections": Mutant(
        change=lower_where(lambda request: request.on_new_connection),
    ),
    "relation.connections/refusal": Mutant(begin=resent_refusal),
    "relation.concurrent": Mutant(mix=swap, also=OWN_WORDS),
    "relation.concurrent/last": Mutant(mix=lower_last),
    "relation.chunked-request": Mutant(change=lower_where(lambda request: request.is_chunked)),
    "relation.compressed-answer": Mutant(change=lower_where(accepts_gzip_request)),
    "relation.compressed-answer/plain": Mutant(change=claim_gzip),
    "relation.compressed-answer/zstd": Mutant(change=send_zstandard, also=NO_JSON),
    "relation.compressed-answer/cut": Mutant(change=compress_half, also=NO_JSON),
    "relation.batch-is-singles": Mutant(change=lower_where(is_batch)),
    "relation.tail": Mutant(change=edit_lists(last_sentence)),
    "relation.addresses": Mutant(
        change=lower_where(lambda request: "/pipeline/" in request.target)
    ),
    "relation.addresses/escaped": Mutant(
        change=lower_where(lambda request: "%2F" in request.target)
    ),
}
