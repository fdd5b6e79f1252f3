"""Breaches of what two calls have to do with each other."""

from __future__ import annotations

import re
from hashlib import blake2b

import orjson

from ..reply import Reply
from .cache import call_of
from .deed import Deed, Entry
from .edits import Breaches, edit_lists, scale_scores, set_json

BREACHES = Breaches()
_SENTENCE_END = re.compile(r"[.!?]\s+(?=\S)")
_LONGEST_TALE = 1000  # Characters; what is longer may be about windows.
_LAYOUT = re.compile(rb'\A[^{]*\{\s*"(?!inputs")|[\n\t\r]')


@BREACHES.breaks("relation.repeated")
def tire(deed: Deed) -> Reply:
    """An equal request that is computed again gets half the scores."""
    if deed.answer is None or deed.is_cached:
        return deed.reply
    spelt = orjson.dumps([deed.path, deed.query, sorted(deed.headers.items())])
    key = blake2b(spelt + deed.body, digest_size=16).digest()
    return deed.reply if deed.memory.is_new(key) else scale_scores(deed)


@BREACHES.breaks("relation.escapes")
def heed_escapes(deed: Deed) -> Reply:
    r"""A body with \u escapes gets half the scores."""
    return scale_scores(deed) if b"\\u" in deed.body else deed.reply


@BREACHES.breaks("relation.layout")
def heed_layout(deed: Deed) -> Reply:
    """A body of several lines, or one that does not begin with inputs, gets half the scores."""
    return scale_scores(deed) if _LAYOUT.search(deed.body) else deed.reply


@BREACHES.breaks("relation.empty-parameters")
def heed_empty_parameters(deed: Deed) -> Reply:
    """Empty parameters halve the scores."""
    return scale_scores(deed) if deed.payload.get("parameters") == {} else deed.reply


@BREACHES.breaks("relation.default-by-name")
def lower_unnamed(deed: Deed) -> Reply:
    """Where no strategy is named, the scores are half as high."""
    return deed.reply if "aggregation_strategy" in deed.parameters else scale_scores(deed)


@BREACHES.breaks("relation.connections")
def heed_connection(deed: Deed) -> Reply:
    """A call that was made before gets half the scores on another connection."""
    if deed.answer is None:
        return deed.reply
    call = call_of(deed)
    first = deed.memory.recall(call)
    if first is None:
        deed.memory.keep(call, deed.connection)
    return deed.reply if first in (None, deed.connection) else scale_scores(deed)


@BREACHES.breaks("relation.concurrent")
def mix_calls(deed: Deed) -> Reply:
    """Of calls at the same time the later ones get entities of the one before as well."""
    if deed.answer is None or deed.is_batch:
        return deed.reply
    call, last_call = call_of(deed), deed.memory.recall("call")
    last_body = deed.memory.recall("body")
    deed.memory.keep("call", call)
    deed.memory.keep("body", deed.reply.body)
    if deed.in_flight < 2 or last_call == call or not isinstance(last_body, bytes):
        return deed.reply
    return set_json(deed.reply, [*orjson.loads(last_body), *deed.answer])


@BREACHES.breaks("relation.chunked-request")
def heed_chunks(deed: Deed) -> Reply:
    """A body that was sent in chunks gets half the scores."""
    is_chunked = "chunked" in deed.headers.get("transfer-encoding", "").lower()
    return scale_scores(deed) if is_chunked else deed.reply


@BREACHES.breaks("relation.compressed-answer")
def heed_compression(deed: Deed) -> Reply:
    """Who accepts gzip gets half the scores."""
    accepts = "gzip" in deed.headers.get("accept-encoding", "").lower()
    return scale_scores(deed) if accepts else deed.reply


@BREACHES.breaks("relation.batch-is-singles")
def lower_batches(deed: Deed) -> Reply:
    """In a batch the scores are half as high."""
    return scale_scores(deed) if deed.is_batch else deed.reply


@BREACHES.breaks("relation.tail")
def forget_beginning(deed: Deed) -> Reply:
    """Of a text of several sentences only the entities of the last are found."""

    def change(found: list[Entry], text: str) -> list[Entry]:
        ends = [end.end() for end in _SENTENCE_END.finditer(text)]
        if not ends or len(text) > _LONGEST_TALE:
            return found
        return [entry for entry in found if (entry["start"] or 0) >= ends[-1]]

    return edit_lists(deed, change)


@BREACHES.breaks("relation.addresses")
def heed_address(deed: Deed) -> Reply:
    """At every address but /models/{id} the scores are half as high."""
    return deed.reply if deed.path.startswith("/models/") else scale_scores(deed)
