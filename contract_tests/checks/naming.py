"""Naming: which strategy is meant by a name, by null, by nothing, and by two older parameters."""

from __future__ import annotations

from collections.abc import Iterator

from nertwin.schemas import JSON

from ..endpoint import Endpoint
from ..exchange import Request
from ..violations import Violation
from .answers import STRATEGIES, show
from .check import Check, Plan, Trial, Undecided, plan
from .comparison import judge_same
from .lattice import UNEVEN

_SPELLINGS = (("SIMPLE", "simple"), ("nOnE", "none"), ("Average", "average"))
#: The older pair, and what it stands for.
_PAIRS: tuple[tuple[dict[str, bool | None], str], ...] = (
    ({"grouped_entities": True}, "simple"),
    ({"grouped_entities": False}, "none"),
    ({"grouped_entities": True, "ignore_subwords": True}, "first"),
    ({"grouped_entities": None, "ignore_subwords": True}, "none"),
    ({"grouped_entities": True, "ignore_subwords": False}, "simple"),
)


def shown(endpoint: Endpoint, strategy: str) -> Request:
    """A call with a strategy that shows every label, as the lattice of the text has it."""
    return endpoint.classify(UNEVEN, strategy=strategy, ignore_labels=[])


def _default(endpoint: Endpoint) -> Iterator[Plan]:
    name = endpoint.default_strategy
    yield plan(
        shown(endpoint, name),
        endpoint.classify(UNEVEN, ignore_labels=[]),
        about=f"{name}, which is the default here",
    )


def _null(endpoint: Endpoint) -> Iterator[Plan]:
    yield plan(
        shown(endpoint, "none"),
        endpoint.classify(UNEVEN, aggregation_strategy=None, ignore_labels=[]),
        about="none, which null means",
    )


def _spelled(endpoint: Endpoint) -> Iterator[Plan]:
    for spelling, name in _SPELLINGS:
        yield plan(
            shown(endpoint, name),
            shown(endpoint, spelling),
            about=f"{name}, which {spelling} is",
        )


def _paired(endpoint: Endpoint) -> Iterator[Plan]:
    for pair, name in _PAIRS:
        other = "none" if name != "none" else "simple"
        parameters: dict[str, JSON] = {
            "aggregation_strategy": other,
            "ignore_labels": [],
            **pair,
        }
        yield plan(
            shown(endpoint, name),
            endpoint.call({"inputs": UNEVEN, "parameters": parameters}),
            about=f"{name}, which the older pair means whatever the strategy",
        )


def _named(endpoint: Endpoint) -> Iterator[Plan]:
    yield plan(*(shown(endpoint, name) for name in STRATEGIES))


def _judge_alike(trial: Trial) -> Iterator[Violation | Undecided]:
    yield from judge_same(str(trial.about))(trial)


def _judge_pair(trial: Trial) -> Iterator[Violation | Undecided]:
    if "unexpected keyword argument" in show(trial.exchange.document):
        yield Undecided("the pair is unknown there, as since transformers 5")
    else:
        yield from _judge_alike(trial)


def _judge_names(trial: Trial) -> Iterator[Violation | Undecided]:
    refused = {
        name: each
        for name, each in zip(STRATEGIES, trial.exchanges, strict=True)
        if each.status != 200
    }
    if len(refused) == len(STRATEGIES):
        yield Undecided("no call was answered, whatever the strategy")
        return
    for name, exchange in refused.items():
        if "low tokenizer" in show(exchange.document):
            yield Undecided("the tokenizer is a slow one")
            continue
        yield Violation(
            where="status",
            expected=f"200 with the strategy {name}",
            actual=f"{exchange.status} and {show(exchange.document)}",
        )


CHECKS: tuple[Check, ...] = (
    Check(clause="aggregation.default", examples=_default, judge=_judge_alike),
    Check(clause="aggregation.null-is-none", examples=_null, judge=_judge_alike),
    Check(clause="aggregation.five-names", examples=_named, judge=_judge_names),
    Check(clause="aggregation.any-letter-case", examples=_spelled, judge=_judge_alike),
    Check(clause="aggregation.older-pair", examples=_paired, judge=_judge_pair),
)
