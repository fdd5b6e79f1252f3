"""Scoring: the rules' spans as a row of scores for every token."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from itertools import groupby
from zlib import crc32

from .markup import MarkedText
from .models import Model
from .scores import confident_row, doubtful_row, pinned_row
from .tagger import Span, find_spans
from .tokenizer import Piece
from .words import Words

# One word in ten that falls into pieces has a piece that sees it differently, so that the
# strategies have something to disagree about, as they have with real models.
_DOUBT_EVERY = 10


def score_pieces(
    model: Model, text: str, words: Words, pieces: list[Piece]
) -> list[tuple[float, ...]]:
    """A row of scores for each of ``pieces``, the first tokens of ``text``, from the rules."""
    pin = model.pins.get(text)
    if pin is not None:
        return _score_pin(model, pin, pieces)
    labels, outside = len(model.labels), model.outside
    rows = [confident_row(labels, outside, piece[0], None) for piece in pieces]
    # The model sees no further than its windows, so the rules don't either.
    seen = text[: words.ends[-1]] if len(words) else ""
    owners = [piece.word for piece in pieces]
    previous: Span | None = None
    for span in find_spans(seen, words, model.pack, model.extra):
        first, last = bisect_left(owners, span.first), bisect_left(owners, span.last)
        begins = model.card.scheme == "iob2" or _touches(previous, span)
        _score_span(model, span, begins, rows, pieces, range(first, last))
        previous = span
    return rows


def _touches(previous: Span | None, span: Span) -> bool:
    """Whether two entities of one type stand side by side, so that IOB1 must part them."""
    return previous is not None and (previous.last, previous.label) == (span.first, span.label)


def _score_span(
    model: Model,
    span: Span,
    begins: bool,
    rows: list[tuple[float, ...]],
    pieces: list[Piece],
    places: range,
) -> None:
    begin, inside = model.tags(span.label)
    labels = len(model.labels)
    for place in places:
        tag = begin if begins and place == places.start else inside
        rows[place] = confident_row(labels, tag, pieces[place].piece, span.score)
    for start, end in _cut_words_in(pieces, places):
        _cast_doubt(model, rows, pieces, start, end)


def _cut_words_in(pieces: list[Piece], places: range) -> Iterator[tuple[int, int]]:
    """First and one-past-last place of each word of at least two pieces."""
    for _, group in groupby(places, key=lambda place: pieces[place].word):
        start, *others = group
        if others:
            yield start, others[-1] + 1


def _cast_doubt(
    model: Model, rows: list[tuple[float, ...]], pieces: list[Piece], start: int, end: int
) -> None:
    """Let one piece of the word disagree with the others, in one word of ten."""
    seed = crc32("".join(piece.piece for piece in pieces[start:end]).encode())
    if seed % _DOUBT_EVERY:
        return
    place = start + seed // _DOUBT_EVERY % (end - start)
    right = rows[place].index(max(rows[place]))
    labels = model.labels
    wrong = [
        label
        for label in range(len(labels))
        if labels.rests[label] != labels.rests[right] and not labels.begins[label]
    ]
    if wrong:
        label = wrong[seed // 64 % len(wrong)]
        rows[place] = doubtful_row(len(labels), label, right, pieces[place].piece)


def _score_pin(model: Model, pin: MarkedText, pieces: list[Piece]) -> list[tuple[float, ...]]:
    labels = len(model.labels)
    rows = [confident_row(labels, model.outside, piece.piece, None) for piece in pieces]
    previous: tuple[str, int] | None = None
    for mark in pin.marks:
        begin, inside = model.tags(mark.label)
        between = pin.text[previous[1] : mark.start] if previous else "-"
        touches = previous is not None and previous[0] == mark.label and not between.strip()
        tag = begin if model.card.scheme == "iob2" or touches else inside
        for place, piece in enumerate(pieces):
            if piece.start < mark.end and mark.start < piece.end:
                rows[place] = (
                    confident_row(labels, tag, piece.piece, None)
                    if mark.score is None
                    else pinned_row(labels, tag, mark.score)
                )
                tag = inside
        previous = (mark.label, mark.end)
    return rows
