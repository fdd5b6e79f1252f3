"""Breaches of what a token does. What a breach sees of a token it forgets with the call."""

from __future__ import annotations

from zlib import crc32

import orjson

from ..reply import Reply
from ..tokens import TokenForm, token_form
from .deed import Deed
from .edits import Breaches, refuse, scale_scores

BREACHES = Breaches()
_LOOK_UPS = ("hub_model", "hub_models", "hub_tasks")


def _form(deed: Deed) -> TokenForm:
    sent = deed.headers.get("authorization")
    return token_form(None if sent is None else sent.encode("latin-1", "replace"))


@BREACHES.breaks("auth.bearer")
def refuse_bearer(deed: Deed) -> Reply:
    """``Bearer hf_…`` is refused like a wrong token."""
    if deed.answer is None or _form(deed) is not TokenForm.BEARER_HF:
        return deed.reply
    return refuse(deed, deed.profile.invalid_token())


@BREACHES.breaks("auth.wrong-token")
def forbid_wrong_token(deed: Deed) -> Reply:
    """A wrong token, and any that does not begin with hf_, gets a 403."""
    refusal = deed.profile.invalid_token()
    is_wrong = deed.reply.body == orjson.dumps(refusal.body)
    if deed.method != "POST" or not (is_wrong or _form(deed) is TokenForm.BEARER_OTHER):
        return deed.reply
    return refuse(deed, refusal._replace(status=403))


@BREACHES.breaks("auth.look-ups-are-public")
def guard_look_ups(deed: Deed) -> Reply:
    """Without a token the look-ups are refused."""
    if deed.action not in _LOOK_UPS or "authorization" in deed.headers:
        return deed.reply
    return refuse(deed, deed.profile.invalid_token()._replace(status=401))


@BREACHES.breaks("auth.token-changes-nothing")
def weigh_token(deed: Deed) -> Reply:
    """A call's token lowers its scores, each by another factor."""
    token = deed.headers.get("authorization")
    if token is None:
        return deed.reply
    return scale_scores(deed, 0.5 ** (1 + crc32(token.encode()) % 8))
