"""Explain: why a text is answered as it is, without side effects.

It tells which rules claimed which characters and why some lost, how the text was cut into
words, tokens and windows, and what came of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

from nertwin.schemas import JSON

from .aggregation import Strategy
from .classifier import classify, tag_text
from .entities import to_json
from .models import Model
from .payload import Parameters
from .stretches import Tagged
from .verdicts import Verdict, reach_verdicts
from .windows import SPECIAL_TOKENS
from .words import Words, cut_words

#: Words, tokens, verdicts and entities that an explanation spells out; the rest is counted.
MOST_ITEMS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedWord:
    """A word of the text, as the tokenizer and the rules see it."""

    word: str
    start: int  #: First code point.
    end: int  #: One past the last.


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedToken:
    """A token with the label that it got."""

    piece: str
    start: int
    end: int
    index: int  #: Counted from the text's beginning, [CLS] being 0.
    word: int  #: Which word it belongs to, from 0.
    windows: tuple[int, int]  #: The first and the last window that holds it, from 0.
    label: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a text is answered as it is."""

    model: str
    pack: str  #: The name of the model's rule pack.
    strategy: Strategy
    text: str
    pinned_by: str  #: The rule whose ``say`` is this text, or ``pins`` of the model; else empty.
    notes: tuple[str, ...]  #: What is worth knowing, in sentences.
    words: tuple[ExplainedWord, ...]
    word_count: int  #: All of them, as with the other counts.
    tokens: tuple[ExplainedToken, ...]
    token_count: int
    verdicts: tuple[Verdict, ...]
    verdict_count: int
    entities: tuple[dict[str, JSON], ...]
    entity_count: int

    def to_json(self) -> dict[str, JSON]:
        """The explanation as a JSON object, keys as the fields are called."""
        return asdict(self)


def explain(
    model: Model,
    text: str,
    parameters: Parameters,
    *,
    default_strategy: Strategy,
    score: Callable[[float], float] = float,
    most: int = MOST_ITEMS,
) -> Explanation:
    """Why ``model`` answers ``text`` as it does; at most so many items of each sort.

    Raises:
        InferenceError, BadStride: As for :func:`.classifier.classify`.
    """
    entities = classify(model, text, parameters, default_strategy=default_strategy)
    tagged, limits = tag_text(model, text, parameters.stride)
    words = tagged.encoding.words
    size = limits[-1][1]  # The last window's end. Some tokens can be in no window.
    pinned_by = _pinned_by(model, text)
    verdicts, verdict_count = (
        ([], 0) if pinned_by else reach_verdicts(model, text, words, most=most)
    )
    return Explanation(
        model=model.card.id,
        pack=model.pack.name,
        strategy=parameters.aggregation_strategy or default_strategy,
        text=text,
        pinned_by=pinned_by,
        notes=tuple(_notes(model, text, pinned_by, size, limits)),
        words=_words(words, most),
        word_count=len(words),
        tokens=_tokens(tagged, limits, score, min(most, size)),
        token_count=size,
        verdicts=tuple(verdicts),
        verdict_count=verdict_count,
        entities=tuple(to_json(entity, score) for entity in entities[:most]),
        entity_count=len(entities),
    )


def _pinned_by(model: Model, text: str) -> str:
    if text not in model.pins:
        return ""
    said = model.extra.said if model.extra is not None else {}
    return said.get(text, "pins")


def _notes(
    model: Model, text: str, pinned_by: str, size: int, limits: list[tuple[int, int]]
) -> list[str]:
    notes = []
    if pinned_by:
        owner = f"the pins of {model.card.id}" if pinned_by == "pins" else pinned_by
        notes.append(f"The text is pinned by {owner}, so no other rule was asked.")
    room = model.tokenizer.max_length - SPECIAL_TOKENS
    if len(limits) > 1:
        notes.append(f"The text is read in {len(limits)} windows of at most {room} tokens.")
    elif size == room:
        everything = model.tokenizer.encode(text, cut_words(text))
        if len(everything) > room:
            notes.append(
                f"The text has {len(everything)} tokens and the model reads {room}; without a"
                f" stride the rest, from character {everything[room].start}, is not read."
            )
    if model.extra is not None:
        reasons = list(model.extra.unfit)
        if text in model.extra.unsaid:
            reasons.append(model.extra.unsaid[text])
        notes += [f"The rule {reason}." for reason in reasons]
    return notes


def _words(words: Words, most: int) -> tuple[ExplainedWord, ...]:
    shown = zip(words.texts[:most], words.starts, words.ends, strict=False)
    return tuple(ExplainedWord(word=word, start=start, end=end) for word, start, end in shown)


def _tokens(
    tagged: Tagged,
    limits: list[tuple[int, int]],
    score: Callable[[float], float],
    count: int,
) -> tuple[ExplainedToken, ...]:
    if not count:
        return ()
    names = tagged.model.labels.names
    pieces = tagged.encoding.pieces(0, count)
    found = tagged.tokens(0, count, window=0)
    tokens = []
    for place, (piece, label, top) in enumerate(
        zip(pieces, found.labels, found.scores, strict=True)
    ):
        inside = [number for number, (first, last) in enumerate(limits) if first <= place < last]
        tokens.append(
            ExplainedToken(
                piece=piece.piece,
                start=piece.start,
                end=piece.end,
                index=place + 1,
                word=piece.word,
                windows=(inside[0], inside[-1]),
                label=names[label],
                score=score(top),
            )
        )
    return tuple(tokens)
