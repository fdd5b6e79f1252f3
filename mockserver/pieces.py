"""Pieces: how one word falls into vocabulary pieces.

There is no vocabulary of thirty thousand pieces here. Which words are whole and where the
others are cut follows from their letters alone, so equal words are cut equally everywhere.
"""

from __future__ import annotations

import unicodedata
from zlib import crc32

from .decoders import CONTINUATION
from .words import SPECIAL_TOKENS

LONGEST_WORD = 100  #: A longer word is one unknown token, as in BERT's WordPiece.

_ALWAYS_WHOLE = 4  # Letters. Real vocabularies hold nearly all words that short.
_SUFFIXES = ("ing", "tion", "ment", "ness", "ers", "ed", "er", "ly", "s")
_SHORTEST_STEM = 3


def cut_word(word: str) -> tuple[str, ...] | None:
    """The WordPiece pieces of a word, or None when the vocabulary can't spell it.

    All pieces but the first begin with ``##``. Emoji and other symbols are in no piece, and
    one of them makes the whole word unknown, as in BERT.
    """
    if len(word) > LONGEST_WORD:
        return None
    if (len(word) <= _ALWAYS_WHOLE and word.isascii()) or word in SPECIAL_TOKENS:
        return (word,)
    if not all(map(_can_spell, word)):
        return None
    if _is_whole(word):
        return (word,)
    first, *others = _parts(word)
    return (first, *(CONTINUATION + part for part in others))


def _can_spell(character: str) -> bool:
    return unicodedata.category(character) not in {"So", "Sk", "Lm"}


def _is_whole(word: str) -> bool:
    """Whether the vocabulary holds the word: the longer, the less likely."""
    if word.isdigit():
        return len(word) <= _ALWAYS_WHOLE
    # Lower-case words are common ones more often than names are.
    allowance = 11 if word.islower() else 7
    return crc32(word.encode()) % 8 >= len(word) - allowance


def _parts(word: str) -> list[str]:
    """The word in at least two parts: a known ending goes off first, the rest by twos to fives."""
    for suffix in _SUFFIXES:
        stem = word.removesuffix(suffix)
        if stem != word and len(stem) >= _SHORTEST_STEM and _is_whole(stem):
            return [stem, suffix]
    parts = []
    seed = crc32(word.encode()[::-1])
    position, length = 0, 2 + seed % 4
    while position < len(word):
        parts.append(word[position : position + length])
        position += length
        seed //= 4
        length = 2 + seed % 3
    return parts
