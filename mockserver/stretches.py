"""Stretches: the tokens of a text that decide the answer, which are few of all."""

from __future__ import annotations

from dataclasses import dataclass

from .aggregation import Tokens
from .models import Model
from .scoring import Guessed, guess_rest
from .tokenizer import Encoding


@dataclass(slots=True, eq=False, repr=False)  # As Words, not frozen for speed.
class Tagged:
    """A text's tokens with what the model makes of them."""

    model: Model
    encoding: Encoding
    guessed: dict[int, Guessed]  #: The tokens that aren't like the rest, by ascending places.

    def stretches(self, *, whole_words: bool) -> list[tuple[int, int]]:
        """First and one-past-last token of each stretch of such tokens.

        With ``whole_words`` they begin and end where words do, as the pipeline sees words.
        """
        stretches: list[tuple[int, int]] = []
        end = -1
        for place in self.guessed:
            if place < end:
                continue
            first, last = self._widen(place, end) if whole_words else (place, place + 1)
            if first == end:
                first, _ = stretches.pop()
            stretches.append((first, last))
            end = last
        return stretches

    def _widen(self, place: int, least: int) -> tuple[int, int]:
        """First and one-past-last token of the word that a token is in, less those before one."""
        encoding = self.encoding
        first, last = place, place + 1
        while first > max(least, 0) and encoding.is_subword(first):
            first -= 1
        while last < encoding.size and encoding.is_subword(last):
            last += 1
        return first, last

    def tokens(self, first: int, last: int, *, window: int) -> Tokens:
        """The tokens from ``first`` to before ``last`` of a window that begins at ``window``."""
        found = list(map(self.guessed.get, range(first, last)))
        if None in found:
            pieces = self.encoding.pieces(first, last)
            found = [
                guessed or piece + guess_rest(self.model, piece.piece)
                for guessed, piece in zip(found, pieces, strict=True)
            ]
        words, starts, ends, _, subwords, labels, scores, rows = zip(*found, strict=True)
        if not self.model.tokenizer.is_fast:
            starts = ends = (None,) * len(words)
            subwords = (False,) * len(words)
        # [CLS] has index 0.
        indexes = range(first - window + 1, last - window + 1)
        return Tokens(words, starts, ends, indexes, subwords, labels, scores, rows)
