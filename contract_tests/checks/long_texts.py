"""Long texts: one that no common window holds, how it is asked for, and what a window showed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from nertwin.schemas import JSON

from ..endpoint import Endpoint
from ..entries import Entry
from ..exchange import Exchange, Request
from ..violations import Violation
from .answers import entries, show
from .check import Judge, Plan, Trial, Undecided, plan
from .lattice import find_gap
from .readings import is_comparable, is_same

#: No window of this many tokens or less holds the text.
COMMON_WINDOW = 512
STRIDE = 16

_NAMES = ("Angela Merkel", "Tim Cook", "Sarah Jessica Parker", "Barack Obama", "Lionel Messi")
_PLACES = ("Berlin", "New York", "Paris", "London", "Tokyo", "Buenos Aires", "Rome")
_SENTENCES = tuple(
    f"{_NAMES[number % 5]} counted {number} ships in {_PLACES[number % 7]}."
    for number in range(100, 220)
)
#: Each of its sentences is another, so that offsets of one don't fit the next.
LONG = " ".join(_SENTENCES)
#: The end of it, which is far from every first window.
TAIL = " ".join(_SENTENCES[-12:])
#: No token spans a blank, so that whatever ends behind this lies beyond the common window.
BEYOND = len(" ".join(LONG.split(" ")[:COMMON_WINDOW]))

NOT_CUT = Undecided("the model's window seems to hold the whole text")


def unstrided(endpoint: Endpoint) -> Request:
    """The tokens of the long text's first window, none ignored."""
    return endpoint.classify(LONG, strategy="none", ignore_labels=[])


def strided(endpoint: Endpoint, stride: JSON, *, strategy: JSON = "simple") -> Request:
    """The long text in windows, no label ignored; strategy None is sent as null."""
    parameters: dict[str, JSON] = {"aggregation_strategy": strategy, "ignore_labels": []}
    return endpoint.call({"inputs": LONG, "parameters": parameters | {"stride": stride}})


def usual(endpoint: Endpoint) -> Request:
    """The long text as people send it."""
    return endpoint.classify(LONG, strategy="simple", stride=128)


def unless_slow(judge: Judge) -> Judge:
    """The judge, undecided where the tokenizer is a slow one, which does no windows."""

    def careful(trial: Trial) -> Iterator[Violation | Undecided]:
        if any("slow tokenizer" in show(exchange.document) for exchange in trial.exchanges):
            yield Undecided("the tokenizer is a slow one, which refuses a stride")
        else:
            yield from judge(trial)

    return careful


def after_first_window(*requests: Request, endpoint: Endpoint) -> Iterator[Plan]:
    """For each request a plan in which the first window is shown before."""
    for request in requests:
        yield plan(unstrided(endpoint), request)


def read_window(exchange: Exchange) -> list[Entry] | Undecided:
    """The tokens of the first window, where it is seen to be all that was read."""
    found = entries(exchange)
    spans = [entry.span for entry in found if entry.span and "entity" in entry.fields]
    if exchange.status != 200 or not found or len(spans) < len(found):
        return Undecided("the first window's tokens were not shown with their offsets")
    if any(before[1] > span[0] for before, span in pairwise(spans)):
        return Undecided("the first window's tokens overlap or are out of order")
    reached = max(end for _, end in spans)
    if find_gap(LONG[:reached], spans) is not None:
        return Undecided("with no label ignored some tokens were still not shown")
    return NOT_CUT if find_gap(LONG, [(0, reached)]) is None else found


def lost(exchange: Exchange) -> Violation | None:
    """The first stretch of the long text that an answer says nothing of."""
    found = entries(exchange)
    gap = find_gap(LONG, sorted(entry.span for entry in found if entry.span))
    if gap is None:
        return None
    start, end = gap
    last = found[-1]
    return Violation(
        where="body",
        expected=f"entries for all of the text, {len(LONG)} characters, as no label is ignored",
        actual=f"none from {start} to {end}: {show(LONG[start : min(end, start + 60)])}",
        hint=f"The last entry is {show(last.word)}, {last.fields.get('end')} its end.",
    )


def twice(exchange: Exchange) -> Violation | None:
    """The first two entries that share a stretch."""
    spans = sorted((entry.span, entry.where, entry) for entry in entries(exchange) if entry.span)
    for ((start, end), where, one), (span, _, other) in pairwise(spans):
        if min(end, span[1]) > span[0]:
            return Violation(
                where=other.where,
                expected=f"what {where} tells of {show(one.word)}, {start} to {end}, only once",
                actual=f"{show(other.word)}, {span[0]} to {span[1]}, as well",
                hint="Two windows read it; one of the two entries has to go.",
                marks=other.mark(show(other.word)),
            )
    return None


def misplaced(exchange: Exchange) -> list[Entry]:
    """The entries that are not where their offsets say."""
    return [
        entry
        for entry in entries(exchange)
        if is_comparable(entry.word)
        and type(entry.fields.get("start")) is int
        and (entry.span is None or not is_same(LONG[slice(*entry.span)], entry.word))
    ]
