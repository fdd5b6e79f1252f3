"""Breaches of what is left of the page's promise of a stream."""

from __future__ import annotations

from ..reply import Reply
from .deed import Deed
from .edits import Breaches, accept_parameters, complain

BREACHES = Breaches()


@BREACHES.breaks("stream.is-no-feature")
def refuse_vaguely(deed: Deed) -> Reply:
    """``stream: true`` is refused in words that don't say why."""
    if not deed.is_call or deed.payload.get("stream") is not True:
        return deed.reply
    return complain(deed, "the request can't be answered")


@BREACHES.breaks("stream.false")
def refuse_false(deed: Deed) -> Reply:
    """``stream: false`` is refused."""
    if deed.answer is None or deed.payload.get("stream") is not False:
        return deed.reply
    return complain(deed, "`stream` is not supported for this model")


@BREACHES.breaks("stream.as-parameter")
def take_parameter(deed: Deed) -> Reply:
    """``stream`` among the parameters is left out."""
    return accept_parameters(deed, "stream") if "stream" in deed.parameters else deed.reply
