"""Decoders: the text of a run of vocabulary pieces, as each kind of tokenizer joins it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

Decode: TypeAlias = Callable[[Sequence[str]], str]

CONTINUATION = "##"
METASPACE = "\u2581"

# The clean-up of tokenizers' WordPiece decoder, in its order. It sees one piece at a time.
_CLEAN_UPS = (
    (" .", "."),
    (" ?", "?"),
    (" !", "!"),
    (" ,", ","),
    (" ' ", "'"),
    (" n't", "n't"),
    (" 'm", "'m"),
    (" do not", " don't"),
    (" 's", "'s"),
    (" 've", "'ve"),
    (" 're", "'re"),
)
_CLEANED = re.compile("|".join(re.escape(found) for found, _ in _CLEAN_UPS))


def decode_wordpiece(pieces: Sequence[str]) -> str:
    """The text of WordPiece pieces: ``##`` glues, all else is set off by one space."""
    joined = " ".join(pieces)
    if CONTINUATION not in joined and _CLEANED.search(joined) is None:
        return joined  # As nearly always.
    parts = [_clean_up(pieces[0])]
    for piece in pieces[1:]:
        if piece.startswith(CONTINUATION):
            parts.append(_clean_up(piece[len(CONTINUATION) :]))
        else:
            parts.append(_clean_up(" " + piece))
    return "".join(parts)


def decode_wordpiece_slowly(pieces: Sequence[str]) -> str:
    """The text of WordPiece pieces as the slow tokenizers of transformers 4 join them."""
    return " ".join(pieces).replace(" " + CONTINUATION, "").strip()


def decode_metaspace(pieces: Sequence[str]) -> str:
    """The text of SentencePiece pieces: each ``▁`` is a space, less one at the very start.

    Decoding twice loses the spaces between words, because the second pass finds no ``▁``
    any more. The real pipeline does so for first, average and max.
    """
    return "".join(pieces).replace(METASPACE, " ").removeprefix(" ")


def _clean_up(piece: str) -> str:
    if _CLEANED.search(piece) is not None:
        for found, replacement in _CLEAN_UPS:
            piece = piece.replace(found, replacement)
    return piece
