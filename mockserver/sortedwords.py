"""Sorted words: a long list of words that is kept as the text it stands in."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator
from string import ascii_lowercase

#: A set is made when so many characters of the text have been there for each word looked for.
#: Until then both ways cost about the same.
_CHARACTERS_A_LOOK = 256
_LONG = 10_000
#: No word has this character, which is deleted before words are cut.
_LAST = chr(sys.maxunicode)
_PLAIN = f"{ascii_lowercase}\n".encode()


class SortedWords(Collection[str]):
    """Words that stand one a line, each line ended and in the order of code points.

    A few words are looked for in the text by bisection. For many a set is made, which takes
    longer than to read the text by far, and which most texts need not wait for.
    """

    __slots__ = ("_looks_left", "_set", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._looks_left = len(text) // _CHARACTERS_A_LOOK
        self._set: frozenset[str] | None = None

    @property
    def are_many(self) -> bool:
        """Whether they are so many that one doesn't want to go through them."""
        return len(self.text) >= _LONG

    def __len__(self) -> int:
        return self.text.count("\n")

    def __iter__(self) -> Iterator[str]:
        return iter(self.text.split("\n")[:-1])

    def __contains__(self, word: object) -> bool:
        if self._set is not None:
            return word in self._set
        if self._looks_left <= 0:
            self._set = frozenset(self)
            return word in self._set
        self._looks_left -= 1
        return isinstance(word, str) and self.text.startswith(f"{word}\n", self._place_of(word))

    def others_lowered(self) -> frozenset[str]:
        """The words that have characters beside a to z, in lower case."""
        text = self.text
        others: set[str] = set()
        for character in set(text.encode().translate(None, _PLAIN).decode()):
            place = text.find(character)
            while place >= 0:
                end = text.index("\n", place)
                others.add(text[text.rfind("\n", 0, place) + 1 : end].lower())
                place = text.find(character, end)
        return frozenset(others)

    def starting_with(self, word: str) -> list[str]:
        """The lines that begin with the word and not with a longer one."""
        text, place, length = self.text, self._place_of(word), len(word)
        if not text.startswith(word, place):
            return []
        lines = text[place : self._place_of(word + _LAST)].split("\n")[:-1]
        if not word[-1].isalnum():
            return lines  # A mark is a word by itself.
        return [line for line in lines if not line[length : length + 1].isalnum()]

    def _place_of(self, word: str) -> int:
        """Where the first line begins that does not stand before the word."""
        text = self.text
        low, high = 0, len(text)
        while low < high:
            start = text.rfind("\n", low, (low + high) // 2) + 1 or low
            end = text.index("\n", start)
            if text[start:end] < word:
                low = end + 1
            else:
                high = start
        return low


def sort_words(words: Iterable[str]) -> SortedWords:
    """The words in the order of their code points, each once."""
    return SortedWords("".join([f"{word}\n" for word in sorted(set(words))]))
