"""Word kinds: how a word is written and which lists it is in, as a number of one bit each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations, filterfalse

from .sortedwords import SortedWords

#: The built-in shapes; every word has exactly one of them.
SHAPES = ("capital", "acronym", "initial", "lower", "number", "mixed", "uncased", "mark")
#: Built-in beside the shapes: the first word of a sentence, and any word.
START, ANY = "start", "any"

_BITS = {name: 1 << place for place, name in enumerate((*SHAPES, START, "_stop", "_quote"))}
_CAPITAL, _ACRONYM, INITIAL_BIT, _LOWER = (_BITS[name] for name in SHAPES[:4])
_NUMBER, _MIXED, _UNCASED, _MARK = (_BITS[name] for name in SHAPES[4:])
START_BIT, STOP_BIT, QUOTE_BIT = _BITS[START], _BITS["_stop"], _BITS["_quote"]
_BUILT_IN_MARKS = {
    **dict.fromkeys(".!?…", STOP_BIT),
    **dict.fromkeys("\"'“”‘’«»()[]", QUOTE_BIT),
}
STOPS = frozenset(word for word, bit in _BUILT_IN_MARKS.items() if bit == STOP_BIT)
#: So many words are not looked at one by one.
_BIG = 1000


def shape_of(word: str) -> str:
    """The built-in shape of a word."""
    return SHAPES[_shape_bit(word).bit_length() - 1]


@dataclass(frozen=True, slots=True)
class WordList:
    """Words that sequences call by one name."""

    words: Collection[str]
    ignore_case: bool


class WordKinds:
    """The lists that sequences speak of, by which the kinds of words are told.

    That a word opens a sentence is no part of its kind, but has a bit for whom it concerns.
    """

    def __init__(self, lists: Mapping[str, WordList]) -> None:
        self.bits = dict(_BITS)
        exact: list[tuple[Collection[str], int]] = []
        lowered: list[tuple[Collection[str], int]] = []
        for place, (name, word_list) in enumerate(lists.items(), len(_BITS)):
            bit = self.bits[name] = 1 << place
            if word_list.ignore_case:
                lowered += [(words, bit) for words in _lower(word_list.words)]
            else:
                exact.append((word_list.words, bit))
        exact += [((word,), mask) for word, mask in _BUILT_IN_MARKS.items()]
        self._exact = _Membership(exact)
        self._lowered = _Membership(lowered)

    def of(self, word: str) -> int:
        """The kind of a word."""
        return _shape_bit(word) | self._exact.of(word) | self._lowered.of(word.lower())

    def possible(self) -> set[int]:
        """Every kind that a word of any text can have.

        A pack has tens of thousands of words. So those that are in one big list alone are not
        looked at one by one: which kinds they have follows from the list's.
        """
        kinds = {
            _shape_bit(word) | bits | self._lowered.of(word.lower())
            for word, bits in self._exact.special().items()
        }
        bits_of_lowered = {0, *self._lowered.special().values()}
        bits_of_lowered.update(bit for _, bit in self._lowered.big)
        for exact_bit in (0, *(bit for _, bit in self._exact.big)):
            for lowered_bits in bits_of_lowered:
                kinds.update(exact_bit | lowered_bits | _BITS[shape] for shape in SHAPES)
        return kinds

    def spell(self, kinds: Iterable[int]) -> list[str]:
        """The kinds as names with blanks between them."""
        names = self.bits.items()
        return sorted(" ".join([name for name, bit in names if kind & bit]) for kind in kinds)

    def read(self, spelled: Iterable[str]) -> set[int]:
        """The kinds that :meth:`spell` gave."""
        bit_of = self.bits.__getitem__
        return {sum(map(bit_of, names.split(" "))) for names in spelled}


class _Membership:
    """Which of several lists words are in, as bits."""

    def __init__(self, lists: Iterable[tuple[Collection[str], int]]) -> None:
        self.big: list[tuple[Collection[str], int]] = []
        #: The bits of words that are in small lists, from these alone.
        self._small: dict[str, int] = {}
        small = self._small
        for words, bit in lists:
            if isinstance(words, SortedWords) and words.are_many:
                self.big.append((words, bit))
            elif len(words) >= _BIG:
                self.big.append((frozenset(words), bit))
            else:
                for word in words:
                    small[word] = small.get(word, 0) | bit
        small.pop("", None)

    def of(self, word: str) -> int:
        """The bits of the lists that have the word."""
        bits = self._small.get(word, 0)
        for words, bit in self.big:
            if word in words:
                bits |= bit
        return bits

    def special(self) -> dict[str, int]:
        """The bits of words that are in a small list, or in more than one."""
        special = dict(self._small)
        big = [(frozenset(words), bit) for words, bit in self.big]
        for words, bit in big:
            for word in words.intersection(special):
                special[word] |= bit
        for (words, bit), (others, other_bit) in combinations(big, 2):
            for word in words & others:
                special[word] = special.get(word, 0) | bit | other_bit
        special.pop("", None)
        return special


def _lower(words: Collection[str]) -> list[Collection[str]]:
    """Collections that have the words in lower case; what else they have is in no lower case."""
    if isinstance(words, SortedWords):
        return [words, words.others_lowered()]
    others = list(filterfalse(str.islower, words))
    return [frozenset(words).union(map(str.lower, others)) if others else words]


def _shape_bit(word: str) -> int:
    head = word[0]
    if head.islower():
        return _LOWER
    if head.isupper():
        if len(word) == 1:
            return INITIAL_BIT
        return _ACRONYM if word.isupper() else _CAPITAL
    if head.isdigit():
        return _NUMBER if word.isdecimal() else _MIXED
    return _UNCASED if head.isalpha() else _MARK
