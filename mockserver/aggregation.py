"""Aggregation: from tokens with scores to entities, as transformers' pipeline does it.

Usable on its own: build :class:`Token` rows, call :func:`aggregate` for one window or
:func:`aggregate_windows` for the windows of a long text. All scores are float32 values.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
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


class _Item(NamedTuple):
    """What is grouped: a token (simple) or a word (first, average, max)."""

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
    if strategy == "simple":
        items = [_item(token) for token in tokens]
    else:
        label_word = _LABEL_WORD[strategy]
        items = [_join(word, label_word(word), decode) for word in _words(tokens)]
    return list(_group(items, labels, ignore_labels, decode))


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


def _item(token: Token) -> _Item:
    label, score = _top(token.scores)
    return _Item(label, score, token.word, token.start, token.end)


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


def _join(word: list[Token], label: tuple[int, float], decode: Decode) -> _Item:
    text = decode([token.word for token in word])
    return _Item(*label, text, word[0].start, word[-1].end)


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
    items: Sequence[_Item],
    labels: LabelTable,
    ignore_labels: Container[object],
    decode: Decode,
) -> Iterator[Entity]:
    begins, rests = labels.begins, labels.rests
    first = 0
    for place in range(1, len(items) + 1):
        if place < len(items):
            label = items[place].label
            if not begins[label] and rests[label] == rests[items[place - 1].label]:
                continue
        name = labels.groups[items[first].label]
        if None not in ignore_labels and name not in ignore_labels:
            yield _merge(items[first:place], name, decode)
        first = place


def _merge(items: Sequence[_Item], name: str, decode: Decode) -> Entity:
    return Entity(
        name,
        mean([item.score for item in items]),
        decode([item.word for item in items]),
        items[0].start,
        items[-1].end,
    )
