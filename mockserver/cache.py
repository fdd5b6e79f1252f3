"""Cache: answers that have been computed before, bounded in number, bytes and age."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Container
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

import orjson

from nertwin.schemas import JSON

from .budget import Budget
from .clock import Clock
from .errors import NertwinError
from .payload import ClassifyRequest

# What an entry takes besides its body: key, model id, content type, the dictionary's share.
_OVERHEAD = 1024


class BadCache(NertwinError):
    """A cache was given a bound that is none."""


class CacheKey(NamedTuple):
    """What a cached answer is found by. It is as small for a novel as for a word."""

    model: str
    digest: bytes  #: Of the model's commit, the inputs and the parameters.


class CachedAnswer(NamedTuple):
    """An answer as it was computed."""

    body: bytes
    seconds: float  #: What its computation is said to have taken.
    status: int = 200
    content_type: bytes = b"application/json"


class AnswerCache:
    """Answers by key; when it is full, what has been asked for least recently goes first."""

    def __init__(
        self,
        clock: Clock,
        *,
        max_entries: int = 1000,
        max_bytes: int = 8 * 1024 * 1024,
        ttl: float = math.inf,
        budget: Budget | None = None,
    ) -> None:
        for name, bound in (("max_entries", max_entries), ("max_bytes", max_bytes), ("ttl", ttl)):
            if not bound >= 0:
                raise BadCache(f"{name} is {bound!r}; it must be at least 0, and 0 keeps nothing")
        self._clock = clock
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._ttl = ttl  # Seconds on the clock.
        self._entries: OrderedDict[CacheKey, tuple[float, CachedAnswer]] = OrderedDict()
        self._budget = Budget(budget)

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def bytes_held(self) -> int:
        """What the entries take, bodies and all else, by a cautious estimate."""
        return self._budget.held

    def find(self, key: CacheKey) -> CachedAnswer | None:
        """The answer that was kept under ``key``, unless it is gone or too old."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        kept_at, answer = entry
        if self._ttl < math.inf and self._clock.now - kept_at >= self._ttl:
            self._drop(key)
            return None
        self._entries.move_to_end(key)
        return answer

    def has(self, key: CacheKey) -> bool:
        """Whether :meth:`find` would find an answer; nothing is noted of the question."""
        entry = self._entries.get(key)
        return entry is not None and self._clock.now - entry[0] < self._ttl

    def keep(self, key: CacheKey, answer: CachedAnswer) -> bool:
        """Keep an answer in place of an older one, and tell whether it was kept.

        Only answers of status 200 are, and none that alone is larger than the bound.
        """
        size = _size(answer)
        too_large = size > self._max_bytes or not self._max_entries
        if answer.status != 200 or too_large or not self._ttl:
            return False
        if key in self._entries:
            self._drop(key)
        self._entries[key] = (self._clock.now, answer)
        self._budget.add(size)
        while len(self._entries) > self._max_entries or self._budget.held > self._max_bytes:
            self._drop(next(iter(self._entries)))
        return True

    def clear(self, model: str | None = None) -> int:
        """Forget the answers of one model, or all of them, and give their number."""
        keys = [key for key in self._entries if model is None or key.model == model]
        for key in keys:
            self._drop(key)
        return len(keys)

    def _drop(self, key: CacheKey) -> None:
        _, answer = self._entries.pop(key)
        self._budget.add(-_size(answer))


def cache_key(model: str, sha: str, request: ClassifyRequest, *, form: str = "json") -> CacheKey:
    """The key of what ``request`` asks of the model at the commit ``sha``.

    It is made from the parsed request, so white space, the order of keys and an empty
    ``parameters`` change nothing; who asks, and with which ``options``, changes nothing either.
    ``form`` tells apart bodies of one answer that are rendered differently.
    """
    parameters = request.parameters
    asked = (
        model,
        sha,
        form,
        request.is_batch,
        len(request.texts),
        parameters.aggregation_strategy,
        parameters.stride,
        parameters.forbids_stride,
    )
    if parameters.ignore_labels is None:
        digest = _digest(asked).copy()
    else:
        digest = _digest.__wrapped__((*asked, _spell_labels(parameters.ignore_labels)))
    for text in request.texts:
        encoded = text.encode("utf-8", "surrogatepass")
        digest.update(b"%d:" % len(encoded))  # Else ["ab", "c"] and ["a", "bc"] were the same.
        digest.update(encoded)
    return CacheKey(model, digest.digest())


@lru_cache(maxsize=256)
def _digest(asked: tuple[JSON, ...]) -> blake2b:
    return blake2b(orjson.dumps(asked), digest_size=32)


def _spell_labels(labels: Container[object] | None) -> JSON:
    """Labels as JSON, in an order of their own: theirs changes no answer."""
    if not isinstance(labels, frozenset):
        return None if labels is None else repr(labels)
    return sorted(labels, key=lambda label: (label is not None, label or ""))


def _size(answer: CachedAnswer) -> int:
    return len(answer.body) + _OVERHEAD
