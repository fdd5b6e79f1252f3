"""Answers: those that a shared session's cache keeps, a piece each."""

from __future__ import annotations

from ..cache import CachedAnswer, CacheKey
from .changed import Changed
from .pickles import dump, load
from .session import SharedSession

_PREFIX = b"c"


class Answers:
    """What Redis has of them, as far as this server knows."""

    def __init__(self) -> None:
        self._known: dict[bytes, tuple[CacheKey, tuple[float, CachedAnswer]]] = {}

    def compare(self, session: SharedSession, changed: Changed) -> None:
        """Tell what is other in the copy, which from now on is the same."""
        entries = {} if session._cache is None else session._cache._entries
        for key in session.touched:
            name, entry = _PREFIX + key.digest, entries.get(key)
            known = self._known.get(name)
            if entry is None:
                if known is not None:
                    del self._known[name]
                    changed.drop(name)
            else:
                self._known[name] = (key, entry)
                is_known = known is not None and known[1] is entry
                changed.put(name, None if is_known else dump((key, *entry)))
        session.touched.clear()

    def take(self, session: SharedSession, name: bytes, value: bytes) -> None:
        """Have the copy keep an answer, as the latest.

        Raises:
            Unreadable: Something else was written there.
        """
        key, kept_at, answer = load(value)
        entries = session.cache._entries
        entries.pop(key, None)
        entry = entries[key] = (kept_at, answer)
        self._known[name] = (key, entry)

    def lose(self, session: SharedSession, name: bytes) -> None:
        """Have the copy keep an answer no more."""
        key, _ = self._known.pop(name, (None, None))
        if session._cache is not None and key is not None:
            session._cache._entries.pop(key, None)


def is_answer(name: bytes) -> bool:
    """Whether the piece of that name is one."""
    return name.startswith(_PREFIX)
