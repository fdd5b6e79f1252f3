"""Kinds: tokens and groups don't mix, and each kind has its own names and order of them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from ..entries import Entry
from ..violations import Violation
from .answers import entries, entries_by_text, is_answer, judge_texts, plain_calls, show
from .check import Check, Trial, Undecided

_ORDERS = {
    "entity_group": ("entity_group", "score", "word", "start", "end"),
    "entity": ("entity", "score", "index", "word", "start", "end"),
}


def _judge_index(trial: Trial) -> Iterator[Violation | Undecided]:
    exchange = trial.exchange
    found = [entry for entry in entries(exchange) if _is_token(entry)]
    if not found or exchange.request.parameters.get("stride") is not None:
        yield Undecided("no answer held tokens of one window")
        return
    for entry in found:
        if type(entry.fields.get("index")) is not int:
            yield Violation(
                where=f"{entry.where}.index",
                expected="the token's place in what the model read",
                actual=show(entry.fields["index"]) if "index" in entry.fields else "no index",
            )
            return
    for of_text in entries_by_text(exchange):
        yield from _judge_growth(of_text)


def _is_token(entry: Entry) -> bool:
    return isinstance(entry.fields.get("entity"), str)


def _judge_growth(of_text: list[Entry]) -> Iterator[Violation]:
    """The index must grow with the place in the text, in whichever order entries come."""
    placed = sorted(
        (entry.span, entry.fields["index"], entry.where)
        for entry in of_text
        if entry.span and _is_token(entry)
    )
    for (span, index, where), (next_span, next_index, next_where) in pairwise(placed):
        if span != next_span and next_index <= index:
            yield Violation(
                where=f"{next_where}.index",
                expected=f"more than {index}, which {where} before it has",
                actual=show(next_index),
            )
            return


def judge_one_kind(trial: Trial) -> Iterator[Violation | Undecided]:
    """Groups among tokens, or tokens among groups."""
    found = entries(trial.exchange)
    kinds = {entry.where: "entity_group" in entry.fields for entry in found}
    if len(found) < 2:
        yield Undecided("no answer had two entries")
    elif len(set(kinds.values())) > 1:
        odd = next(entry for entry in found if kinds[entry.where] is not kinds[found[0].where])
        yield Violation(
            where=odd.where,
            expected=f"{'a group' if kinds[found[0].where] else 'a token'}, as {found[0].where} is",
            actual=show(odd.fields),
        )


def _judge_label(of_text: list[Entry]) -> Iterator[Violation]:
    for entry in of_text:
        if "label" in entry.fields:
            yield Violation(
                where=f"{entry.where}.label",
                expected="no such field",
                actual=show(entry.fields["label"]),
                hint="The label is called entity_group, or entity with the strategy none.",
            )


def _judge_key_order(of_text: list[Entry]) -> Iterator[Violation]:
    for entry in of_text:
        for key, order in _ORDERS.items():
            known = [name for name in entry.fields if name in order]
            wanted = [name for name in order if name in entry.fields]
            if key in entry.fields and known != wanted:
                yield Violation(
                    where=entry.where, expected=", ".join(wanted), actual=", ".join(known)
                )
                return


CHECKS: tuple[Check, ...] = (
    Check(clause="shape.token-index", examples=plain_calls, watches=is_answer, judge=_judge_index),
    Check(clause="shape.one-kind", examples=plain_calls, watches=is_answer, judge=judge_one_kind),
    Check(
        clause="shape.no-label",
        examples=plain_calls,
        watches=is_answer,
        judge=judge_texts(_judge_label),
    ),
    Check(
        clause="shape.key-order",
        examples=plain_calls,
        watches=is_answer,
        judge=judge_texts(_judge_key_order),
    ),
)
