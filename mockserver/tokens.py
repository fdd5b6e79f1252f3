"""Tokens: what a request's authorization looks like, without ever keeping it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import Enum
from hashlib import blake2b
from hmac import compare_digest
from typing import NamedTuple

from .errors import LIKE_ONE_OF_THE_HUB, NertwinError

_LONGEST_KEY = 64
# A shorter token is no secret, and its letters may well be a word of the text.
_SHORTEST_SECRET = 8
_SCHEME = re.compile(rb"[ \t]*bearer(?P<colon>[ \t]*:)?(?:[ \t]+|$|(?<=:))", re.IGNORECASE)
_MOST_TOKENS = 20  # In one text.
_MASK = b"***"
_TOKEN_LIKE = re.compile(LIKE_ONE_OF_THE_HUB.encode())
_TOKEN_IN_QUERY = re.compile(
    r"(?<=[?&])(?P<name>[^=&]{0,40}(?:token|api_?key|authorization))=[^&]+", re.IGNORECASE
)


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


class SentToken(NamedTuple):
    """A token that a request has brought: its form, and a digest to tell it from others."""

    form: TokenForm
    digest: bytes = b""  #: Empty where there was no token.

    def __repr__(self) -> str:
        return f"SentToken({self.form})"


class TokenDigest(str):
    """What stands for a token of which a server knows no more than a digest, in hexadecimal."""

    __slots__ = ()


class TokenReader:
    """Reads authorization headers, with a key that makes the digests worthless elsewhere."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        if not 1 <= len(key) <= _LONGEST_KEY:
            raise BadKey(f"the key has {len(key)} bytes; it must have from 1 to {_LONGEST_KEY}")
        self._key = key

    def __repr__(self) -> str:
        return "TokenReader()"

    def become(self, key: bytes) -> None:
        """Go on with another key: what was digested before is unlike what is digested now."""
        self._key = key

    def digest(self, token: str) -> TokenDigest:
        """What stands for the token where it must not be kept."""
        return TokenDigest(self._digest(_plain(token)).hex())

    def read(self, authorization: bytes | None) -> SentToken:
        """What the header's value brings; None when there was no such header."""
        token = _token(authorization)
        return SentToken(token_form(authorization), self._digest(token) if token else b"")

    def is_same(self, sent: SentToken, token: str) -> bool:
        """Whether ``sent`` was that token, in whichever form. Takes equally long for any."""
        if isinstance(token, TokenDigest):
            return compare_digest(sent.digest, bytes.fromhex(token))
        return compare_digest(sent.digest, self._digest(_plain(token)))

    def _digest(self, token: bytes) -> bytes:
        return blake2b(token, key=self._key, digest_size=16).digest()


def _plain(token: str) -> bytes:
    return token.strip(" \t").encode("utf-8", "surrogatepass")


def token_form(authorization: bytes | None) -> TokenForm:
    """The form of the token in the header's value."""
    if authorization is None:
        return TokenForm.ABSENT
    scheme = _SCHEME.match(authorization)
    token = authorization[scheme.end() if scheme else 0 :].strip(b" \t")
    if not token:
        return TokenForm.EMPTY
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
    """The text with ``***`` where one of the secrets stands, or what looks like a hub token."""
    for secret in secrets:
        text = text.replace(secret, _MASK)
    return _TOKEN_LIKE.sub(_MASK, text)


def secrets_within(text: bytes, secrets: Sequence[bytes]) -> tuple[bytes, ...]:
    """The secrets and what looks like a token in the text, also as an answer may cut them.

    A model that finds a token in a text gives it as a word without its ``hf_``, or in lower case.
    """
    found = {*secrets, *_TOKEN_LIKE.findall(text)[:_MOST_TOKENS]}
    bare = {secret[3:] for secret in found if secret.startswith(b"hf_")}
    words = {token for token in bare if len(token) >= _SHORTEST_SECRET}
    return tuple(sorted(found | words | {word.lower() for word in words}, key=len, reverse=True))


def read_credential(authorization: bytes) -> tuple[TokenForm, tuple[bytes, ...]]:
    """The form of the token in the header's value, and what of it must not be shown."""
    if authorization[:10] == b"Bearer hf_":  # As nearly all do; the general way takes longer.
        token = authorization[7:]
        if len(token) >= _SHORTEST_SECRET and token.split() == [token]:
            return TokenForm.BEARER_HF, (token,)
    return token_form(authorization), secrets_of(authorization)


def holds_secret(text: bytes, secrets: Iterable[bytes]) -> bool:
    """Whether :func:`redact` would change the text."""
    for secret in secrets:
        if secret in text:
            return True
    return holds_token(text)


def mask_query(path: str) -> str:
    """The path with ``***`` for each value of its query that by its name is a token."""
    return _TOKEN_IN_QUERY.sub(r"\g<name>=***", path)


def holds_token(text: bytes) -> bool:
    """Whether something in the text looks like a token of the hub."""
    return b"hf_" in text and _TOKEN_LIKE.search(text) is not None


def holds_token_parameter(query: str) -> bool:
    """Whether the query has a value that by its name is a token."""
    return _TOKEN_IN_QUERY.search(f"?{query}") is not None


def _token(authorization: bytes | None) -> bytes:
    if authorization is None:
        return b""
    scheme = _SCHEME.match(authorization)
    return authorization[scheme.end() if scheme else 0 :].strip(b" \t")
