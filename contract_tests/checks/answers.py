"""Answers: what judges of many topics look for in exchanges, and whom they watch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ..endpoint import Endpoint
from ..entries import Entry
from ..exchange import Exchange
from ..violations import Violation
from .check import Judge, Plan, Trial, Undecided, plan

NO_ENTRY = Undecided("no answer had an entry")

#: Texts in which every useful model finds something, in any scheme of labels.
PLAIN = "My name is Sarah Jessica Parker and I live in New York."
MIXED = (
    "Angela Merkel met Tim Cook of Apple in Berlin, took aspirin for a headache,"
    " then flew to Paris with Air France."
)
#: Offsets after these differ in every unit that people count in by mistake.
ASTRAL = "\U0001f600 Angela Merkel lives in Berlin \U0001f1e9\U0001f1ea and Paris."
#: Text with a header of its own, for whoever copies it to where headers end with a line break.
INJECTED = "x-nertwin-injected"
_BREAKS = ("\r\n", "\n", "\u560d\u560a")  # The last are line breaks once their high bytes are lost.
LINE_BREAKS = "Ada" + "".join(f"{each}{INJECTED}: 1{each}{each}" for each in _BREAKS)
BLANKS = ("", " ", "\n", "\r\n\r\n", " \t ")
STRATEGIES = ("none", "simple", "first", "average", "max")


def is_call(exchange: Exchange) -> bool:
    """Whether a classification was asked for."""
    return exchange.request.is_call


def is_answer(exchange: Exchange) -> bool:
    """Whether a call was answered by 200, whatever with."""
    return exchange.request.is_call and exchange.status == 200


def is_refusal(exchange: Exchange) -> bool:
    """Whether a call was refused: 400 and more, but for a busy or broken service."""
    return exchange.request.is_call and 400 <= exchange.status < 500


def entries_by_text(exchange: Exchange) -> list[list[Entry]]:
    """The objects of an answer, a list for each text; empty lists where it is malformed."""
    return exchange.entries


def entries(exchange: Exchange) -> list[Entry]:
    """All objects of an answer, in order."""
    return [entry for found in exchange.entries for entry in found]


def judge_entries(judge_entry: Callable[[Entry], Iterable[Violation]]) -> Judge:
    """A judge that looks at every entry by itself, and needs one to see anything."""

    def judge(trial: Trial) -> Iterator[Violation | Undecided]:
        found = [entry for exchange in trial.exchanges for entry in entries(exchange)]
        if not found:
            yield NO_ENTRY
        for entry in found:
            yield from judge_entry(entry)

    return judge


def judge_texts(judge_text: Callable[[list[Entry]], Iterable[Violation | Undecided]]) -> Judge:
    """A judge that looks at the entries of each text together, and needs one entry."""

    def judge(trial: Trial) -> Iterator[Violation | Undecided]:
        found = [each for exchange in trial.exchanges for each in entries_by_text(exchange)]
        if not any(found):
            yield NO_ENTRY
        for of_text in found:
            if of_text:
                yield from judge_text(of_text)

    return judge


def plain_calls(endpoint: Endpoint) -> Iterator[Plan]:
    """Calls that most judges of answers can tell something from; topics share them."""
    yield plan(endpoint.classify(PLAIN))
    yield plan(endpoint.classify(MIXED, strategy="none"))
    yield plan(endpoint.classify(MIXED, strategy="simple"))
    yield plan(endpoint.classify(ASTRAL, strategy="none", ignore_labels=[]))
    yield plan(endpoint.classify([MIXED, PLAIN], strategy="first"))
    yield plan(endpoint.classify(ASTRAL, strategy="max"))
    yield plan(endpoint.classify(MIXED, strategy="average"))


def blank_texts(endpoint: Endpoint) -> Iterator[Plan]:
    """Texts without a word, one in each strategy."""
    for text, strategy in zip(BLANKS, STRATEGIES, strict=True):
        yield plan(endpoint.classify(text, strategy=strategy))


def refused_calls(endpoint: Endpoint) -> Iterator[Plan]:
    """Calls that no endpoint answers."""
    yield plan(endpoint.call({"parameters": {}}))
    yield plan(endpoint.call({"inputs": PLAIN, "parameters": {"stide": 5}}))
    yield plan(endpoint.call(b'{"inputs": '))
    yield plan(endpoint.call({"inputs": 5}))


def all_calls(endpoint: Endpoint) -> Iterator[Plan]:
    """Calls that are answered, then calls that are refused."""
    yield from plain_calls(endpoint)
    yield from refused_calls(endpoint)


def show(value: object) -> str:
    """A value of an answer as a report shows it."""
    text = repr(value)
    return text if len(text) <= 200 else text[:199] + "…"
