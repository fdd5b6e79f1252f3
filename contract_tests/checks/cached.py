"""Cached: calls that no cache can know yet, and the same calls again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count

from nertwin.schemas import JSON

from ..endpoint import Endpoint
from ..exchange import Exchange, HeaderLines, Request
from .check import Follow


def fresh_text(endpoint: Endpoint, turn: int) -> str:
    """A text with names in it that this endpoint has never seen."""
    return f"Angela Merkel met Tim Cook in Berlin and paid {endpoint.nonce}{turn} dollars."


@dataclass(frozen=True, slots=True)
class _FreshCall:
    endpoint: Endpoint
    is_batch: bool
    strategy: str | None
    turns: Iterator[int] = field(default_factory=count, compare=False)

    def __call__(self, _: tuple[Exchange, ...]) -> Request:
        text = fresh_text(self.endpoint, next(self.turns))
        inputs = [text, text[::-1]] if self.is_batch else text
        return self.endpoint.classify(inputs, strategy=self.strategy)


@dataclass(frozen=True, slots=True)
class _Again:
    attempt: int

    def __call__(self, before: tuple[Exchange, ...]) -> Request:
        return before[0].request.again(self.attempt)


@dataclass(frozen=True, slots=True)
class _WithHeaders:
    lines: HeaderLines

    def __call__(self, before: tuple[Exchange, ...]) -> Request:
        return before[0].request.with_headers(*self.lines)


def fresh_call(
    endpoint: Endpoint, *, is_batch: bool = False, strategy: str | None = None
) -> Follow:
    """A step that calls with a new text each time a plan is carried out.

    The first time it is the same text in all plans of a run, so that one call serves them all.
    """
    return _FreshCall(endpoint, is_batch, strategy)


def again(attempt: int) -> Follow:
    """A step that makes the plan's first call once more."""
    return _Again(attempt)


def with_headers(*lines: tuple[str, str]) -> Follow:
    """A step that makes the plan's first call with more headers."""
    return _WithHeaders(lines)


def with_members(**members: JSON) -> Follow:
    """A step that makes the plan's first call with more members in its payload."""
    return lambda before: put(before[0].request, **members)


def put(request: Request, **members: JSON) -> Request:
    """The request with more members in its payload."""
    payload = request.payload if isinstance(request.payload, dict) else {}
    fresh = Endpoint(base="http://localhost").call({**payload, **members})
    return replace(request, body=fresh.body)


def is_kept(exchange: Exchange) -> bool:
    """Whether an answer says that it comes from the cache."""
    said = exchange.header("x-compute-type") or ""
    return exchange.status == 200 and said.strip().lower() == "cache"
