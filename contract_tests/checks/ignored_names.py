"""Ignored names: which labels the members of ``ignore_labels`` mean."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace

from nertwin.schemas import JSON

from ..endpoint import Endpoint
from ..violations import Violation
from .answers import entries, show
from .check import Check, Judge, Plan, Trial, Undecided
from .comparison import judge_same
from .label_lists import KINDS, NO_LABEL, MakeList, after_label, and_outside, first_label
from .recomputing import strip_prefix

_SAME: Judge = judge_same("the answer that ignores O only")


def _same_after(make: MakeList) -> Callable[[Endpoint], Iterator[Plan]]:
    """Plans of a call that ignores O, then of one that must ignore no more."""

    def examples(endpoint: Endpoint) -> Iterator[Plan]:
        both = after_label(endpoint, "simple", ["O"], _none_of_them)
        yield replace(after_label(endpoint, "simple", ["O"], make), bundle=both)

    return examples


def _prefixed(label: str, _: Collection[str | None]) -> list[JSON]:
    return ["O", f"B-{label}", f"I-{label}"]


def _near_misses(label: str, known: Collection[str | None]) -> list[JSON]:
    near = (label.swapcase(), f" {label}", f"{label} ", label[:-1], label[1:], f"{label}S")
    return ["O", *(each for each in near if each not in known)]


def _none_of_them(label: str, known: Collection[str | None]) -> list[JSON]:
    return [*_prefixed(label, known), *_near_misses(label, known)]


def _bare_for_whole(endpoint: Endpoint) -> Iterator[Plan]:
    yield after_label(endpoint, "none", ["O"], lambda label, _: ["O", strip_prefix(label)])


def _judge_bare(trial: Trial) -> Iterator[Violation | Undecided]:
    label = first_label(trial.exchanges[0])
    if label is None or label == strip_prefix(label):
        yield Undecided("no label has a prefix")
        return
    yield from _SAME(trial)


def _sets(endpoint: Endpoint) -> Iterator[Plan]:
    for kind in KINDS:
        yield after_label(endpoint, kind, ["O"], and_outside, _many_times)


def _many_times(label: str, _: Collection[str | None]) -> list[JSON]:
    return [label, "O", label, NO_LABEL, "O", label]


def _judge_sets(trial: Trial) -> Iterator[Violation | Undecided]:
    """The first call only finds a label; those after it must agree."""
    compared = Trial(exchanges=trial.exchanges[1:], endpoint=trial.endpoint)
    if not compared.exchanges:
        yield Undecided("no label to ignore was found")
        return
    yield from judge_same("the plain list's answer")(compared)


def _nulls(endpoint: Endpoint) -> Iterator[Plan]:
    for kind in KINDS:
        yield after_label(endpoint, kind, ["O"], lambda *_: ["O", None])


def _judge_null(trial: Trial) -> Iterator[Violation | Undecided]:
    if len(trial.exchanges) < 2:
        yield Undecided("there was nothing to drop")
    elif trial.exchange.status != 200 or entries(trial.exchange):
        yield Violation(
            where="body",
            expected="200 and []: a null in ignore_labels drops every entry",
            actual=f"{trial.exchange.status} and {show(trial.exchange.document)}",
        )


def _odd_members(endpoint: Endpoint) -> Iterator[Plan]:
    odd: Sequence[MakeList] = (
        lambda label, _: ["O", 5, True, 0.5, [label], {label: 1}],
        lambda *_: {"O": 1},
    )
    for kind in KINDS:
        yield after_label(endpoint, kind, ["O"], *odd)


CHECKS: tuple[Check, ...] = (
    Check(
        clause="label.ignore-group-names",
        examples=_same_after(_prefixed),
        judge=_SAME,
    ),
    Check(clause="label.ignore-whole-labels", examples=_bare_for_whole, judge=_judge_bare),
    Check(
        clause="label.ignore-exactly",
        examples=_same_after(_near_misses),
        judge=_SAME,
    ),
    Check(clause="label.ignore-is-a-set", examples=_sets, judge=_judge_sets),
    Check(clause="label.ignore-null-member", examples=_nulls, judge=_judge_null),
    Check(clause="label.ignore-odd-members", examples=_odd_members, judge=_SAME),
)
