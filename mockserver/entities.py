"""Entities: the items of an answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from nertwin.schemas import JSON


class Entity(NamedTuple):
    """A labelled stretch of the inputs: one token under strategy none, else a group."""

    label: str  #: The tag with its prefix (strategy none) or the name of the group.
    score: float  #: A float32 in [0, 1], widened.
    word: str  #: The text put together from vocabulary pieces; not always the slice.
    start: int | None  #: First code point; None when the tokenizer gives no offsets.
    end: int | None  #: One past the last.
    # A named tuple for speed; that it hides tuple.index does no harm.
    index: int | None = None  # type: ignore[assignment]  #: Place in the encoded window (strategy none), else None.


def to_json(entity: Entity, score_of: Callable[[float], float] = float) -> dict[str, JSON]:
    """The entity as the API spells it, keys in the API's order."""
    label, score, word, start, end, index = entity
    score = score_of(score)
    if index is None:
        return {"entity_group": label, "score": score, "word": word, "start": start, "end": end}
    return {
        "entity": label,
        "score": score,
        "index": index,
        "word": word,
        "start": start,
        "end": end,
    }
