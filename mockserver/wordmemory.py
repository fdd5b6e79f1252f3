"""Word memory: what has been worked out of words, kept while there is room."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

_Value = TypeVar("_Value")

#: Longer words are rare, take more memory and may be secret: a token of the hub is longer.
LONGEST_KEPT = 24
MOST_KEPT = 8192


class WordMemory(dict[str, _Value]):
    """A dictionary that works out the value of a word that it lacks.

    A pure function is behind it, so threads may share it. It forgets everything when it is
    full, which costs less than to note what was asked for last.
    """

    def __init__(self, work_out: Callable[[str], _Value], *, most: int = MOST_KEPT) -> None:
        super().__init__()
        self._work_out = work_out
        self._most = most

    def __missing__(self, word: str) -> _Value:
        value = self._work_out(word)
        if len(word) <= LONGEST_KEPT:
            if len(self) >= self._most:
                self.clear()
            self[word] = value
        return value
