"""Expected answers: what a marked-up text is answered with, so that nobody counts offsets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from nertwin.schemas import JSON

from .aggregation import STRATEGIES, Strategy
from .authoring import Rule, check_rule
from .classifier import InferenceError, classify
from .entities import to_json
from .markup import MarkedText, parse_markup
from .models import Model
from .payload import Parameters

#: An answer to one text: entities as the API spells them.
Answer: TypeAlias = list[dict[str, JSON]]


@dataclass(frozen=True, slots=True)
class Expected:
    """A text and its answer under every strategy."""

    text: str
    #: Strategies that the model's tokenizer refuses are not among them.
    answers: Mapping[Strategy, Answer]


def expected(
    model: Model,
    markup: str | MarkedText,
    *,
    score: Callable[[float], float],
    utf16: bool = False,
) -> Expected:
    """What ``model`` answers to the text of ``markup`` when a rule says so.

    ``score`` is the profile's. With ``utf16`` the offsets count UTF-16 code units, as strings
    do in JavaScript; the API itself counts code points.

    Raises:
        BadMarkup: The markup can't be read.
        BadRule: The model has no such label, or a score is too low to show.
    """
    if isinstance(markup, str):
        check_rule(Rule(say=markup), model)
        markup = parse_markup(markup)
    pinned = replace(model, pins={markup.text: markup})
    answers: dict[Strategy, Answer] = {}
    for strategy in STRATEGIES:
        parameters = Parameters(aggregation_strategy=strategy)
        try:
            entities = classify(pinned, markup.text, parameters, default_strategy=strategy)
        except InferenceError:
            continue
        answers[strategy] = [to_json(entity, score) for entity in entities]
    if utf16:
        answers = {name: count_utf16(answer, markup.text) for name, answer in answers.items()}
    return Expected(markup.text, answers)


def count_utf16(answer: Answer, text: str) -> Answer:
    """The answer to ``text`` with offsets in UTF-16 code units instead of code points."""
    return [
        {
            key: utf16_offset(text, value)
            if key in ("start", "end") and isinstance(value, int)
            else value
            for key, value in entity.items()
        }
        for entity in answer
    ]


def utf16_offset(text: str, offset: int) -> int:
    """How many UTF-16 code units stand before the code point at ``offset``."""
    return offset + sum(character > "\uffff" for character in text[:offset])
