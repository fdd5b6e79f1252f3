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


class _Word(NamedTuple):
    """What the strategies first, average and max group in place of tokens."""

    label: int
    score: float
    word: str
    start: int | None
    end: int | None


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
    if strategy == "none":
        return list(_label_tokens(tokens, labels, ignore_labels))
    parts: Sequence[Token] | Sequence[_Word] = tokens
    if strategy == "simple":
        rows = [token.scores for token in tokens]
        scores = list(map(max, rows))
        tops = [row.index(score) for row, score in zip(rows, scores, strict=True)]
    else:
        label_word = _LABEL_WORD[strategy]
        parts = words = [_join(word, label_word(word), decode) for word in _words(tokens)]
        scores = [word.score for word in words]
        tops = [word.label for word in words]
    return [
        _merge(name, scores[first:last], parts[first:last], decode)
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
    tokens: Sequence[Token], labels: LabelTable, ignore_labels: Container[object]
) -> Iterator[Entity]:
    for token in tokens:
        label, score = _top(token.scores)
        name = labels.names[label]
        if name not in ignore_labels and None not in ignore_labels:
            yield Entity(name, score, token.word, token.start, token.end, token.index)


def _top(scores: Sequence[float]) -> tuple[int, float]:
    """The label with the largest score, of equals the lowest id, and that score."""
    score = max(scores)
    return scores.index(score), score


def _words(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    word = [tokens[0]]
    for token in tokens[1:]:
        if token.is_subword:
            word.append(token)
        else:
            yield word
            word = [token]
    yield word


def _join(word: list[Token], label: tuple[int, float], decode: Decode) -> _Word:
    text = decode([token.word for token in word])
    return _Word(*label, text, word[0].start, word[-1].end)


def _label_by_first(word: list[Token]) -> tuple[int, float]:
    return _top(word[0].scores)


def _label_by_average(word: list[Token]) -> tuple[int, float]:
    return _top(mean_rows([token.scores for token in word]))


def _label_by_max(word: list[Token]) -> tuple[int, float]:
    # max() keeps the earlier of equals, as the pipeline does.
    return max((_top(token.scores) for token in word), key=lambda label: label[1])


_LABEL_WORD: dict[str, Callable[[list[Token]], tuple[int, float]]] = {
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
        if None not in ignore_labels and name not in ignore_labels:
            yield name, first, last
        first = last


def _merge(
    name: str, scores: Sequence[float], parts: Sequence[Token] | Sequence[_Word], decode: Decode
) -> Entity:
    text = decode([part.word for part in parts])
    return Entity(name, mean(scores), text, parts[0].start, parts[-1].end)
