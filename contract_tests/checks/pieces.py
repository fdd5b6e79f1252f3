"""Pieces: that none shows each token by itself, and that groups put them together again."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from ..entries import Entry
from ..exchange import Exchange
from ..violations import Violation
from .answers import entries, show
from .check import Check, Trial, Undecided
from .lattice import Lattice, find_gap, lattice_calls, read_lattice
from .recomputing import read_words


def _judge_tokens(trial: Trial) -> Iterator[Violation | Undecided]:
    exchange = _asked(trial, "none")
    found = entries(exchange) if exchange else []
    if not found:
        yield Undecided("none gave no entry")
    # A mixture is for shape.one-kind to tell.
    if found and not any("entity" in entry.fields for entry in found):
        yield Violation(
            where=found[0].where,
            expected="a token with `entity`",
            actual=show(found[0].fields),
            marks=found[0].mark(),
        )
        return
    yield from _judge_merged(found)


def _judge_merged(found: list[Entry]) -> Iterator[Violation]:
    for entry in found:
        if entry.span and len(entry.text[slice(*entry.span)].split()) > 1:
            yield Violation(
                where=entry.where,
                expected="one token, which has no blank inside",
                actual=show(entry.text[slice(*entry.span)]),
                marks=entry.mark(show(entry.word)),
            )
            return
    spans = [entry.span for entry in found if entry.span]
    if not spans or find_gap(found[0].text, spans) is not None:
        return  # Tokens are hidden, which is for label.ignore-replaces-default.
    for before, entry in pairwise(found):
        index, following = before.fields.get("index"), entry.fields.get("index")
        if isinstance(index, int) and isinstance(following, int) and following > index + 1:
            yield Violation(
                where=entry.where,
                expected=f"the token with index {index + 1} as an entry of its own",
                actual=f"indexes {index} and {following}, with no text left out between",
                hint="Tokens seem to be joined into words; none lists each by itself.",
                marks=before.mark(show(before.word)),
            )
            return


def _judge_joined(trial: Trial) -> Iterator[Violation | Undecided]:
    lattice = read_lattice(trial)
    if isinstance(lattice, Undecided):
        yield lattice
        return
    is_seen = False
    for strategy in ("simple", "first", "average", "max"):
        exchange = _asked(trial, strategy)
        for entry in entries(exchange) if exchange else []:
            if _is_of_whole_words(entry, lattice):
                is_seen = True
                actual = _unjoined(entry, is_second_pass=strategy != "simple")
                if actual:
                    yield Violation(
                        where=f"{entry.where}.word",
                        expected=f"words with one space between, without marks, with {strategy}",
                        actual=f"{show(entry.word)}: {actual}",
                        marks=entry.mark(show(entry.word)),
                    )
                    return
    if not is_seen:
        yield Undecided("no group was one of whole words")


def _is_of_whole_words(entry: Entry, lattice: Lattice) -> bool:
    span = entry.span
    return span is not None and all(
        span[0] in {word[0].start for word in words} and span[1] in {word[-1].end for word in words}
        for words in read_words(lattice.tokens, lattice.text)
    )


def _unjoined(entry: Entry, *, is_second_pass: bool) -> str:
    """What is wrong with a group's word; empty where nothing is."""
    word, stretch = entry.word, entry.text[slice(*entry.span)] if entry.span else ""
    for mark in ("##", "\u2581", "\u0120"):
        if mark in word and mark not in stretch:
            return f"has the mark {mark!r}"
    if "  " in word or "\n" in word or "\t" in word:
        return "has more than one blank"
    parts = [part for part in stretch.split() if any(map(str.isalnum, part))]
    # The real pipeline decodes twice then, and Unigram loses its blanks on the way.
    if len(word.split()) < len(parts) and not (is_second_pass and " " not in word):
        return f"has fewer words than {show(stretch)}"
    return ""


def _asked(trial: Trial, strategy: str) -> Exchange | None:
    for exchange in trial.exchanges:
        if trial.endpoint.kind_asked(exchange.request) == strategy and exchange.status == 200:
            return exchange
    return None


CHECKS: tuple[Check, ...] = (
    Check(clause="aggregation.none-lists-tokens", examples=lattice_calls, judge=_judge_tokens),
    Check(clause="aggregation.word-is-joined", examples=lattice_calls, judge=_judge_joined),
)
