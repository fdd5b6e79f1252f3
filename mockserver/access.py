"""Access: whether the token that came with a call, or none, lets it in."""

from __future__ import annotations

from typing import NamedTuple

from .profiles import Profile
from .reply import Refusal
from .settings import Settings
from .tokens import SentToken, TokenForm, TokenReader

_ABSENT = (TokenForm.ABSENT, TokenForm.EMPTY)
_BEARER = (TokenForm.BEARER_HF, TokenForm.BEARER_OTHER)


class NotAdmitted(NamedTuple):
    """Why a call is not let in, and how that is said."""

    why: str  #: For the journal; never the token.
    refusal: Refusal


def check_token(
    sent: SentToken, settings: Settings, profile: Profile, tokens: TokenReader
) -> NotAdmitted | None:
    """The refusal of a call with that token, or None if the settings let it in."""
    if settings.auth == "open":
        return None
    if sent.form in _ABSENT:
        return NotAdmitted("no token was sent", profile.missing_token())
    if sent.form not in _BEARER:
        why = f"the token was not sent as 'Bearer TOKEN' ({sent.form.value})"
        return NotAdmitted(why, profile.invalid_token())
    if settings.auth == "token" and not tokens.is_same(sent, settings.token):
        return NotAdmitted("the token is not the one that is let in", profile.invalid_token())
    if settings.auth == "read-only":
        return NotAdmitted("tokens may only read here", profile.read_only_token())
    return None
