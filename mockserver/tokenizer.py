"""Tokenizer: a text's words as tokens, with the offsets and marks a real one gives them."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import accumulate
from typing import Literal, NamedTuple, TypeAlias, get_args

from .decoders import (
    CONTINUATION,
    METASPACE,
    Decode,
    decode_metaspace,
    decode_wordpiece,
    decode_wordpiece_slowly,
)
from .pieces import cut_word
from .wordmemory import WordMemory
from .words import SPECIAL_TOKENS, Words, is_deleted

TokenizerKind: TypeAlias = Literal["wordpiece", "wordpiece-slow", "metaspace"]
TOKENIZER_KINDS: tuple[TokenizerKind, ...] = get_args(TokenizerKind)


_PARTS = re.compile(r"[!-/:-@\[-`{-~]|[^!-/:-@\[-`{-~]+")


class Piece(NamedTuple):
    """A real token of a text; special tokens are never among them."""

    piece: str  #: The vocabulary's string, or the text slice of an unknown token.
    start: int  #: First code point of the text.
    end: int  #: One past the last.
    word: int  #: Which word the token belongs to.
    is_subword: bool  #: Whether the pipeline takes it to continue the word before it.


# In half the time that naming the fields takes.
_new_piece: Callable[[tuple[object, ...]], Piece] = partial(tuple.__new__, Piece)

#: Of each piece of a word: its string, where it stands in the word, and whether it is a subword.
Cut: TypeAlias = tuple[tuple[str, int, int, bool], ...]


@dataclass(slots=True, eq=False, repr=False)  # As Words, not frozen for speed.
class Encoding:
    """The tokens of a text. There can be millions, so each is put together when asked for."""

    text: str
    words: Words
    size: int  #: How many tokens there are.
    _cuts: list[Cut]
    _firsts: list[int]  #: The first token of each word, then one past the last of all.
    _tells_blanks: bool  #: Whether pieces tell of the blanks before them.

    def first_of(self, word: int) -> int:
        """The first token of a word, or of the next one that has any."""
        return self._firsts[word]

    def pieces(self, first: int = 0, last: int | None = None) -> list[Piece]:
        """The tokens from ``first`` to before ``last``."""
        if last is None:
            last = self.size
        if first >= last:
            return []
        low, high = bisect_right(self._firsts, first) - 1, bisect_left(self._firsts, last)
        skipped = first - self._firsts[low]
        return self.pieces_of(low, high)[skipped : skipped + last - first]

    def pieces_of(self, first: int, last: int) -> list[Piece]:
        """The tokens of the words from ``first`` to before ``last``."""
        starts, cuts = self.words.starts, self._cuts
        pieces = []
        for word in range(first, last):
            offset = starts[word]
            cut = self._tell_blank(offset, cuts[word]) if self._tells_blanks else cuts[word]
            for piece, start, end, is_subword in cut:
                pieces.append(_new_piece((piece, offset + start, offset + end, word, is_subword)))
        if self._firsts[last] > self.size:
            del pieces[max(0, self.size - self._firsts[first]) :]
        return pieces

    def is_subword(self, place: int) -> bool:
        """Whether the pipeline takes that token to continue the word before it."""
        word = bisect_right(self._firsts, place) - 1
        number = place - self._firsts[word]
        cut = self._cuts[word]
        if self._tells_blanks and not number:
            cut = self._tell_blank(self.words.starts[word], cut)
        return cut[number][3]

    def _tell_blank(self, offset: int, cut: Cut) -> Cut:
        """The pieces of a word that stands there, its first one marked if a blank is before it."""
        before = self.text[offset - 1 : offset]
        piece, start, end, _ = cut[0]
        marked = piece if before and not before.isspace() else METASPACE + piece
        # A plain space parts words here; a newline or a no-break space does not.
        return (marked, start, end, before not in ("", " ")), *cut[1:]


class Tokenizer(NamedTuple):
    """How a model cuts texts and joins pieces."""

    kind: TokenizerKind = "wordpiece"
    lowercase: bool = False  #: Lower-cases and strips accents, as uncased models do.
    max_length: int = 512  #: Tokens in the longest window, [CLS] and [SEP] counted.

    @property
    def is_fast(self) -> bool:
        """Whether tokens know their place in the text; those of slow tokenizers don't."""
        return self.kind != "wordpiece-slow"

    @property
    def decode(self) -> Decode:
        """The function that joins this tokenizer's pieces into text."""
        return _DECODERS[self.kind]

    def encode(self, text: str, words: Words) -> list[Piece]:
        """The tokens of ``text``, whose words are given, in text order."""
        return self.tokenize(text, words).pieces()

    def tokenize(self, text: str, words: Words, *, most: int | None = None) -> Encoding:
        """The same, nothing put together yet; with ``most``, the first so many tokens."""
        is_metaspace = self.kind == "metaspace"
        if is_metaspace or self.lowercase:
            cut_of = _CUT_METASPACE if is_metaspace else _CUT_LOWERED
            cuts = [
                cut_of[text[start:end]] for start, end in zip(words.starts, words.ends, strict=True)
            ]
        else:
            cuts = list(map(_CUT_CASED.__getitem__, words.texts))
            for place in words.shortened:
                cuts[place] = _cut_altered(text[words.starts[place] : words.ends[place]])
        firsts = list(accumulate(map(len, cuts), initial=0))
        size = firsts[-1] if most is None else min(firsts[-1], most)
        return Encoding(text, words, size, cuts, firsts, is_metaspace)


_DECODERS: dict[TokenizerKind, Decode] = {
    "wordpiece": decode_wordpiece,
    "wordpiece-slow": decode_wordpiece_slowly,
    "metaspace": decode_metaspace,
}


def _cut_cased(word: str) -> Cut:
    return tuple(_place(cut_word(word) or (word,)))


def _cut_metaspace(stretch: str) -> Cut:
    pieces = _place(cut_word(stretch) or (stretch,))
    return tuple(
        (piece.removeprefix(CONTINUATION) if start else piece, start, end, bool(start))
        for piece, start, end, _ in pieces
    )


def _place(pieces: tuple[str, ...]) -> Iterator[tuple[str, int, int, bool]]:
    """The pieces of a word with their places in it."""
    place = 0
    for number, piece in enumerate(pieces):
        # The pipeline's own test is that the lengths differ, not that "##" is there.
        length = len(piece) - (len(CONTINUATION) if number else 0)
        yield piece, place, place + length, len(piece) != length
        place += length


def _cut_lowered(stretch: str) -> Cut:
    return _cut_altered(stretch, lowercase=True)


def _cut_altered(stretch: str, *, lowercase: bool = False) -> Cut:
    """The pieces of a word from which the tokenizer removes or in which it changes letters.

    Where a letter is gone, the piece is shorter than its stretch, and the pipeline takes
    even a first piece to continue the word before it.
    """
    if stretch in SPECIAL_TOKENS:
        return ((stretch, 0, len(stretch), False),)
    places, letters = _normalize(stretch, lowercase)
    cut: list[tuple[str, int, int, bool]] = []
    # Folding can uncover punctuation (U+1FEF is a grave accent), and that stands alone.
    for part in _PARTS.finditer(letters):
        position = part.start()
        pieces = cut_word(part.group())
        if pieces is None:
            first, last = places[position], places[part.end() - 1] + 1
            cut.append((stretch[first:last], first, last, False))
            continue
        for number, piece in enumerate(pieces):
            first = places[position]
            position += len(piece) - (len(CONTINUATION) if number else 0)
            last = places[position - 1] + 1
            cut.append((piece, first, last, len(piece) != last - first))
    return tuple(cut)


def _normalize(stretch: str, lowercase: bool) -> tuple[list[int], str]:
    """The letters that remain of a stretch and, of each, its place in the stretch."""
    places: list[int] = []
    letters: list[str] = []
    for place, character in enumerate(stretch):
        if is_deleted(character):
            continue
        kept = _fold(character) if lowercase else character
        places.extend([place] * len(kept))
        letters.append(kept)
    return places, "".join(letters)


@lru_cache(maxsize=4096)
def _fold(character: str) -> str:
    decomposed = unicodedata.normalize("NFD", character.lower())
    return "".join(part for part in decomposed if unicodedata.category(part) != "Mn")


_CUT_CASED = WordMemory(_cut_cased)
_CUT_LOWERED = WordMemory(_cut_lowered)
_CUT_METASPACE = WordMemory(_cut_metaspace)
