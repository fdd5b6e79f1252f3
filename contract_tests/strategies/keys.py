"""Keys: which fields an object has, and in which order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from .letters import Letters

_OFTEN = 4


class Keys:
    """One to three of the names, seldom none or all, and always those ``beside``, first or not.

    Few keys come more often, as in what people send. A minimal case has no key that plays no part,
    but where all came at once, which is one letter: Hypothesis doesn't make a text longer.
    """

    def __init__(self, *names: str, beside: tuple[str, ...] = ()) -> None:
        self._beside = beside
        after = [(*beside, name) for name in names]
        before = [(name,) for name in names]
        self._letters: Letters[tuple[str, ...]] = Letters(
            [*[beside] * _OFTEN, *after * _OFTEN, *before * _OFTEN, names], min_size=1, max_size=3
        )

    def draw(self, draw: DrawFn) -> list[str]:
        """The names, each once, in any order."""
        drawn = [name for names in self._letters.draw(draw) for name in names]
        return [*dict.fromkeys((*drawn, *self._beside))]


@st.composite
def some_of(draw: DrawFn, values: Mapping[str, SearchStrategy[Any]], keys: Keys) -> dict[str, Any]:
    """Objects with some of the keys."""
    return {name: draw(values[name]) for name in keys.draw(draw)}
