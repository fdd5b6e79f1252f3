"""Letters: several values drawn as one text, a letter for each.

Hypothesis pays for each choice. A text is one, however long, and shrinks as a list does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

T = TypeVar("T")


class Letters(Generic[T]):
    """Up to so many of at most 256 values, in any order, the first ones simplest."""

    def __init__(self, values: Sequence[T], *, min_size: int = 0, max_size: int) -> None:
        self._values = {chr(ord("0") + place): value for place, value in enumerate(values)}
        self._texts = st.text(list(self._values), min_size=min_size, max_size=max_size)

    def draw(self, draw: DrawFn) -> list[T]:
        """The values that a text stands for."""
        return [self._values[letter] for letter in draw(self._texts)]


def evenly(*pools: Sequence[Any]) -> list[Any]:
    """All values of all pools, those of short ones repeated, so that each pool comes as often."""
    most = max(map(len, pools))
    return [pool[place % len(pool)] for pool in pools for place in range(most)]
