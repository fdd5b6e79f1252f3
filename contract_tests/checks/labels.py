"""Labels: which the entries carry, and which ``ignore_labels`` leaves out."""

from __future__ import annotations

from collections.abc import Iterator

from ..endpoint import Endpoint
from ..entries import Entry
from ..violations import Violation
from . import ignored_names, ignoring
from .answers import entries, is_answer, judge_entries, plain_calls, show
from .check import Check, Plan, Trial, Undecided, plan
from .label_lists import call_ignoring
from .recomputing import name_group, strip_prefix

#: Models that everybody knows to label in IOB2 or IOB1.
_WITH_PREFIXES = (
    "dslim/bert-base-NER",
    "dslim/bert-large-NER",
    "dslim/distilbert-NER",
    "dbmdz/bert-large-cased-finetuned-conll03-english",
    "FacebookAI/xlm-roberta-large-finetuned-conll03-english",
)


def _judge_prefix(entry: Entry) -> Iterator[Violation]:
    group = entry.fields.get("entity_group")
    if isinstance(group, str) and group != strip_prefix(group):
        yield Violation(
            where=f"{entry.where}.entity_group",
            expected=repr(strip_prefix(group)),
            actual=repr(group),
        )


def _groups_and_tokens(endpoint: Endpoint) -> Iterator[Plan]:
    yield plan(call_ignoring(endpoint, "none", []), call_ignoring(endpoint, "simple", []))


def _judge_group_names(trial: Trial) -> Iterator[Violation | Undecided]:
    tokens, groups = (entries(exchange) for exchange in trial.exchanges)
    labels = {
        entry.span[0]: entry.fields["entity"]
        for entry in tokens
        if entry.span and isinstance(entry.fields.get("entity"), str)
    }
    pairs = [(group, labels[group.span[0]]) for group in groups
             if group.span and group.span[0] in labels]  # fmt: skip
    if not pairs:
        yield Undecided("no group starts where a token does")
    for group, label in pairs:
        name = name_group(label)
        if group.label != name:
            yield Violation(
                where=f"{group.where}.entity_group",
                expected=f"{name!r}, its first token being {label}",
                actual=repr(group.label),
                marks=group.mark(),
            )
            return


def _tokens(endpoint: Endpoint) -> Iterator[Plan]:
    yield plan(call_ignoring(endpoint, "none", ["O"]))


def _judge_token_labels(trial: Trial) -> Iterator[Violation | Undecided]:
    labels = {entry.fields.get("entity") for entry in entries(trial.exchange)}
    names = {label for label in labels if isinstance(label, str)}
    if any(name != strip_prefix(name) for name in names):
        return
    if not names or trial.endpoint.model not in _WITH_PREFIXES:
        yield Undecided("the model may have no labels with a prefix")
        return
    yield Violation(
        where="body[0].entity",
        expected="a label with B- or I-, as the model has them",
        actual=show(sorted(names)),
        hint="With the strategy none labels are not stripped.",
    )


CHECKS: tuple[Check, ...] = (
    Check(
        clause="label.group-without-prefix",
        examples=plain_calls,
        watches=is_answer,
        judge=judge_entries(_judge_prefix),
    ),
    Check(clause="label.group-after-hyphen", examples=_groups_and_tokens, judge=_judge_group_names),
    Check(clause="label.token-as-in-model", examples=_tokens, judge=_judge_token_labels),
    *ignoring.CHECKS,
    *ignored_names.CHECKS,
)
