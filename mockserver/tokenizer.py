"""Tokenizer: a text's words as tokens, with the offsets and marks a real one gives them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Literal, NamedTuple, TypeAlias, get_args

from .decoders import (
    CONTINUATION,
    METASPACE,
    Decode,
    decode_metaspace,
    decode_wordpiece,
    decode_wordpiece_slowly,
)
from .pieces import LONGEST_WORD, cut_short_word, cut_word
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokenizer:
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
        if self.kind == "metaspace":
            return list(_encode_metaspace(text, words))
        return _encode_wordpiece(text, words, self.lowercase)


_DECODERS: dict[TokenizerKind, Decode] = {
    "wordpiece": decode_wordpiece,
    "wordpiece-slow": decode_wordpiece_slowly,
    "metaspace": decode_metaspace,
}


def _encode_wordpiece(text: str, words: Words, lowercase: bool) -> list[Piece]:
    encoded: list[Piece] = []
    for place, (word, start, end) in enumerate(
        zip(words.texts, words.starts, words.ends, strict=True)
    ):
        length = len(word)
        if (lowercase or length != end - start) and word not in SPECIAL_TOKENS:
            encoded += _encode_altered(text[start:end], start, place, lowercase)
            continue
        pieces = cut_short_word(word) if length <= LONGEST_WORD else None
        if pieces is None or len(pieces) == 1:
            encoded.append(_new_piece((word, start, end, place, False)))
            continue
        for piece in pieces:
            # The pipeline's own test is that the lengths differ, not that "##" is there.
            length = len(piece) - (len(CONTINUATION) if piece is not pieces[0] else 0)
            encoded.append(Piece(piece, start, start + length, place, len(piece) != length))
            start += length
    return encoded


# Nearly all pieces are made here, in half the time that naming their fields takes.
_new_piece: Callable[[tuple[object, ...]], Piece] = partial(tuple.__new__, Piece)


def _encode_altered(stretch: str, start: int, place: int, lowercase: bool) -> Iterator[Piece]:
    """The pieces of a word from which the tokenizer removes or in which it changes letters.

    Where a letter is gone, the piece is shorter than its stretch, and the pipeline takes
    even a first piece to continue the word before it.
    """
    places, letters = _normalize(stretch, lowercase)
    # Folding can uncover punctuation (U+1FEF is a grave accent), and that stands alone.
    for part in _PARTS.finditer(letters):
        position = part.start()
        pieces = cut_word(part.group())
        if pieces is None:
            first, last = places[position], places[part.end() - 1] + 1
            yield Piece(stretch[first:last], start + first, start + last, place, False)
            continue
        for number, piece in enumerate(pieces):
            first = places[position]
            position += len(piece) - (len(CONTINUATION) if number else 0)
            last = places[position - 1] + 1
            yield Piece(piece, start + first, start + last, place, len(piece) != last - first)


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


def _encode_metaspace(text: str, words: Words) -> Iterator[Piece]:
    for place, (start, end) in enumerate(zip(words.starts, words.ends, strict=True)):
        stretch = text[start:end]
        begins = start == 0 or text[start - 1].isspace()
        for number, piece in enumerate(cut_word(stretch) or (stretch,)):
            bare = piece.removeprefix(CONTINUATION) if number else piece
            # A plain space parts words here; a newline or a no-break space does not.
            is_subword = start > 0 and text[start - 1] != " "
            marked = METASPACE + bare if begins and not number else bare
            yield Piece(marked, start, start + len(bare), place, is_subword)
            start += len(bare)
