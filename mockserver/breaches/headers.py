"""Breaches of what headers of a request do and what those of a reply tell."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha1

from ..reply import Reply
from .cache import call_of, mark_cached
from .deed import Deed
from .edits import Breaches, complain, drop_headers, scale_scores, set_header

BREACHES = Breaches()
_UNNAMED = ("x-amzn-trace-id", "x-hf-bill-to")
_FLAGS = ("x-use-cache", "x-wait-for-model")


@BREACHES.breaks("header.others-change-nothing")
def heed_other_headers(deed: Deed) -> Reply:
    """With x-amzn-trace-id or x-hf-bill-to the scores are half as high."""
    return scale_scores(deed) if any(name in deed.headers for name in _UNNAMED) else deed.reply


@BREACHES.breaks("header.any-accept")
def refuse_lists_of_types(deed: Deed) -> Reply:
    """An ``accept`` that names several types is refused."""
    if deed.answer is None or "," not in deed.headers.get("accept", ""):
        return deed.reply
    return replace(complain(deed, "accept: application/json is all there is"), status=406)


@BREACHES.breaks("header.flag-values")
def read_flags_literally(deed: Deed) -> Reply:
    """Only the letters ``false`` turn the cache off; 0 and FALSE leave it on."""
    if deed.answer is None:
        return deed.reply
    flag = deed.headers.get("x-use-cache", "")
    was_asked_before = not deed.memory.is_new(call_of(deed))
    if deed.wishes.use_cache or flag.strip() in ("", "false") or not was_asked_before:
        return deed.reply
    return mark_cached(deed.reply)


@BREACHES.breaks("header.ignored-flags")
def heed_ignored_flags(deed: Deed) -> Reply:
    """With x-use-cache or x-wait-for-model the scores are half as high."""
    return scale_scores(deed) if any(name in deed.headers for name in _FLAGS) else deed.reply


@BREACHES.breaks("header.compute-type")
def hide_compute_type(deed: Deed) -> Reply:
    """A computed answer has no ``x-compute-type``."""
    if deed.answer is None or deed.is_cached:
        return deed.reply
    return drop_headers(deed.reply, b"x-compute-type")


@BREACHES.breaks("header.compute-time")
def write_time_with_comma(deed: Deed) -> Reply:
    """``x-compute-time`` has a comma where its point should be."""
    if deed.answer is None:
        return deed.reply
    seconds = dict(deed.reply.headers).get(b"x-compute-time", b"0.1")
    return set_header(deed.reply, b"x-compute-time", seconds.replace(b".", b","))


@BREACHES.breaks("header.compute-characters")
def count_bytes(deed: Deed) -> Reply:
    """``x-compute-characters`` counts the bytes of the whole body."""
    if deed.answer is None or deed.is_cached:
        return deed.reply
    return set_header(deed.reply, b"x-compute-characters", str(len(deed.body)).encode())


@BREACHES.breaks("header.request-id")
def share_request_id(deed: Deed) -> Reply:
    """All calls have the same ``x-request-id``; the server must leave out its own."""
    if deed.method != "POST":
        return deed.reply
    return set_header(deed.reply, b"x-request-id", b"0" * 21)


@BREACHES.breaks("header.model-commit")
def change_commit(deed: Deed) -> Reply:
    """Each answer names another commit."""
    if deed.answer is None:
        return deed.reply
    commit = sha1(str(deed.number).encode(), usedforsecurity=False).hexdigest()
    return set_header(deed.reply, b"x-sha", commit.encode())


@BREACHES.breaks("header.cors")
def allow_one_origin(deed: Deed) -> Reply:
    """Only the service's own pages may read answers; the server must leave out its own header."""
    if "origin" not in deed.headers:
        return deed.reply
    return set_header(deed.reply, b"access-control-allow-origin", b"https://huggingface.co")


@BREACHES.breaks("header.errors-compute-nothing")
def tell_computation_of_errors(deed: Deed) -> Reply:
    """The 503 of a loading model and the 404 of an unknown one tell of a computation."""
    if not deed.is_loading and not deed.is_unknown_model:
        return deed.reply
    reply = set_header(deed.reply, b"x-compute-type", b"cpu")
    return set_header(reply, b"x-compute-time", b"0.001")
