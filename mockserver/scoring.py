"""Scoring: the rules' spans as what the model makes of every token."""

from __future__ import annotations

from itertools import count, groupby
from operator import add, attrgetter
from typing import TypeAlias
from zlib import crc32

from .markup import MarkedText
from .models import Model
from .scores import Guess, doubtful_row, guess_as_pinned, guess_confidently, guess_from
from .tagger import Span, find_spans
from .tokenizer import Encoding, Piece

# One word in ten that falls into pieces has a piece that sees it differently, so that the
# strategies have something to disagree about, as they have with real models.
_DOUBT_EVERY = 10

#: A token with what the model makes of it: a :class:`Piece` and a :class:`Guess` in one tuple.
Guessed: TypeAlias = tuple[str, int, int, int, bool, int, float, tuple[float, ...]]


def guess_entities(model: Model, encoding: Encoding) -> dict[int, Guessed]:
    """The tokens of ``encoding`` that the model takes for more than the rest, by their places.

    They stand in ascending order.
    """
    pin = model.pins.get(encoding.text)
    if pin is not None:
        return _guess_pinned(model, pin, encoding)
    words = encoding.words
    # The model sees no further than its windows, so the rules don't either.
    seen = encoding.text[: words.ends[-1]] if words.ends else ""
    guessed: dict[int, Guessed] = {}
    previous: Span | None = None
    for span in find_spans(seen, words, model.pack, model.extra):
        begins = model.card.scheme == "iob2" or _touches(previous, span)
        pieces = encoding.pieces_of(span.first, span.last)
        guesses = _guess_span(model, span, begins, pieces)
        places = count(encoding.first_of(span.first))
        guessed.update(zip(places, map(add, pieces, guesses), strict=False))
        previous = span
    return guessed


def guess_rest(model: Model, piece: str) -> Guess:
    """What the model makes of a token that is no part of an entity."""
    return guess_confidently(len(model.labels), model.outside, piece, None)


def _touches(previous: Span | None, span: Span) -> bool:
    """Whether two entities of one type stand side by side, so that IOB1 must part them."""
    return previous is not None and (previous.last, previous.label) == (span.first, span.label)


def _guess_span(model: Model, span: Span, begins: bool, pieces: list[Piece]) -> list[Guess]:
    begin, inside = model.tags(span.label)
    labels = len(model.labels.names)
    guesses = []
    tag = begin if begins else inside
    for piece in pieces:
        guesses.append(guess_confidently(labels, tag, piece[0], span.score))
        tag = inside
    if len(pieces) > 1 and len({piece.word for piece in pieces}) < len(pieces):
        place = 0
        for _, group in groupby(pieces, key=_word):
            word = list(group)
            if len(word) > 1:
                _cast_doubt(model, guesses, word, place)
            place += len(word)
    return guesses


_word = attrgetter("word")


def _cast_doubt(model: Model, guesses: list[Guess], word: list[Piece], start: int) -> None:
    """Let one piece of the word disagree with the others, in one word of ten."""
    seed = crc32("".join(piece.piece for piece in word).encode())
    if seed % _DOUBT_EVERY:
        return
    place = seed // _DOUBT_EVERY % len(word)
    right = guesses[start + place].label
    labels = model.labels
    wrong = [
        label
        for label in range(len(labels))
        if labels.rests[label] != labels.rests[right] and not labels.begins[label]
    ]
    if wrong:
        label = wrong[seed // 64 % len(wrong)]
        row = doubtful_row(len(labels), label, right, word[place].piece)
        guesses[start + place] = guess_from(row)


def _guess_pinned(model: Model, pin: MarkedText, encoding: Encoding) -> dict[int, Guessed]:
    labels = len(model.labels)
    guessed: dict[int, Guessed] = {}
    previous: tuple[str, int] | None = None
    for mark in pin.marks:
        begin, inside = model.tags(mark.label)
        between = pin.text[previous[1] : mark.start] if previous else "-"
        touches = previous is not None and previous[0] == mark.label and not between.strip()
        tag = begin if model.card.scheme == "iob2" or touches else inside
        first, last = encoding.words.between(mark.start, mark.end)
        for place, piece in enumerate(encoding.pieces_of(first, last), encoding.first_of(first)):
            if piece.start < mark.end and mark.start < piece.end:
                guess = (
                    guess_confidently(labels, tag, piece.piece, None)
                    if mark.score is None
                    else guess_as_pinned(labels, tag, mark.score)
                )
                guessed[place] = piece + guess
                tag = inside
        previous = (mark.label, mark.end)
    return guessed
