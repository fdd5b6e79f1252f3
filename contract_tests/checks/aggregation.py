"""Aggregation: the strategies against each other, recomputed from the tokens that none gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise, zip_longest

from ..endpoint import Endpoint
from ..violations import Mark, Violation
from . import naming, pieces
from .answers import MIXED
from .check import Check, Plan, Trial, Undecided
from .lattice import (
    Lattice,
    calls,
    drawn_calls,
    judge_faults,
    lattice_calls,
    needs,
    read_lattice,
    show_fault,
)
from .recomputing import Group, read_words, strip_prefix, tolerance

_WHOLE = "Paris is in France and Berlin is in Germany"


def _even_calls(endpoint: Endpoint) -> Iterator[Plan]:
    for text in (_WHOLE, MIXED):
        yield calls(endpoint, text)


def _judge_bound(trial: Trial) -> Iterator[Violation | Undecided]:
    lattice = read_lattice(trial)
    if isinstance(lattice, Undecided):
        yield lattice
        return
    if not lattice.groups.get("average"):
        yield Undecided("average gave no group")
    for place, group in enumerate(lattice.groups.get("average", ())):
        inside = [
            token for token in lattice.tokens if group.start < token.end and token.start < group.end
        ]
        scores = [token.score for token in inside]
        if scores and group.score > max(scores) + tolerance(scores):
            yield Violation(
                where=f"body[{place}].score",
                expected=f"{max(scores):.8g} at most, the best of its tokens with none",
                actual=f"{group.score:.8g} with average",
                hint="A mean of probabilities exceeds none of their maxima.",
            )
            return


def _judge_mean(trial: Trial) -> Iterator[Violation | Undecided]:
    """Average, where all tokens of each word agree and it can be known."""
    lattice = read_lattice(trial)
    if isinstance(lattice, Undecided):
        yield lattice
        return
    if not lattice.groups.get("average"):
        yield Undecided("average gave no group")
        return
    for fault in lattice.faults("average"):
        inside = [
            token for token in lattice.tokens if fault.start < token.end and token.start < fault.end
        ]
        bound = max((token.score for token in inside), default=1.0)
        if fault.kind == "score" and float(fault.actual) > bound + tolerance([bound]):
            continue  # For aggregation.average-is-bounded.
        if fault.kind in ("lost", "bond", "label", "score", "votes"):
            yield show_fault(lattice, "average", fault)
            return


def _judge_agreement(trial: Trial) -> Iterator[Violation | Undecided]:
    lattice = read_lattice(trial)
    if isinstance(lattice, Undecided):
        yield lattice
        return
    if not lattice.groups.get("simple"):
        yield Undecided("simple gave no group")
        return
    readings = read_words(lattice.tokens, lattice.text)
    if any(len(word) > 1 for words in readings for word in words):
        yield Undecided("no text was all words of one token each")
        return
    wanted = lattice.groups.get("simple", ())
    for strategy in ("first", "average", "max"):
        found = lattice.groups.get(strategy)
        if found is not None:
            yield from _differing(lattice, strategy, found, wanted)


def _differing(
    lattice: Lattice, strategy: str, found: Sequence[Group], wanted: Sequence[Group]
) -> Iterator[Violation]:
    """The first group that isn't as simple has it; `word` may differ as tokenizers join it."""
    for place, (group, simple) in enumerate(zip_longest(found, wanted)):
        if group and simple and group.is_like(simple):
            continue
        shown = group or simple
        yield Violation(
            where=f"body[{place}]",
            expected=f"{simple or 'no more groups'}, as simple has it, with {strategy}",
            actual=str(group or "no such group"),
            hint="Every word is one token, so that there is nothing to choose.",
            marks=(Mark(text=lattice.text, start=shown.start, end=shown.end),) if shown else (),
        )
        return


def _judge_bare(trial: Trial) -> Iterator[Violation | Undecided]:
    lattice = read_lattice(trial)
    if isinstance(lattice, Undecided):
        yield lattice
        return
    pairs = Counter(
        token.label
        for before, token in pairwise(lattice.tokens)
        if before.label == token.label == strip_prefix(token.label)
    )
    if not pairs:
        yield Undecided("no two neighbours had one label without prefix")
    for strategy in ("simple", "first"):
        faults = lattice.faults(strategy) if lattice.groups.get(strategy) else []
        of_label = {token.start: token.label for token in lattice.tokens}
        parted = [(of_label[fault.start], fault) for fault in faults if fault.kind == "bare"]
        for label, fault in parted:
            # Where some are joined and some not, prefixes may have been hidden from us.
            if label == "O" or [each for each, _ in parted].count(label) >= pairs[label]:
                yield show_fault(lattice, strategy, fault)
                return


_WORDWISE = ("first", "average", "max")
_GROUPED = ("simple", "first", "max")

CHECKS: tuple[Check, ...] = (
    *naming.CHECKS,
    *pieces.CHECKS,
    Check(
        clause="aggregation.simple-joins-runs",
        examples=lattice_calls,
        draws=drawn_calls,
        judge=judge_faults({"simple": ("cut", "lost", "bond", "label")}),
    ),
    Check(
        clause="aggregation.b-opens-a-group",
        examples=lattice_calls,
        judge=needs(
            judge_faults(dict.fromkeys(_GROUPED, ("opens",))),
            shows="an opening",
            why="no B- stood right after a token of the same label",
        ),
    ),
    Check(
        clause="aggregation.bare-labels-join",
        examples=lattice_calls,
        judge=_judge_bare,
    ),
    Check(
        clause="aggregation.simple-score",
        examples=lattice_calls,
        draws=drawn_calls,
        judge=judge_faults({"simple": ("score", "votes")}),
    ),
    Check(
        clause="aggregation.words-stay-whole",
        examples=lattice_calls,
        draws=drawn_calls,
        judge=needs(
            judge_faults(dict.fromkeys(_WORDWISE, ("cut",))),
            shows="pieces",
            why="no word had more than one token",
        ),
    ),
    Check(
        clause="aggregation.first-token-decides",
        examples=lattice_calls,
        draws=drawn_calls,
        judge=judge_faults({"first": ("lost", "bond", "label", "score")}),
    ),
    Check(
        clause="aggregation.best-token-decides",
        examples=lattice_calls,
        draws=drawn_calls,
        judge=judge_faults({"max": ("lost", "bond", "label", "score")}),
    ),
    Check(
        clause="aggregation.average-is-bounded",
        examples=lattice_calls,
        draws=drawn_calls,
        judge=_judge_bound,
    ),
    Check(
        clause="aggregation.average-is-a-mean",
        examples=lattice_calls,
        judge=_judge_mean,
    ),
    Check(
        clause="aggregation.words-vote-once",
        examples=lattice_calls,
        judge=needs(
            judge_faults({"first": ("votes",), "max": ("votes",)}),
            shows="an uneven group",
            why="no group had words of different numbers of tokens",
        ),
    ),
    Check(clause="aggregation.whole-words-agree", examples=_even_calls, judge=_judge_agreement),
)
