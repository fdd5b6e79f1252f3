"""Word codes: two bytes a word, telling apart the kinds of words that sequences tell apart."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import compress

from .sequences import Atom
from .wordkinds import (
    ANY,
    INITIAL_BIT,
    QUOTE_BIT,
    START_BIT,
    STOP_BIT,
    STOPS,
    WordKinds,
    WordList,
)
from .wordmemory import WordMemory

_MOST_KNOWN = 16384


@dataclass(frozen=True, slots=True)
class WordCodes:
    """The table that encodes words, and what the codes of each atom are."""

    table: Mapping[str, bytes]
    codes: Mapping[Atom, frozenset[bytes]]  #: Those of the words that fit each atom.
    all_codes: frozenset[bytes]
    mark_starts: Callable[[bytes, Iterable[int], bool], bytes]
    spell_kinds: Callable[[], list[str]]  #: Names the kinds that words can have.

    def encode(self, texts: Collection[str], line_starts: Iterable[int] = ()) -> bytes:
        """Two bytes a word. ``line_starts`` are words that open a line, and so a sentence."""
        codes = b"".join(map(self.table.__getitem__, texts))
        return self.mark_starts(codes, line_starts, not STOPS.isdisjoint(texts))

    def express(self, atom: Atom) -> bytes:
        """The atom as a regular expression that matches the codes of its words."""
        return _one_of(self.codes[atom])


def build_word_codes(
    lists: Mapping[str, WordList], atoms: Iterable[Atom], kinds: Iterable[str] | None = None
) -> WordCodes:
    """The codes that tell apart what ``atoms`` tell apart, and nothing more.

    ``kinds`` are those that words can have, as they are spelled; to find them out takes long.
    """
    read = WordKinds(lists)
    possible = read.possible() if kinds is None else read.read(kinds)
    coding = _Coding(possible, read.bits, atoms)
    code_of_kind = coding.code_of_kind
    table = WordMemory(lambda word: code_of_kind[read.of(word)], most=_MOST_KNOWN)
    all_codes = frozenset(code_of_kind.values())
    return WordCodes(
        table,
        coding.codes_of_atoms(),
        all_codes,
        coding.start_marker(),
        partial(read.spell, possible),
    )


class _Coding:
    """Numbers the kinds; those that all atoms treat alike share a code.

    The first byte of a code is above 127 and the second below, so an expression over codes
    can't match between two words.
    """

    def __init__(self, kinds: set[int], bits: Mapping[str, int], atoms: Iterable[Atom]) -> None:
        self._atoms = list(atoms)
        self._kinds = list(kinds)
        self._fits = list(_fitting(self._kinds, bits, self._atoms))
        self._kinds += [kind | START_BIT for kind in kinds]
        self._no_end = bits.get("abbreviation", 0) | INITIAL_BIT
        self.code_of_kind: dict[int, bytes] = {}
        self._number_kinds()

    def _number_kinds(self) -> None:
        fits, count = b"".join(self._fits), len(self._kinds)
        met = {kind: fits[place::count] for place, kind in enumerate(self._kinds)}
        dead = [kind for kind in met if 1 not in met[kind]]
        self._number(dead, met, 0)
        numbered = len(set(self.code_of_kind.values()))
        # Codes that fit no atom share no first byte with the others.
        whole = -(-numbered // 128) * 128
        self._number(met.keys() - dead, met, whole)

    def _number(self, kinds: Iterable[int], met: Mapping[int, bytes], first: int) -> None:
        """Give codes to the kinds, from that number on."""
        kept = START_BIT | STOP_BIT | QUOTE_BIT | self._no_end
        numbers: dict[tuple[bytes, bytes, int], bytes] = {}
        for kind in sorted(kinds):
            number = first + len(numbers)
            code = bytes((128 + number // 128, number % 128))
            alike = (met[kind], met[kind | START_BIT], kind & kept)
            self.code_of_kind[kind] = numbers.setdefault(alike, code)

    def codes_of_atoms(self) -> dict[Atom, frozenset[bytes]]:
        """The codes of the words that fit each atom."""
        codes = list(map(self.code_of_kind.__getitem__, self._kinds))
        return {
            atom: frozenset(compress(codes, fits))
            for atom, fits in zip(self._atoms, self._fits, strict=True)
        }

    def start_marker(self) -> Callable[[bytes, Iterable[int], bool], bytes]:
        """What gives the words that open a sentence their other codes.

        It is told which words open a line, and whether any word is a full stop.
        """
        coded = self.code_of_kind
        started = {code: coded[kind | START_BIT] for kind, code in coded.items()}
        # A full stop after an initial or an abbreviation ends no sentence.
        whole = _one_of({code for kind, code in coded.items() if not kind & self._no_end})
        ends = _one_of({code for kind, code in coded.items() if kind & STOP_BIT})
        closing = _one_of({code for kind, code in coded.items() if kind & (STOP_BIT | QUOTE_BIT)})
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
    seconds: dict[int, list[list[int]]] = {}
    for first, second in sorted(codes):
        runs = seconds.setdefault(first, [])
        if runs and runs[-1][1] == second - 1:
            runs[-1][1] = second
        else:
            runs.append([second, second])
    if not seconds:
        return rb"[^\x00-\xff]"
    choices = [
        b"\\x%02x[%b]" % (first, b"".join([b"\\x%02x-\\x%02x" % tuple(run) for run in runs]))
        for first, runs in seconds.items()
    ]
    return b"(?:" + b"|".join(choices) + b")"


def _fitting(
    kinds: Sequence[int], bits: Mapping[str, int], atoms: Iterable[Atom]
) -> Iterator[bytes]:
    """For each atom a byte for each kind, then one for each at a sentence's start: 1 if it fits."""
    count = len(kinds)
    # A list may be called like a shape, whose bit then has no name.
    width = max(bits.values()).bit_length()
    having = {1 << place: bytearray(2 * count) for place in range(width)}
    having[START_BIT] = bytearray(count) + b"\1" * count
    for place, kind in enumerate(kinds):
        left = kind
        while left:
            bit = left & -left
            having[bit][place] = having[bit][place + count] = 1
            left ^= bit
    # As numbers, all bytes of two names are combined at once.
    every = int.from_bytes(b"\1" * (2 * count), "big")
    numbers = {
        ANY: every,
        **{name: int.from_bytes(having[bit], "big") for name, bit in bits.items()},
    }
    for atom in atoms:
        fits = every
        for name in atom.needs:
            if name != ANY:
                fits &= numbers[name]
        for name in atom.avoids:
            fits &= ~numbers[name]
        yield fits.to_bytes(2 * count, "big")
