"""Aggregation: from tokens with scores to entities, as transformers' pipeline does it.

Usable on its own: build :class:`Token` rows, call :func:`aggregate` for one window or
:func:`aggregate_windows` for the windows of a long text. All scores are float32 values.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from itertools import pairwise
from operator import attrgetter
from typing import Literal, NamedTuple, TypeAlias, get_args

from .decoders import Decode, decode_wordpiece
from .entities import Entity
from .float32 import mean, mean_rows
from .labels import LabelTable

Strategy: TypeAlias = Literal["none", "simple", "first", "average", "max"]
STRATEGIES: tuple[Strategy, ...] = get_args(Strategy)


class Token(NamedTuple):
    """One real (not special) token of an encoded window."""

    word: str  #: The vocabulary's string, or the text slice of an unknown token.
    start: int | None  #: First code point of the text; None from a slow tokenizer.
    end: int | None  #: One past the last.
    # As in Entity, tuple.index is not missed.
    index: int  # type: ignore[assignment]  #: Place in the window's sequence, special tokens counted, from 0.
    is_subword: bool  #: Whether it continues the word before it.
    scores: Sequence[float]  #: One float32 per label, in id order.


class Tokens(NamedTuple):
    """Neighbouring tokens of one window in columns, with the label that each got."""

    words: Sequence[str]
    starts: Sequence[int | None]
    ends: Sequence[int | None]
    indexes: Sequence[int]
    subwords: Sequence[bool]
    labels: Sequence[int]  #: Where the largest score is, of equals the first.
    scores: Sequence[float]  #: The largest.
    rows: Sequence[Sequence[float]]  #: All of them.


def aggregate(
    tokens: Sequence[Token],
    labels: LabelTable,
    *,
    strategy: Strategy,
    ignore_labels: Container[object] = ("O",),
    decode: Decode = decode_wordpiece,
) -> list[Entity]:
    """The entities of one window, in text order.

    Labels are dropped after grouping, so an ignored group still separates its neighbours.
    A ``None`` among ``ignore_labels`` drops everything: each entity lacks one of the two
    label keys, and the pipeline looks up both, ``entity`` first.
    """
    if not tokens:
        return []
    words, starts, ends, indexes, subwords, rows = zip(*tokens, strict=True)
    scores = tuple(map(max, rows))
    tops = tuple(row.index(score) for row, score in zip(rows, scores, strict=True))
    columns = Tokens(words, starts, ends, indexes, subwords, tops, scores, rows)
    return aggregate_tokens(
        columns, labels, strategy=strategy, ignore_labels=ignore_labels, decode=decode
    )


def aggregate_tokens(
    tokens: Tokens,
    labels: LabelTable,
    *,
    strategy: Strategy,
    ignore_labels: Container[object],
    decode: Decode,
) -> list[Entity]:
    """The same of tokens in columns, of which there is one at least."""
    if None in ignore_labels:
        return []
    if strategy == "none":
        return list(_label_tokens(tokens, labels, ignore_labels))
    words, starts, ends, _, _, tops, scores, _ = tokens
    if strategy != "simple":
        words, starts, ends, tops, scores = _join_words(tokens, _LABEL_WORD[strategy], decode)
    return [
        Entity(
            name, mean(scores[first:last]), decode(words[first:last]), starts[first], ends[last - 1]
        )
        for name, first, last in _group(tops, labels, ignore_labels)
    ]


def aggregate_windows(
    windows: Iterable[Sequence[Token]],
    labels: LabelTable,
    *,
    strategy: Strategy,
    ignore_labels: Container[object] = ("O",),
    decode: Decode = decode_wordpiece,
) -> list[Entity]:
    """The entities of a text cut into windows; of overlapping ones the better stays."""
    found = [
        aggregate(tokens, labels, strategy=strategy, ignore_labels=ignore_labels, decode=decode)
        for tokens in windows
    ]
    if len(found) == 1:
        return found[0]
    return resolve_overlaps([entity for entities in found for entity in entities])


def resolve_overlaps(entities: Sequence[Entity]) -> list[Entity]:
    """The entities sorted by start; one inside the current one survives only if better.

    Better is longer, or as long with a strictly higher score. Nothing is merged: when a
    later start wins, what the loser covered before it is lost, as in the pipeline.
    """
    if not entities:
        return []
    ordered = sorted(entities, key=attrgetter("start"))
    kept: list[Entity] = []
    current = ordered[0]
    for entity in ordered:
        if current.start <= entity.start < current.end:  # type: ignore[operator]
            if _is_better(entity, current):
                current = entity
        else:
            kept.append(current)
            current = entity
    return [*kept, current]


def _is_better(entity: Entity, current: Entity) -> bool:
    length = entity.end - entity.start  # type: ignore[operator]
    current_length = current.end - current.start  # type: ignore[operator]
    return length > current_length or (length == current_length and entity.score > current.score)


def _label_tokens(
    tokens: Tokens, labels: LabelTable, ignore_labels: Container[object]
) -> Iterator[Entity]:
    words, starts, ends, indexes, _, tops, scores, _ = tokens
    for place, label in enumerate(tops):
        name = labels.names[label]
        if name not in ignore_labels:
            yield Entity(
                name, scores[place], words[place], starts[place], ends[place], indexes[place]
            )


#: The label and the score of the word whose tokens stand from one place to before another.
_LabelWord: TypeAlias = Callable[[Tokens, int, int], tuple[int, float]]


def _join_words(
    tokens: Tokens, label_word: _LabelWord, decode: Decode
) -> tuple[list[str], list[int | None], list[int | None], list[int], list[float]]:
    """The columns that grouping needs, of whole words in place of tokens."""
    count = len(tokens.words)
    firsts = [0, *(place for place in range(1, count) if not tokens.subwords[place])]
    lasts = [*firsts[1:], count]
    spans = list(zip(firsts, lasts, strict=True))
    labelled = [label_word(tokens, first, last) for first, last in spans]
    return (
        [decode(tokens.words[first:last]) for first, last in spans],
        [tokens.starts[first] for first in firsts],
        [tokens.ends[last - 1] for last in lasts],
        [label for label, _ in labelled],
        [score for _, score in labelled],
    )


def _label_by_first(tokens: Tokens, first: int, last: int) -> tuple[int, float]:  # noqa: ARG001
    return tokens.labels[first], tokens.scores[first]


def _label_by_average(tokens: Tokens, first: int, last: int) -> tuple[int, float]:
    if last - first == 1:
        return tokens.labels[first], tokens.scores[first]
    row = mean_rows(tokens.rows[first:last])
    score = max(row)
    return row.index(score), score


def _label_by_max(tokens: Tokens, first: int, last: int) -> tuple[int, float]:
    # max() keeps the earlier of equals, as the pipeline does.
    best = max(range(first, last), key=tokens.scores.__getitem__)
    return tokens.labels[best], tokens.scores[best]


_LABEL_WORD: dict[str, _LabelWord] = {
    "first": _label_by_first,
    "average": _label_by_average,
    "max": _label_by_max,
}


def _group(
    tops: Sequence[int], labels: LabelTable, ignore_labels: Container[object]
) -> Iterator[tuple[str, int, int]]:
    """Name, first and one-past-last of each group of neighbours, from the label of each."""
    begins, rests = labels.begins, labels.rests
    ends = [
        place
        for place, (before, label) in enumerate(pairwise(tops), 1)
        if begins[label] or (label != before and rests[label] != rests[before])
    ]
    first = 0
    for last in (*ends, len(tops)):
        name = labels.groups[tops[first]]
        if name not in ignore_labels:
            yield name, first, last
        first = last
