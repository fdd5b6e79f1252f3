"""Word codes: two bytes a word, telling the lists it is in and how it is written."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations, filterfalse

from .sequences import Atom
from .wordmemory import WordMemory

#: The built-in shapes; every word has exactly one of them.
SHAPES = ("capital", "acronym", "initial", "lower", "number", "mixed", "uncased", "mark")
#: Built-in beside the shapes: the first word of a sentence, and any word.
START, ANY = "start", "any"

_BITS = {name: 1 << place for place, name in enumerate((*SHAPES, START, "_stop", "_quote"))}
_CAPITAL, _ACRONYM, _INITIAL, _LOWER = (_BITS[name] for name in SHAPES[:4])
_NUMBER, _MIXED, _UNCASED, _MARK = (_BITS[name] for name in SHAPES[4:])
_START, _STOP, _QUOTE = _BITS[START], _BITS["_stop"], _BITS["_quote"]
_BUILT_IN_MARKS = {
    **dict.fromkeys(".!?…", _STOP),
    **dict.fromkeys("\"'“”‘’«»()[]", _QUOTE),
}
_STOPS = frozenset(word for word, mask in _BUILT_IN_MARKS.items() if mask == _STOP)
#: So many words are not looked at one by one.
_BIG = 1000
_MOST_KNOWN = 16384


def shape_of(word: str) -> str:
    """The built-in shape of a word."""
    return SHAPES[_shape_bit(word).bit_length() - 1]


@dataclass(frozen=True, slots=True)
class WordList:
    """Words that sequences call by one name."""

    words: Collection[str]
    ignore_case: bool


@dataclass(frozen=True, slots=True)
class WordCodes:
    """The table that encodes words, and what the codes of each atom are."""

    table: Mapping[str, bytes]
    codes: Mapping[Atom, frozenset[bytes]]  #: Those of the words that fit each atom.
    all_codes: frozenset[bytes]
    mark_starts: Callable[[bytes, Iterable[int], bool], bytes]

    def encode(self, texts: Collection[str], line_starts: Iterable[int] = ()) -> bytes:
        """Two bytes a word. ``line_starts`` are words that open a line, and so a sentence."""
        codes = b"".join(map(self.table.__getitem__, texts))
        return self.mark_starts(codes, line_starts, not _STOPS.isdisjoint(texts))

    def expressions(self) -> dict[Atom, bytes]:
        """Each atom as a regular expression that matches the codes of its words."""
        return {atom: _one_of(codes) for atom, codes in self.codes.items()}


def build_word_codes(lists: Mapping[str, WordList], atoms: Iterable[Atom]) -> WordCodes:
    """The codes that tell apart what ``atoms`` tell apart, and nothing more."""
    read = _Lists(lists)
    coding = _Coding(read.possible_masks(), read.bits, atoms)
    code_of_mask = coding.code_of_mask
    table = WordMemory(lambda word: code_of_mask[read.mask_of(word)], most=_MOST_KNOWN)
    all_codes = frozenset(code_of_mask.values())
    return WordCodes(table, coding.codes_of_atoms(), all_codes, coding.start_marker())


class _Lists:
    """The lists as masks of bits.

    A pack has tens of thousands of words. So those that are in one big list alone are never
    looked at one by one: which masks they have follows from the list's.
    """

    def __init__(self, lists: Mapping[str, WordList]) -> None:
        self.bits = dict(_BITS)
        exact: list[tuple[Collection[str], int]] = []
        lowered: list[tuple[Collection[str], int]] = []
        for name, word_list in lists.items():
            bit = self.bits[name] = 1 << len(self.bits)
            if word_list.ignore_case:
                lowered.append((_lower(word_list.words), bit))
            else:
                exact.append((word_list.words, bit))
        exact += [((word,), mask) for word, mask in _BUILT_IN_MARKS.items()]
        self._exact = _Membership(exact)
        self._lowered = _Membership(lowered)

    def mask_of(self, word: str) -> int:
        """The shape of a word and its lists."""
        return _shape_bit(word) | self._exact.of(word) | self._lowered.of(word.lower())

    def possible_masks(self) -> set[int]:
        """Every mask that a word of any text can have."""
        masks = {
            _shape_bit(word) | bits | self._lowered.of(word.lower())
            for word, bits in self._exact.special.items()
        }
        for exact in (0, *(bit for _, bit in self._exact.big)):
            for lowered in self._lowered.possible():
                masks.update(exact | lowered | _BITS[shape] for shape in SHAPES)
        masks.update([mask | _START for mask in masks])
        return masks


class _Membership:
    """Which of several lists words are in, as bits."""

    def __init__(self, lists: Iterable[tuple[Collection[str], int]]) -> None:
        #: The bits of words that are in a small list, or in more than one.
        self.special: dict[str, int] = {}
        self.big: list[tuple[frozenset[str], int]] = []
        special = self.special
        for words, bit in lists:
            if len(words) >= _BIG:
                self.big.append((frozenset(words), bit))
                continue
            for word in words:
                special[word] = special.get(word, 0) | bit
        for words, bit in self.big:
            for word in words.intersection(special):
                special[word] |= bit
        for (words, bit), (others, other_bit) in combinations(self.big, 2):
            for word in words & others:
                special[word] = special.get(word, 0) | bit | other_bit
        special.pop("", None)

    def of(self, word: str) -> int:
        """The bits of the lists that have the word."""
        found = self.special.get(word)
        if found is not None:
            return found
        for words, bit in self.big:
            if word in words:
                return bit
        return 0

    def possible(self) -> set[int]:
        """The bits that words can have."""
        return {0, *self.special.values(), *(bit for _, bit in self.big)}


def _lower(words: Collection[str]) -> Collection[str]:
    """The words with all those in lower case that aren't."""
    others = list(filterfalse(str.islower, words))
    return frozenset(words).union(map(str.lower, others)) if others else words


class _Coding:
    """Numbers the masks; masks that all atoms treat alike share a code.

    The first byte of a code is above 127 and the second below, so an expression over codes
    can't match between two words.
    """

    def __init__(self, masks: set[int], bits: Mapping[str, int], atoms: Iterable[Atom]) -> None:
        self._atoms = list(atoms)
        self._met = dict.fromkeys(masks, 0)
        for place, atom in enumerate(self._atoms):
            needs = sum(bits[name] for name in atom.needs if name != ANY)
            bits_read = needs | sum(bits[name] for name in atom.avoids)
            for mask in [mask for mask in masks if mask & bits_read == needs]:
                self._met[mask] |= 1 << place
        self._no_end = bits.get("abbreviation", 0) | _INITIAL
        kept = _START | _STOP | _QUOTE | self._no_end
        self.code_of_mask: dict[int, bytes] = {}
        self._number([mask for mask in masks if not self._met[mask]], kept, 0)
        numbered = len(set(self.code_of_mask.values()))
        # Codes that fit no atom share no first byte with the others.
        whole = -(-numbered // 128) * 128
        self._number([mask for mask in masks if self._met[mask]], kept, whole)

    def _number(self, masks: Iterable[int], kept: int, first: int) -> None:
        """Give codes to the masks, from that number on."""
        numbers: dict[tuple[int, int, int], bytes] = {}
        for mask in sorted(masks):
            number = first + len(numbers)
            code = bytes((128 + number // 128, number % 128))
            alike = (self._met[mask], self._met[mask | _START], mask & kept)
            self.code_of_mask[mask] = numbers.setdefault(alike, code)

    def codes_of_atoms(self) -> dict[Atom, frozenset[bytes]]:
        """The codes of the words that fit each atom."""
        met_by_code = {code: self._met[mask] for mask, code in self.code_of_mask.items()}
        return {
            atom: frozenset(code for code, met in met_by_code.items() if met >> place & 1)
            for place, atom in enumerate(self._atoms)
        }

    def start_marker(self) -> Callable[[bytes, Iterable[int], bool], bytes]:
        """What gives the words that open a sentence their other codes.

        It is told which words open a line, and whether any word is a full stop.
        """
        masks = self.code_of_mask
        started = {code: masks[mask | _START] for mask, code in masks.items()}
        # A full stop after an initial or an abbreviation ends no sentence.
        whole = _one_of({code for mask, code in masks.items() if not mask & self._no_end})
        ends = _one_of({code for mask, code in masks.items() if mask & _STOP})
        closing = _one_of({code for mask, code in masks.items() if mask & (_STOP | _QUOTE)})
        lead = re.compile(closing + b"*+").match
        search = re.compile(whole + ends + closing + b"*+(?=(..)|\\Z)", re.DOTALL).finditer

        def mark_starts(codes: bytes, line_starts: Iterable[int], has_stops: bool) -> bytes:
            first = lead(codes).end()  # type: ignore[union-attr]  # It matches nothing as well.
            later = [2 * place for place in line_starts]
            if has_stops:
                # A text that ends in full stops has no word there to mark: start(1) is -1.
                later += [place for match in search(codes, first) if (place := match.start(1)) > 0]
            if not later:
                second = first + 2
                return codes[:first] + started.get(codes[first:second], b"") + codes[second:]
            marked = bytearray(codes)
            for place in (first, *later):
                marked[place : place + 2] = started.get(codes[place : place + 2], b"")
            return bytes(marked)

        return mark_starts


def _one_of(codes: Iterable[bytes]) -> bytes:
    """An expression that matches any of ``codes``."""
    seconds: dict[int, list[int]] = {}
    for first, second in sorted(codes):
        seconds.setdefault(first, []).append(second)
    if not seconds:
        return rb"[^\x00-\xff]"
    choices = [
        b"\\x%02x[" % first + b"".join(b"\\x%02x" % each for each in second) + b"]"
        for first, second in seconds.items()
    ]
    return b"(?:" + b"|".join(choices) + b")"


def _shape_bit(word: str) -> int:
    head = word[0]
    if head.islower():
        return _LOWER
    if head.isupper():
        if len(word) == 1:
            return _INITIAL
        return _ACRONYM if word.isupper() else _CAPITAL
    if head.isdigit():
        return _NUMBER if word.isdecimal() else _MIXED
    return _UNCASED if head.isalpha() else _MARK
