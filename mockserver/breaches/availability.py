"""Breaches of what is said and done while a model is not ready."""

from __future__ import annotations

from ..reply import Reply
from .deed import Deed
from .edits import (
    Breaches,
    HeldReply,
    edit_object,
    model_of,
    say_loading,
    scale_scores,
    set_header,
)

BREACHES = Breaches()
_RELAPSES_EVERY = 4
_HELD_SECONDS = 5.0


@BREACHES.breaks("availability.loading-form")
def hide_estimate(deed: Deed) -> Reply:
    """The 503 of a loading model has no ``estimated_time``."""
    return edit_object(deed.reply, estimated_time=None) if deed.is_loading else deed.reply


@BREACHES.breaks("availability.loading-words")
def reword_loading(deed: Deed) -> Reply:
    """The 503 of a loading model does not name it."""
    if not deed.is_loading:
        return deed.reply
    return edit_object(deed.reply, error="The model is still being loaded, come back later")


@BREACHES.breaks("availability.no-retry-after")
def tell_retry_after(deed: Deed) -> Reply:
    """The 503 of a loading model has a ``retry-after``."""
    return set_header(deed.reply, b"retry-after", b"20") if deed.is_loading else deed.reply


@BREACHES.breaks("availability.call-starts-loading")
def load_for_nobody(deed: Deed) -> Reply:
    """A model that was said to be loading is so for ever, for calls that don't wait."""
    if not deed.is_call:
        return deed.reply
    model_id = model_of(deed).card.id
    if deed.is_loading:
        deed.memory.keep(model_id, True)
    is_stuck = deed.memory.recall(model_id) and deed.answer is not None
    return say_loading(deed) if is_stuck and not deed.wishes.wait_for_model else deed.reply


@BREACHES.breaks("availability.no-wait-unless-asked")
def hold_everybody(deed: Deed) -> Reply:
    """The 503 of a loading model comes after five seconds; the server must hold it."""
    if not deed.is_loading or deed.wishes.wait_for_model:
        return deed.reply
    reply = deed.reply
    return HeldReply(reply.status, reply.headers, reply.body, seconds=_HELD_SECONDS)


@BREACHES.breaks("availability.wait")
def refuse_to_wait(deed: Deed) -> Reply:
    """A call that asks by header to wait for the model is told that it is loading."""
    return _refuse_to_wait(deed, is_asked="x-wait-for-model" in deed.headers)


@BREACHES.breaks("availability.wait-in-options")
def ignore_wait_option(deed: Deed) -> Reply:
    """A call that asks in ``options`` to wait for the model is told that it is loading."""
    return _refuse_to_wait(deed, is_asked="x-wait-for-model" not in deed.headers)


def _refuse_to_wait(deed: Deed, *, is_asked: bool) -> Reply:
    was_ready = deed.stage == "ready" or deed.answer is None
    if was_ready or not is_asked or not deed.wishes.wait_for_model:
        return deed.reply
    return say_loading(deed)


@BREACHES.breaks("availability.wait-when-ready")
def heed_wait_when_ready(deed: Deed) -> Reply:
    """Whoever is ready to wait for a model that is ready gets half the scores."""
    is_asked = deed.wishes.wait_for_model and deed.stage == "ready"
    return scale_scores(deed) if is_asked else deed.reply


@BREACHES.breaks("availability.no-relapse")
def relapse(deed: Deed) -> Reply:
    """Every fourth call that a model could answer is told that it is loading."""
    return _relapse(deed)


@BREACHES.breaks("availability.warm-only")
def load_on_demand(deed: Deed) -> Reply:
    """Every fourth call that a model could answer is told that it is loading."""
    return _relapse(deed)


def _relapse(deed: Deed) -> Reply:
    if deed.answer is None or deed.wishes.wait_for_model:
        return deed.reply
    model_id = model_of(deed).card.id
    known = deed.memory.recall(model_id)
    count = known + 1 if isinstance(known, int) else 1
    deed.memory.keep(model_id, count)
    return deed.reply if count % _RELAPSES_EVERY else say_loading(deed)


@BREACHES.breaks("availability.unknown-is-not-loading")
def load_unknown_models(deed: Deed) -> Reply:
    """Who would wait for a model that does not exist is told that it is loading."""
    is_asked = deed.is_unknown_model and deed.wishes.wait_for_model
    return say_loading(deed) if is_asked else deed.reply
