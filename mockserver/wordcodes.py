"""Word codes: two bytes a word, telling the lists it is in and how it is written."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from .sequences import Atom

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
_PLAIN_SHAPES = {
    False: (_CAPITAL, re.compile(r"^(?![A-Z][a-z]+$).+", re.MULTILINE)),
    True: (_LOWER, re.compile(r"^(?![a-z]+$).+", re.MULTILINE)),
}
_REMEMBERED_WORDS = 16384


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

    table: dict[str, bytes]
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
    table = _Table(
        lru_cache(_REMEMBERED_WORDS)(lambda word: code_of_mask[read.mask_of_unlisted(word)])
    )
    for words, mask in read.plain:
        table.update(dict.fromkeys(words, code_of_mask[mask]))
    table.update((word, code_of_mask[mask]) for word, mask in read.masks.items())
    all_codes = frozenset(code_of_mask.values())
    return WordCodes(table, coding.codes_of_atoms(), all_codes, coding.start_marker())


class _Table(dict[str, bytes]):
    """Codes of the listed words; the code of any other word is worked out."""

    def __init__(self, code_of: Callable[[str], bytes]) -> None:
        super().__init__()
        self._code_of = code_of

    def __missing__(self, word: str) -> bytes:
        return self._code_of(word)


class _Lists:
    """The lists as masks of bits.

    Most words are plain: spelled as the list's other words are, and in no second list.
    They are handled a list at a time, because a pack has tens of thousands of them.
    """

    def __init__(self, lists: Mapping[str, WordList]) -> None:
        self.bits = dict(_BITS)
        self.plain: list[tuple[set[str], int]] = []  #: Overruled by ``masks``.
        self.masks = {word: mask | _MARK for word, mask in _BUILT_IN_MARKS.items()}
        self._lowered: list[tuple[set[str], int]] = []
        read: list[tuple[set[str], bool, int]] = []
        special: set[str] = set(self.masks)
        for name, word_list in lists.items():
            bit = self.bits[name] = 1 << len(self.bits)
            joined = "\n".join(word_list.words)
            ignore_case = word_list.ignore_case
            if ignore_case and not joined.islower():
                joined = joined.lower()
                words = set(joined.split("\n"))
            else:
                words = set(word_list.words)
            words.discard("")
            special.update(_PLAIN_SHAPES[ignore_case][1].findall(joined))
            read.append((words, ignore_case, bit))
            if ignore_case:
                self._lowered.append((words, bit))
        special |= _shared([words for words, _, _ in read])
        special.update(self._capitalised(read))
        for words, ignore_case, bit in read:
            for word in special & words:
                self.masks[word] = self.masks.get(word, 0) | bit
            self.plain.append((words, bit | _PLAIN_SHAPES[ignore_case][0]))
        for word in self.masks:
            self.masks[word] |= self.mask_of_unlisted(word)

    def mask_of_unlisted(self, word: str) -> int:
        """The shape of a word and its lists that ignore case."""
        lowered = word.lower()
        return _shape_bit(word) | sum(bit for words, bit in self._lowered if lowered in words)

    def possible_masks(self) -> set[int]:
        """Every mask that a word of any text can have."""
        masks = {*self.masks.values(), *(mask for _, mask in self.plain)}
        ignoring = sum(bit for _, bit in self._lowered)
        of_lowered = {mask & ignoring for mask in masks}
        masks.update(mask | _BITS[shape] for mask in of_lowered for shape in SHAPES)
        masks.update([mask | _START for mask in masks])
        return masks

    def _capitalised(self, read: Iterable[tuple[set[str], bool, int]]) -> Iterator[str]:
        """The words of exact lists that some other list has in lower case."""
        lowered = set().union(*(words for words, _ in self._lowered))
        for words, ignore_case, _ in read:
            if not ignore_case:
                both = lowered.intersection("\n".join(words).lower().split("\n"))
                yield from map(str.capitalize, both)


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
            first = lead(codes).end()
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


def _shared(sets: Iterable[set[str]]) -> set[str]:
    """The words that stand in more than one set."""
    shared: set[str] = set()
    for one, other in combinations(sets, 2):
        if not one.isdisjoint(other):
            shared |= one & other
    return shared


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
