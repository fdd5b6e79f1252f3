"""Fields: which an entry has, and of which types they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nertwin.schemas import load

from ..entries import Entry
from ..violations import Violation
from .answers import entries, is_answer, judge_texts, plain_calls, show
from .check import Check, Trial, Undecided

_KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "null": (type(None),),
    # Whether whole numbers are written without a fraction is for span.within-text to say.
    "integer": (int, float),
}


def _types(name: str) -> dict[str, tuple[type, ...]]:
    """Field to the Python types that a schema gives it."""
    properties: Any = load(name)["properties"]
    return {
        field: tuple(
            kind
            for written in ([said["type"]] if isinstance(said["type"], str) else said["type"])
            for kind in _KINDS[written]
        )
        for field, said in properties.items()
    }


_TYPES = {"entity_group": _types("entity-group"), "entity": _types("token-entity")}


def _judge_fields(trial: Trial, *, key: str) -> Iterator[Violation | Undecided]:
    """Judge the entries of calls that ask for this kind of entry."""
    exchange = trial.exchange
    is_token = trial.endpoint.kind_asked(exchange.request) == "none"
    found = entries(exchange)
    if is_token is not (key == "entity") or not found:
        yield Undecided("no answer of the kind had an entry")
        return
    for entry in found:
        # A mixture is for shape.one-kind to tell.
        if key in entry.fields or not any(key in other.fields for other in found):
            yield from _faults(entry, key)


def _faults(entry: Entry, key: str) -> Iterator[Violation]:
    types = _TYPES[key]
    optional = {"index"}
    missing = [name for name in types if name not in entry.fields and name not in optional]
    foreign = [name for name in _TYPES if name in entry.fields and name != key]
    if missing or foreign:
        told = [f"{name} is missing" for name in missing] + [
            f"{name} is one too many" for name in foreign
        ]
        yield Violation(
            where=entry.where,
            expected=f"the fields {', '.join(types)}",
            actual=f"{'; '.join(told)}: {show(entry.fields)}",
        )
    for name, kinds in types.items():
        value = entry.fields.get(name, ...)
        if value is not ... and (not isinstance(value, kinds) or isinstance(value, bool)):
            wanted = " or ".join(kind.__name__ for kind in kinds)
            yield Violation(where=f"{entry.where}.{name}", expected=wanted, actual=show(value))


def _judge_group_fields(trial: Trial) -> Iterator[Violation | Undecided]:
    yield from _judge_fields(trial, key="entity_group")


def _judge_token_fields(trial: Trial) -> Iterator[Violation | Undecided]:
    yield from _judge_fields(trial, key="entity")


def _judge_surplus(of_text: list[Entry]) -> Iterator[Violation]:
    for entry in of_text:
        kind = "entity" if "entity" in entry.fields else "entity_group"
        # The other kind's name is for that kind's clause, and `label` has one of its own.
        surplus = entry.fields.keys() - _TYPES[kind].keys() - _TYPES.keys() - {"label"}
        if surplus:
            yield Violation(
                where=entry.where,
                expected=f"the fields {', '.join(_TYPES[kind])}, as today's service has them",
                actual=f"{', '.join(sorted(surplus))} besides: {show(entry.fields)}",
                hint="A later release may add fields; clients that know none of them pass over it.",
            )
            return


CHECKS: tuple[Check, ...] = (
    Check(
        clause="shape.group-fields",
        examples=plain_calls,
        watches=is_answer,
        judge=_judge_group_fields,
    ),
    Check(
        clause="shape.token-fields",
        examples=plain_calls,
        watches=is_answer,
        judge=_judge_token_fields,
    ),
    Check(
        clause="shape.no-other-fields",
        examples=plain_calls,
        watches=is_answer,
        judge=judge_texts(_judge_surplus),
    ),
)
