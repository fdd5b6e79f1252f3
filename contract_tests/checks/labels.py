"""Labels: which the entries carry, and which ``ignore_labels`` leaves out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from nertwin.schemas import JSON

from ..endpoint import Endpoint
from ..exchange import Exchange, Request
from ..violations import Violation
from .answers import MIXED, Entry, entries, is_answer, judge_entries, plain_calls, show
from .check import Check, Judge, Plan, Trial, Undecided, plan
from .comparison import compare, judge_same
from .soundness import is_sound

_PREFIXES = ("B-", "I-")
_KINDS = ("simple", "none")
#: Models that everybody knows to label in IOB2 or IOB1.
_WITH_PREFIXES = (
    "dslim/bert-base-NER",
    "dslim/bert-large-NER",
    "dslim/distilbert-NER",
    "dbmdz/bert-large-cased-finetuned-conll03-english",
    "FacebookAI/xlm-roberta-large-finetuned-conll03-english",
)
_NO_LABEL = "NO-SUCH-LABEL"


def bare(label: str) -> str:
    """A label without its prefix."""
    return label[2:] if label.startswith(_PREFIXES) else label


def _call(endpoint: Endpoint, kind: str, ignore_labels: JSON) -> Request:
    return endpoint.classify(MIXED, strategy=kind, ignore_labels=ignore_labels)


def _first_label(exchange: Exchange) -> str | None:
    labels = (entry.label for entry in entries(exchange))
    return next((label for label in labels if label not in (None, "O")), None)


#: Makes a list of labels from one that the model knows and all that it has shown.
_MakeList: TypeAlias = "Callable[[str, Collection[str | None]], JSON]"


@dataclass(frozen=True, slots=True)
class _Listed:
    """A step that calls with a list made from the labels of the plan's first answer."""

    endpoint: Endpoint
    kind: str
    make: _MakeList

    def __call__(self, exchanges: tuple[Exchange, ...]) -> Request | None:
        label = _first_label(exchanges[0])
        if label is None:
            return None
        known = {entry.label for entry in entries(exchanges[0])}
        return _call(self.endpoint, self.kind, self.make(label, known))


def _after_label(endpoint: Endpoint, kind: str, before: JSON, *lists: _MakeList) -> Plan:
    """A call with the list ``before``, then calls with lists made from a label of its answer."""
    steps = (_Listed(endpoint, kind, make) for make in lists)
    return plan(_call(endpoint, kind, before), *steps)


def _only(label: str, _: Collection[str | None]) -> list[JSON]:
    return [label]


def _and_outside(label: str, _: Collection[str | None]) -> list[JSON]:
    return ["O", label]


def _many_times(label: str, _: Collection[str | None]) -> list[JSON]:
    return [label, "O", label, _NO_LABEL, "O", label]


def _prefixed(label: str, _: Collection[str | None]) -> list[JSON]:
    return ["O", f"B-{label}", f"I-{label}"]


def _near_misses(label: str, known: Collection[str | None]) -> list[JSON]:
    near = (label.swapcase(), f" {label}", f"{label} ", label[:-1], label[1:], f"{label}S")
    return ["O", *(each for each in near if each not in known)]


def _none_of_them(label: str, known: Collection[str | None]) -> list[JSON]:
    return [*_prefixed(label, known), *_near_misses(label, known)]


def _judge_prefix(entry: Entry) -> Iterator[Violation]:
    group = entry.fields.get("entity_group")
    if isinstance(group, str) and group.startswith(_PREFIXES):
        yield Violation(
            where=f"{entry.where}.entity_group", expected=repr(bare(group)), actual=repr(group)
        )


def _groups_and_tokens(endpoint: Endpoint) -> Iterator[Plan]:
    yield plan(_call(endpoint, "none", []), _call(endpoint, "simple", []))


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
        before, hyphen, after = str(label).partition("-")
        if group.label != (after if hyphen else before):
            yield Violation(
                where=f"{group.where}.entity_group",
                expected=f"{(after if hyphen else before)!r}, its first token being {label}",
                actual=repr(group.label),
                marks=group.mark(),
            )
            return


def _tokens(endpoint: Endpoint) -> Iterator[Plan]:
    yield plan(_call(endpoint, "none", ["O"]))


def _judge_token_labels(trial: Trial) -> Iterator[Violation | Undecided]:
    labels = {entry.fields.get("entity") for entry in entries(trial.exchange)}
    names = {label for label in labels if isinstance(label, str)}
    if any(name.startswith(_PREFIXES) for name in names):
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


def _default_calls(endpoint: Endpoint) -> Iterator[Plan]:
    yield from plain_calls(endpoint)
    yield plan(_call(endpoint, "simple", None))


def _judge_outside(trial: Trial) -> Iterator[Violation | Undecided]:
    exchange = trial.exchange
    asked = exchange.request.parameters.get("ignore_labels", ...)
    if asked is None and exchange.status == 400:
        yield Violation(
            where="status",
            expected="200: ignore_labels null leaves the default in place",
            actual=f"400, {show(exchange.document)}",
        )
        return
    if asked not in (..., None, ["O"]) or exchange.document is None:
        yield Undecided("no answer left the default in place")
        return
    for entry in entries(exchange):
        if entry.label == "O":
            yield Violation(
                where=entry.where,
                expected="no entry labelled O",
                actual=show(entry.fields),
                marks=entry.mark("O"),
            )
            return


def _without_outside(endpoint: Endpoint) -> Iterator[Plan]:
    for kind in _KINDS:
        yield plan(_call(endpoint, kind, []))
        yield plan(_call(endpoint, kind, [_NO_LABEL]))


def _judge_replaced(trial: Trial) -> Iterator[Violation | Undecided]:
    found = entries(trial.exchange)
    spans = [entry.span for entry in found if entry.span]
    if any(entry.label == "O" for entry in found):
        return
    if trial.exchange.status != 200 or len(spans) < len(found) or not found:
        yield Undecided("no answer had entries with offsets")
        return
    covered = {place for start, end in spans for place in range(start, end)}
    gap = next((i for i, c in enumerate(MIXED) if c != " " and i not in covered), None)
    if gap is None:
        yield Undecided("the model has no label O")
        return
    yield Violation(
        where="body",
        expected="an entry labelled O for each word that is no entity",
        actual=f"none for the word at {gap}",
        hint="ignore_labels replaces the default; it is not added to it.",
    )


def _ignoring(endpoint: Endpoint) -> Iterator[Plan]:
    for kind in _KINDS:
        yield _after_label(endpoint, kind, [], _only)
        yield _after_label(endpoint, kind, ["O"], _and_outside)


def _judge_absent(trial: Trial) -> Iterator[Violation | Undecided]:
    if len(trial.exchanges) < 2 or trial.exchange.status != 200:
        yield Undecided("no label to ignore was found")
        return
    ignored = trial.exchange.request.parameters.get("ignore_labels")
    for entry in entries(trial.exchange):
        if isinstance(ignored, list) and entry.label in ignored:
            yield Violation(
                where=entry.where,
                expected=f"no entry labelled {entry.label}, which is in ignore_labels",
                actual=show(entry.fields),
                marks=entry.mark(str(entry.label)),
            )
            return


def _judge_rest(trial: Trial) -> Iterator[Violation | Undecided]:
    if len(trial.exchanges) < 2 or any(each.status != 200 for each in trial.exchanges):
        yield Undecided("no label to ignore was found")
        return
    ignored: Any = trial.exchange.request.parameters.get("ignore_labels")
    rest = [entry for entry in entries(trial.exchanges[0]) if entry.label not in ignored]
    # Those that should be gone and are not are for label.ignored-are-absent.
    found = [entry for entry in entries(trial.exchange) if entry.label not in ignored]
    difference = compare(rest, found, expected="the answer that ignores nothing of it")
    if difference is None:
        return
    if all(is_sound(each, trial.endpoint) for each in trial.exchanges):
        yield difference
    else:
        yield Undecided("the answers differ, but one of them is wrong in itself")


def _same_after(make: _MakeList) -> Callable[[Endpoint], Iterator[Plan]]:
    """Plans of a call that ignores O, then of one that must ignore no more."""

    def examples(endpoint: Endpoint) -> Iterator[Plan]:
        both = _after_label(endpoint, "simple", ["O"], _none_of_them)
        yield replace(_after_label(endpoint, "simple", ["O"], make), bundle=both)

    return examples


def _dropping(endpoint: Endpoint) -> Iterator[Plan]:
    yield from _ignoring(endpoint)
    for kind in _KINDS:
        # What the default drops has stood between its neighbours, too.
        yield plan(_call(endpoint, kind, []), _call(endpoint, kind, ["O"]))


def _sets(endpoint: Endpoint) -> Iterator[Plan]:
    for kind in _KINDS:
        yield _after_label(endpoint, kind, ["O"], _and_outside, _many_times)


def _judge_sets(trial: Trial) -> Iterator[Violation | Undecided]:
    """The first call only finds a label; those after it must agree."""
    compared = Trial(exchanges=trial.exchanges[1:], endpoint=trial.endpoint)
    if not compared.exchanges:
        yield Undecided("no label to ignore was found")
        return
    yield from judge_same("the plain list's answer")(compared)


def _nulls(endpoint: Endpoint) -> Iterator[Plan]:
    for kind in _KINDS:
        yield _after_label(endpoint, kind, ["O"], lambda *_: ["O", None])


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
    odd: Sequence[_MakeList] = (
        lambda label, _: ["O", 5, True, 0.5, [label], {label: 1}],
        lambda *_: {"O": 1},
    )
    for kind in _KINDS:
        yield _after_label(endpoint, kind, ["O"], *odd)


def _bare_for_whole(endpoint: Endpoint) -> Iterator[Plan]:
    yield _after_label(endpoint, "none", ["O"], lambda label, _: ["O", bare(label)])


def _judge_bare(trial: Trial) -> Iterator[Violation | Undecided]:
    label = _first_label(trial.exchanges[0])
    if label is None or label == bare(label):
        yield Undecided("no label has a prefix")
        return
    yield from _SAME(trial)


_SAME: Judge = judge_same("the answer that ignores O only")

CHECKS: tuple[Check, ...] = (
    Check(
        clause="label.group-without-prefix",
        examples=plain_calls,
        watches=is_answer,
        judge=judge_entries(_judge_prefix),
    ),
    Check(clause="label.group-after-hyphen", examples=_groups_and_tokens, judge=_judge_group_names),
    Check(clause="label.token-as-in-model", examples=_tokens, judge=_judge_token_labels),
    Check(
        clause="label.outside-hidden",
        examples=_default_calls,
        watches=is_answer,
        judge=_judge_outside,
    ),
    Check(clause="label.ignore-replaces-default", examples=_without_outside, judge=_judge_replaced),
    Check(clause="label.ignored-are-absent", examples=_ignoring, judge=_judge_absent),
    Check(clause="label.ignore-keeps-the-rest", examples=_dropping, judge=_judge_rest),
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
