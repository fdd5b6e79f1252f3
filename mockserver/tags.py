"""Tags: what a word is taken for by itself, in packs that label every word.

.. code-block:: toml

    [tags]
    default = "NOUN"

    [tags.lists]
    pronoun = "PRON"

    [tags.endings]
    ly = "ADV"

    [tags.shapes]
    capital = "PROPN"

The first list of ``[tags.lists]`` that has the word decides. A word in none of them has the
tag of its shape, and a word without a tag for its shape that of its longest ending. Then
``default`` is left. Sequences and the other rules change what this makes of a word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from .candidates import Claim
from .wordkinds import WordList, shape_of
from .wordmemory import WordMemory

_REMEMBERED_WORDS = 16384
_LONGEST_ENDING = 8


class Tags(NamedTuple):
    """The claim that each word has by itself."""

    table: dict[str, Claim]

    def tag(self, texts: Iterable[str]) -> list[Claim]:
        """One claim a word."""
        return list(map(self.table.__getitem__, texts))


class _Table(dict[str, Claim]):
    """The claims on listed words; the claim on any other word is worked out."""

    def __init__(self, claim_of: Callable[[str], Claim]) -> None:
        super().__init__()
        self._claim_of = claim_of

    def __missing__(self, word: str) -> Claim:
        return self._claim_of(word)


def build_tags(
    lists: Iterable[tuple[WordList, Claim]],
    endings: Mapping[str, Claim],
    shapes: Mapping[str, Claim],
    default: Claim,
) -> Tags:
    """The claims that lists, endings and shapes make, the first list first."""
    lowered: dict[str, Claim] = {}

    def claim_of(word: str) -> Claim:
        small = word.lower()
        claim = lowered.get(small) or shapes.get(shape_of(word))
        if claim is not None:
            return claim
        longest = min(len(small) - 1, _LONGEST_ENDING)
        found = (endings.get(small[-length:]) for length in range(longest, 0, -1))
        return next(filter(None, found), default)

    table = _Table(WordMemory(claim_of, most=_REMEMBERED_WORDS).__getitem__)
    for word_list, claim in reversed(list(lists)):
        if word_list.ignore_case:
            words = map(str.lower, word_list.words)
            lowered.update(dict.fromkeys(words, claim))
        else:
            table.update(dict.fromkeys(word_list.words, claim))
    table.update({word: claim for word, claim in lowered.items() if word not in table})
    return Tags(table)
