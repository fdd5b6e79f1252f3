"""Sealing: what the journal keeps of a request and its response, with no secret left in it."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from .exchange import Body, Gate
from .heads import Heads, mask_heads, open_heads, pack_heads, without_ids
from .reply import Headers
from .tokens import holds_secret, mask_query, redact, secrets_within

_LONGEST_LINE = 2000

#: What of an :class:`Exchange` doesn't tell when it was, in its order: ``method`` to ``why``.
Content: TypeAlias = tuple[str, str, str, Heads, Body, int, Body, Gate, str]


class Messages(NamedTuple):
    """A request and its response as they came and went, and what decided the response."""

    method: str
    path: str
    request_headers: Headers
    request_body: bytes
    status: int
    response_headers: Headers
    response_body: bytes
    gate: Gate
    why: str
    model: str

    @property
    def likeness(self) -> int:
        """A hash that is equal where nothing but ids differs.

        Only a hash of what came is remembered, because there may be a token in it.
        """
        request_headers = without_ids(self.request_headers)
        response_headers = without_ids(self.response_headers)
        return hash((*self[:2], request_headers, *self[3:5], response_headers, *self[6:]))


class Sealed(NamedTuple):
    """What may be kept of two messages."""

    content: Content
    is_whole: bool  #: Whether nothing was masked but credentials, and nothing was cut but bodies.


def seal(messages: Messages, *, max_body_bytes: int) -> Sealed:
    """What may be kept of the messages.

    Authorization headers are replaced by their form, and their token is masked wherever
    else it stands; so is what looks like a token of the hub, and what a query names so.
    Bodies and lines that are too long are cut.
    """
    method, path, model, why = messages.method, messages.path, messages.model, messages.why
    asked, answered = messages.request_body, messages.response_body
    parts, secrets = open_heads(messages.request_headers, messages.response_headers)
    sent = len(messages.request_headers)
    heads = pack_heads(parts, sent)
    lines = f"{method}\n{path}\n{model}\n{why}"
    packed = b"" if heads is None else heads.packed
    everything = b"\n".join((packed, lines.encode("utf-8", "replace"), asked, answered))
    # One look at all of it: hardly ever is there anything to mask or to cut.
    has_query = "?" in path or b"?" in packed
    is_whole = (
        heads is not None
        and not has_query
        and len(lines) <= _LONGEST_LINE
        and not holds_secret(everything, secrets)
    )
    if heads is None or not is_whole:
        secrets = secrets_within(asked, secrets)
        heads = mask_heads(parts, sent, secrets)
        method, model, why = (cut_line(text, secrets) for text in (method, model, why))
        path = cut_line(mask_query(path), secrets)
        # Masked before they are cut, or half a token might be left at the end.
        asked, answered = redact(asked, secrets), redact(answered, secrets)
    limit = max_body_bytes
    request_body = Body(asked[:limit], len(messages.request_body), len(asked) > limit)
    response_body = Body(answered[:limit], len(messages.response_body), len(answered) > limit)
    content = (
        *(method, path, model, heads, request_body),
        *(messages.status, response_body, messages.gate, why),
    )
    return Sealed(content, is_whole)


def cut_line(text: str, secrets: tuple[bytes, ...], *, longest: int = _LONGEST_LINE) -> str:
    """The text without a secret, and cut where it is longer than that."""
    encoded = text.encode("utf-8", "replace")
    masked = redact(encoded, secrets)
    if masked != encoded:
        text = masked.decode("utf-8", "replace")
    return text if len(text) <= longest else text[: longest - 1] + "…"
