"""Heads: the header lines of a request and its response in one piece, without a secret in it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple, TypeAlias

from .reply import Headers
from .tokens import mask_query, read_credential, redact

HeaderLines: TypeAlias = tuple[tuple[str, str], ...]

_LONGEST_LINE = 2000
_MOST_LINES = 100
_CREDENTIALS = frozenset((b"authorization", b"proxy-authorization"))
_SECRET = frozenset(
    (
        b"cookie",
        b"set-cookie",
        b"x-api-key",
        b"x-nertwin-token",
        b"api-key",
        b"x-auth-token",
        b"x-hf-token",
        b"hf-token",
        b"token",
    )
)
_SENSITIVE = _CREDENTIALS | _SECRET
# Parts of a name by which a value is a secret, whoever has thought of that name.
_SECRET_PARTS = (b"token", b"secret", b"api-key", b"api_key", b"apikey", b"password")
# They differ between calls that are otherwise equal; the session's, between those of sessions.
_UNIQUE = frozenset(
    (
        *(b"x-request-id", b"x-amzn-trace-id", b"x-amz-cf-id", b"x-inference-id", b"date"),
        b"x-nertwin-session",
    )
)


class Heads(NamedTuple):
    """The lines of both heads, as they are kept."""

    packed: bytes  #: Names and values in turn, a newline between each.
    sent: int  #: How many of the lines are the request's; the others are the response's.

    @property
    def request(self) -> HeaderLines:
        """The lines that came."""
        return self._lines[: self.sent]

    @property
    def response(self) -> HeaderLines:
        """The lines that went out."""
        return self._lines[self.sent :]

    @property
    def _lines(self) -> HeaderLines:
        parts = [part.decode("utf-8", "replace") for part in self.packed.split(b"\n")]
        return tuple(zip(parts[::2], parts[1::2], strict=False))  # Of no lines one part is left.

    def equals_but_for_ids(self, other: Heads) -> bool:
        """Whether they differ in nothing but what each message has of its own."""
        if self == other:
            return True
        ours, theirs = self.packed.split(b"\n"), other.packed.split(b"\n")
        if self.sent != other.sent or len(ours) != len(theirs):
            return False
        differing = [place for place, part in enumerate(ours) if part != theirs[place]]
        return all(place % 2 and ours[place - 1].lower() in _UNIQUE for place in differing)


def without_ids(headers: Headers) -> Headers:
    """The lines less the values that each message has of its own."""
    return tuple([(pair[0], b"") if pair[0] in _UNIQUE else pair for pair in headers])


def open_heads(request: Headers, response: Headers) -> tuple[list[bytes], tuple[bytes, ...]]:
    """Names and values of both in turn, and what must not be shown of their credentials.

    Where a credential stood, its form stands.
    """
    parts = list(chain(chain.from_iterable(request), chain.from_iterable(response)))
    names = parts[::2]
    together = b" ".join(names)
    # Servers lower the names; one look tells whether this one did.
    if not together.islower():
        together = together.lower()
        names = [name.lower() for name in names]
    sensitive = _SENSITIVE.intersection(names)
    for part in _SECRET_PARTS:
        if part in together:
            sensitive |= {name for name in names if part in name}
    if not sensitive:
        return parts, ()
    secrets: set[bytes] = set()
    for name in sensitive:
        place = -1
        for _ in range(names.count(name)):
            place = names.index(name, place + 1)
            if name in _CREDENTIALS:
                form, found = read_credential(parts[2 * place + 1])
                parts[2 * place + 1] = form.value.encode()
                secrets.update(found)
            else:
                parts[2 * place + 1] = b"***"
    return parts, tuple(sorted(secrets, key=len, reverse=True))


def pack_heads(parts: Sequence[bytes], sent: int) -> Heads | None:
    """Both heads as they are, or None where something must be cut for that first."""
    packed = b"\n".join(parts)
    is_short = len(packed) <= _LONGEST_LINE and len(parts) <= 2 * _MOST_LINES
    if not is_short or packed.count(b"\n") != max(0, len(parts) - 1):
        return None
    return Heads(packed, sent)


def mask_heads(parts: Sequence[bytes], sent: int, secrets: Sequence[bytes]) -> Heads:
    """Both heads with the secrets masked wherever they stand.

    Lines that are too long are cut, and so is what comes after a hundred lines of either.
    """
    request = parts[: 2 * min(sent, _MOST_LINES)]
    response = parts[2 * sent : 2 * (sent + _MOST_LINES)]
    packed = b"\n".join([_fit(part, secrets) for part in (*request, *response)])
    return Heads(packed, len(request) // 2)


def _fit(part: bytes, secrets: Sequence[bytes]) -> bytes:
    # Masked before it is cut, or half a token might be left at the end.
    if b"?" in part:  # Perhaps an address.
        part = mask_query(part.decode("latin-1")).encode("latin-1")
    return redact(part, secrets)[:_LONGEST_LINE].replace(b"\n", b" ")
