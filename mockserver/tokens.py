"""Tokens: what a request's authorization looks like, without ever keeping it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from hashlib import blake2b
from hmac import compare_digest

from .errors import NertwinError

_LONGEST_KEY = 64
# A shorter token is no secret, and its letters may well be a word of the text.
_SHORTEST_SECRET = 8
_SCHEME = re.compile(rb"[ \t]*bearer(?P<colon>[ \t]*:)?(?:[ \t]+|$|(?<=:))", re.IGNORECASE)
_MASK = b"***"


class BadKey(NertwinError):
    """The key that tokens are digested with is none."""


class TokenForm(Enum):
    """How a token was sent; all that may be told of it."""

    ABSENT = "absent"  #: No authorization header.
    EMPTY = "empty"  #: A header with no token in it.
    BEARER_HF = "bearer-hf"  #: ``Bearer hf_…``, as it should be.
    BEARER_OTHER = "bearer-other"  #: ``Bearer`` and something else.
    COLON = "colon"  #: ``Bearer: …``, as the API's page misprints it.
    BARE = "bare"  #: Without ``Bearer``.


@dataclass(frozen=True, slots=True)
class SentToken:
    """A token that a request has brought: its form, and a digest to tell it from others."""

    form: TokenForm
    digest: bytes = field(default=b"", repr=False)  #: Empty where there was no token.


class TokenReader:
    """Reads authorization headers, with a key that makes the digests worthless elsewhere."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        if not 1 <= len(key) <= _LONGEST_KEY:
            raise BadKey(f"the key has {len(key)} bytes; it must have from 1 to {_LONGEST_KEY}")
        self._key = key

    def __repr__(self) -> str:
        return "TokenReader()"

    def read(self, authorization: bytes | None) -> SentToken:
        """What the header's value brings; None when there was no such header."""
        token = _token(authorization)
        return SentToken(token_form(authorization), self._digest(token) if token else b"")

    def is_same(self, sent: SentToken, token: str) -> bool:
        """Whether ``sent`` was that token, in whichever form. Takes equally long for any."""
        given = token.strip(" \t").encode("utf-8", "surrogatepass")
        return compare_digest(sent.digest, self._digest(given))

    def _digest(self, token: bytes) -> bytes:
        return blake2b(token, key=self._key, digest_size=16).digest()


def token_form(authorization: bytes | None) -> TokenForm:
    """The form of the token in the header's value."""
    if authorization is None:
        return TokenForm.ABSENT
    token = _token(authorization)
    if not token:
        return TokenForm.EMPTY
    scheme = _SCHEME.match(authorization)
    if scheme is None:
        return TokenForm.BARE
    if scheme["colon"]:
        return TokenForm.COLON
    return TokenForm.BEARER_HF if token.startswith(b"hf_") else TokenForm.BEARER_OTHER


def secrets_of(authorization: bytes | None) -> tuple[bytes, ...]:
    """What of the header's value must not be shown, the longest first."""
    token = _token(authorization)
    parts = {token, *token.split()}  # The last word is the secret of "Basic secret".
    parts |= {part[6:] for part in parts if part[:6].lower() == b"bearer"}  # A forgotten space.
    secrets = [part for part in parts if len(part) >= _SHORTEST_SECRET]
    return tuple(sorted(secrets, key=len, reverse=True))


def redact(text: bytes, secrets: Iterable[bytes]) -> bytes:
    """The text with ``***`` in each place where one of the secrets stands."""
    for secret in secrets:
        text = text.replace(secret, _MASK)
    return text


def _token(authorization: bytes | None) -> bytes:
    if authorization is None:
        return b""
    scheme = _SCHEME.match(authorization)
    return authorization[scheme.end() if scheme else 0 :].strip(b" \t")
