"""Breaches of the cache."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b

from ..reply import Reply
from .deed import Deed
from .edits import Breaches, drop_headers, model_of, set_body, set_header, spell

BREACHES = Breaches()
_LONGEST_KEPT = 16 * 1024  # Bytes of an answer that a breach remembers.


def call_of(deed: Deed, *left_out: str) -> bytes:
    """What was called with which payload, in few bytes; headers and options don't count."""
    left_out = ("options", *left_out)
    payload = {name: value for name, value in deed.payload.items() if name not in left_out}
    return _digest(model_of(deed).card.id, payload)


def _digest(*parts: object) -> bytes:
    return blake2b(spell(parts), digest_size=16).digest()


def mark_cached(reply: Reply) -> Reply:
    """The reply with the headers of an answer that was kept."""
    reply = drop_headers(reply, b"x-compute-characters", b"server")
    reply = set_header(reply, b"content-length", str(len(reply.body)).encode())
    return set_header(reply, b"x-compute-type", b"cache")


@BREACHES.breaks("cache.equal-call-is-kept")
def keep_nothing(deed: Deed) -> Reply:
    """Every answer is computed anew."""
    return deed.compute(deed.body) if deed.is_cached else deed.reply


@BREACHES.breaks("cache.marker")
def mark_first_answers(deed: Deed) -> Reply:
    """Computed answers say that they come from the cache, where it may be used."""
    if deed.answer is None or not deed.wishes.use_cache:
        return deed.reply
    return mark_cached(deed.reply)


@BREACHES.breaks("cache.same-bytes")
def respell_kept_answers(deed: Deed) -> Reply:
    """Answers from the cache end in a line break that the computed ones don't have."""
    return set_body(deed.reply, deed.reply.body + b"\n") if deed.is_cached else deed.reply


@BREACHES.breaks("cache.first-time")
def retell_time(deed: Deed) -> Reply:
    """Answers from the cache say that they took no time."""
    return set_header(deed.reply, b"x-compute-time", b"0.000") if deed.is_cached else deed.reply


@BREACHES.breaks("cache.bare-headers")
def dress_kept_answers(deed: Deed) -> Reply:
    """Answers from the cache count characters."""
    if not deed.is_cached:
        return deed.reply
    characters = str(sum(map(len, deed.texts))).encode()
    return set_header(deed.reply, b"x-compute-characters", characters)


@BREACHES.breaks("cache.bypass")
def ignore_header(deed: Deed) -> Reply:
    """With ``x-use-cache: false`` a call that was made before says cache all the same."""
    return _ignore_bypass(deed, is_asked="x-use-cache" in deed.headers)


@BREACHES.breaks("cache.bypass-in-options")
def ignore_option(deed: Deed) -> Reply:
    """With ``use_cache: false`` a call that was made before says cache all the same."""
    return _ignore_bypass(deed, is_asked="x-use-cache" not in deed.headers)


def _ignore_bypass(deed: Deed, *, is_asked: bool) -> Reply:
    if deed.answer is None:
        return deed.reply
    is_new = deed.memory.is_new(call_of(deed))
    if is_new or not is_asked or deed.wishes.use_cache:
        return deed.reply
    return mark_cached(deed.reply)


@BREACHES.breaks("cache.texts-apart")
def confuse_texts(deed: Deed) -> Reply:
    """Texts that differ in letter case and blanks get the answer of the first of them."""
    texts = ["".join(text.casefold().split()) for text in deed.texts]
    return _confuse(deed, lambda: (call_of(deed, "inputs"), _digest(deed.is_batch, texts)))


@BREACHES.breaks("cache.parameters-apart")
def confuse_parameters(deed: Deed) -> Reply:
    """Calls with one text and other parameters get the answer of the first of them."""
    return _confuse(deed, lambda: call_of(deed, "parameters"))


@BREACHES.breaks("cache.models-apart")
def confuse_models(deed: Deed) -> Reply:
    """Calls to different models get the answer of the first of them."""
    return _confuse(deed, lambda: _digest(deed.payload.get("inputs"), deed.parameters))


def _confuse(deed: Deed, key_of: Callable[[], object]) -> Reply:
    """The answer that was first given under the key, where the cache may be used."""
    if deed.answer is None or not deed.wishes.use_cache:
        return deed.reply
    key = key_of()
    first = deed.memory.recall(key)
    if isinstance(first, bytes):
        return set_body(deed.reply, first)
    if len(deed.reply.body) <= _LONGEST_KEPT:
        deed.memory.keep(key, deed.reply.body)
    return deed.reply


@BREACHES.breaks("cache.refusals-are-not-kept")
def mark_refusals(deed: Deed) -> Reply:
    """Refusals say that they come from the cache."""
    if not deed.is_refused:
        return deed.reply
    return set_header(deed.reply, b"x-compute-type", b"cache")
