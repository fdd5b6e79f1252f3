"""Renderings: bodies of answers by what was asked of which model, bounded in number and bytes."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TypeAlias
from weakref import ref

from .models import Model
from .payload import ClassifyRequest

_MOST = 512
_LONGEST = 4096  # Characters of what is asked, and bytes of what is answered.

_Key: TypeAlias = tuple[str, int, int]


class Renderings:
    """What models have answered, whoever asked.

    Unlike a session's cache nobody can notice it: equal requests get equal answers, so a test
    with a new session need not have computed again what the last one got. Requests are known by
    identity, because equal bodies are read but once. Models are not held, because one may have
    large rules of a session in it. Threads may share it.
    """

    __slots__ = ("_bodies", "_lock", "_most")

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._bodies: OrderedDict[_Key, tuple[ref[Model], ClassifyRequest, bytes]] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._bodies)

    def find(self, profile: str, model: Model, request: ClassifyRequest) -> bytes | None:
        """The body of that very request to that very model, if it is known."""
        known = self._bodies.get((profile, id(model), id(request)))
        # Another model may have got the id of one that is gone with its session; no request can.
        return known[2] if known is not None and known[0]() is model else None

    def keep(self, profile: str, model: Model, request: ClassifyRequest, body: bytes) -> None:
        """Keep a body; the oldest go when there are too many. What may hold a token is not kept."""
        length = sum(map(len, request.texts))
        if max(length, len(body)) > _LONGEST or any("hf_" in text for text in request.texts):
            return
        with self._lock:
            self._bodies[profile, id(model), id(request)] = ref(model), request, body
            while len(self._bodies) > self._most:
                self._bodies.popitem(last=False)
