"""Answers remade by the stand-in's own pipeline with one thing in it turned wrong."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from urllib.parse import unquote

from mutants.mutant import Change, edit_answers
from nertwin.contract_tests.endpoint import Endpoint
from nertwin.contract_tests.exchange import Exchange
from nertwin.mockserver.aggregation import Token, aggregate_windows
from nertwin.mockserver.classifier import tag_windows
from nertwin.mockserver.entities import to_json
from nertwin.mockserver.labels import LabelTable
from nertwin.mockserver.models import ModelRegistry, built_in_cards

Entries = list[dict[str, Any]]

MODEL = ModelRegistry(built_in_cards()).model("dslim/bert-base-NER")
ENDPOINT = Endpoint(base="http://localhost")


@dataclass(frozen=True, kw_only=True)
class Steps:
    """What the pipeline is about to do for one text."""

    text: str
    windows: Sequence[Sequence[Token]]
    strategy: Any
    ignore_labels: Any
    parameters: dict[str, Any]
    labels: LabelTable = MODEL.labels

    def entries(self) -> Entries:
        found = aggregate_windows(
            self.windows,
            self.labels,
            strategy=self.strategy,
            ignore_labels=self.ignore_labels,
            decode=MODEL.tokenizer.decode,
        )
        return [to_json(entity) for entity in found]


def remake(turn: Callable[[Steps], Steps | Entries]) -> Change:
    """A server that takes other steps, or gives other entries, for each text."""

    def remade(document: Any, exchange: Exchange, text: str) -> Any:
        steps = steps_of(exchange, text)
        turned = turn(steps)
        if turned is steps:
            return document
        return turned.entries() if isinstance(turned, Steps) else turned

    def edit(document: Any, exchange: Exchange) -> Any:
        inputs = exchange.request.inputs
        if not unquote(exchange.request.target).endswith(ENDPOINT.model):
            return document
        if isinstance(inputs, str):
            return remade(document, exchange, inputs)
        return [
            remade(found, exchange, text)
            for found, text in zip(document, inputs or (), strict=True)
        ]

    return edit_answers(edit)


def steps_of(exchange: Exchange, text: str) -> Steps:
    parameters = exchange.request.parameters
    stride, ignored = parameters.get("stride"), parameters.get("ignore_labels")
    strategy = ENDPOINT.kind_asked(exchange.request)
    return Steps(
        text=text,
        windows=cut(text, stride if isinstance(stride, int) else None),
        strategy=strategy,
        ignore_labels=("O",) if ignored is None else ignored,
        parameters=parameters,
    )


@cache
def cut(text: str, stride: Any) -> list[list[Token]]:
    return list(tag_windows(MODEL, text, stride))


def words_of(steps: Steps) -> list[list[Token]]:
    """The words of the first window."""
    words: list[list[Token]] = []
    for token in steps.windows[0] if steps.windows else ():
        if token.is_subword and words:
            words[-1].append(token)
        else:
            words.append([token])
    return words


def with_words(steps: Steps, change: Callable[[list[Token]], list[Token]]) -> Steps:
    """The same steps over words that were changed."""
    words = [token for word in words_of(steps) for token in change(word)]
    return replace(steps, windows=[words])


def tops(steps: Steps, entry: dict[str, Any]) -> list[list[float]]:
    """The best scores of the tokens of an entry, a list for each word."""
    found = [
        [max(token.scores) for token in word if entry["start"] <= token.start < entry["end"]]
        for word in words_of(steps)
    ]
    return [scores for scores in found if scores]


def with_begins(labels: LabelTable, begins: Callable[[str], bool]) -> LabelTable:
    """The labels, with another idea of which open a group."""
    other = LabelTable(labels.names)
    object.__setattr__(other, "begins", tuple(map(begins, labels.names)))
    return other
