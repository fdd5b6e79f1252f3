"""Relations: bodies that mean the same get the same, whatever the model says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

from hypothesis.strategies import SearchStrategy

from nertwin.schemas import JSON

from ..endpoint import Endpoint
from ..entries import Entry
from ..exchange import Exchange, Request
from ..strategies import texts
from ..violations import Violation
from .answers import ASTRAL, MIXED, PLAIN, entries, entries_by_text, show
from .bases import a_call, a_full_call, fresh, full_payload, repeated
from .bundles import BODY, bundle
from .check import Check, Plan, Trial, Undecided, plan
from .comparison import brief, compare, judge_same
from .lattice import UNEVEN
from .spellings import SPELLINGS, escape

_BATCH_TOLERANCE = 1e-4
_OTHER = "Tim Cook of Apple took aspirin in Berlin."
#: Has what JSON can write in several ways: quotes, slashes, line breaks, all planes.
_TANGLED = (
    'Zo\u00eb said "Angela/Berlin"\nto Tim\tCook \\ Apple in M\u00fcnchen'
    " \U0001f600 and \u6771\u4eac, \u007f\u2028."
)
_TAILS = (
    (PLAIN, " The weather was fine."),
    (MIXED, " It rained for most of the day."),
    (ASTRAL, " Nobody had expected that."),
    (_OTHER, " After that there was tea."),
)


def _write(endpoint: Endpoint, payload: JSON | bytes) -> Request:
    return fresh(endpoint, endpoint.call(payload))


def _repetitions(endpoint: Endpoint) -> Iterator[Plan]:
    plain, full = a_call(endpoint), a_full_call(endpoint)
    yield plan(plain, plain.again())
    yield plan(full, full.again(1), full.again(2))
    yield plan(*repeated(endpoint))


def _spellings(endpoint: Endpoint) -> Iterator[Plan]:
    yield replace(_in_escapes(endpoint, ASTRAL), bundle=bundle(endpoint, BODY))
    yield _in_escapes(endpoint, _TANGLED)
    slashed = json.dumps(full_payload(endpoint, _TANGLED), ensure_ascii=False)
    yield plan(
        a_full_call(endpoint, _TANGLED),
        _write(endpoint, slashed.replace("/", "\\/").encode()),
        _write(endpoint, json.dumps(full_payload(endpoint, _TANGLED)).encode()),
    )


def _drawn_spellings(endpoint: Endpoint) -> SearchStrategy[Plan]:
    return texts().map(lambda text: _in_escapes(endpoint, text))


def _in_escapes(endpoint: Endpoint, text: str) -> Plan:
    """The text raw, and with every character of it escaped."""
    payload = full_payload(endpoint, text)
    return plan(endpoint.call(payload), _write(endpoint, escape(payload)))


def _layouts(endpoint: Endpoint) -> Iterator[Plan]:
    full, payload = a_full_call(endpoint), full_payload(endpoint, MIXED)
    for number, spell in enumerate(SPELLINGS, start=BODY):
        yield plan(full, _write(endpoint, spell(payload)), bundle=bundle(endpoint, number))


def _empty_parameters(endpoint: Endpoint) -> Iterator[Plan]:
    for inputs in (PLAIN, [MIXED, PLAIN], ASTRAL):
        # A list that is built here, since a list of texts is no list of JSON to a type checker.
        said: JSON = list(inputs) if isinstance(inputs, list) else inputs
        empty = _write(endpoint, {"inputs": said, "parameters": {}})
        yield plan(endpoint.classify(inputs), empty)


def _defaults(endpoint: Endpoint) -> Iterator[Plan]:
    for inputs in (PLAIN, MIXED, ASTRAL):
        named = endpoint.classify(inputs, strategy=endpoint.default_strategy)
        yield plan(endpoint.classify(inputs), fresh(endpoint, named))


def batches(endpoint: Endpoint) -> Iterator[Plan]:
    """Texts one by one, then all of them in one call."""
    full = [endpoint.call(full_payload(endpoint, text)) for text in (ASTRAL, UNEVEN, ASTRAL)]
    yield _batch_plan(endpoint, full)
    yield _batch_plan(endpoint, [endpoint.classify(text) for text in (MIXED, "", PLAIN)])


def _batch_plan(endpoint: Endpoint, singles: list[Request]) -> Plan:
    """Calls of one text each, then one of all these texts with the same parameters."""
    inputs: JSON = [single.inputs for single in singles]  # type: ignore[misc]  # Each is a text.
    return plan(*singles, _write(endpoint, {"inputs": inputs} | _beside_inputs(singles[0])))


def _beside_inputs(request: Request) -> dict[str, JSON]:
    return {"parameters": request.parameters} if request.parameters else {}


def _judge_batch(trial: Trial) -> Iterator[Violation | Undecided]:
    *singles, batch = trial.exchanges
    alone = [entries(single) for single in singles]
    if not any(alone) or any(single.status != 200 for single in singles):
        yield Undecided("no answer with entries to compare with")
        return
    if batch.status != 200:
        yield Violation(
            where="status",
            expected="200 for texts that are answered one by one",
            actual=f"{batch.status}, {show(batch.document)}",
        )
        return
    together = entries_by_text(batch)
    if len(together) != len(alone):
        yield Undecided("the batch has no list for each text")  # For shape.batch-nests.
        return
    for place, (one, other) in enumerate(zip(alone, together, strict=True)):
        difference = compare(
            one, other, expected=f"the answer to text {place} alone", tolerance=_BATCH_TOLERANCE
        )
        if difference is not None:
            yield difference
            return


def _tails(endpoint: Endpoint) -> Iterator[Plan]:
    for text, tail in _TAILS:
        yield plan(endpoint.classify(text), a_call(endpoint, text + tail))


def _judge_tail(trial: Trial) -> Iterator[Violation | Undecided]:
    alone, longer = trial.exchanges
    before = [entry for entry in entries(alone) if entry.span]
    if not before or longer.status != 200:
        yield Undecided("no answer had an entry that could stay")
        return
    after = {_place(entry) for entry in entries(longer)}
    lost = [entry for entry in before if _place(entry) not in after]
    if len(lost) * 2 > len(before):
        yield Violation(
            where="body",
            expected=f"most of the {len(before)} entries found without the last sentence",
            actual=f"{len(lost)} of them are gone, {brief(lost[0])} first; {_tell(longer)}",
            marks=lost[0].mark(str(lost[0].label)),
        )


def _place(entry: Entry) -> tuple[object, object]:
    return entry.label, entry.span


def _tell(exchange: Exchange) -> str:
    found = entries(exchange)
    return f"left are {', '.join(map(brief, found))}" if found else "nothing is left"


CHECKS: tuple[Check, ...] = (
    Check(
        clause="relation.repeated",
        examples=_repetitions,
        judge=judge_same("the answer to an equal request"),
    ),
    Check(
        clause="relation.escapes",
        examples=_spellings,
        draws=_drawn_spellings,
        judge=judge_same("the answer to the same text as raw UTF-8"),
    ),
    Check(
        clause="relation.layout",
        examples=_layouts,
        judge=judge_same("the answer to the same JSON in another layout"),
    ),
    Check(
        clause="relation.empty-parameters",
        examples=_empty_parameters,
        judge=judge_same("the answer without parameters"),
    ),
    Check(
        clause="relation.default-by-name",
        examples=_defaults,
        judge=judge_same("the answer without a strategy"),
    ),
    Check(
        clause="relation.batch-is-singles",
        examples=batches,
        judge=_judge_batch,
    ),
    Check(clause="relation.tail", examples=_tails, judge=_judge_tail, is_soft=True),
)
