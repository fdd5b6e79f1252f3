"""Spans: offsets count code points of the inputs as sent, and words are where they say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ..endpoint import Endpoint
from ..entries import Entry
from ..strategies import texts
from ..violations import Violation
from .answers import (
    ASTRAL,
    NO_ENTRY,
    entries,
    entries_by_text,
    is_answer,
    judge_entries,
    judge_texts,
    plain_calls,
    show,
)
from .check import Check, Judge, Plan, Trial, Undecided, plan
from .readings import Mistake, Placed, find_readings, find_shift, is_comparable, is_same

# Each has something before its names that somebody counts otherwise.
_UNITS = (
    ASTRAL,
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 Zoe\u0301 met Angela Merkel in Berlin.",
    "Fran\u00e7ois l\u00e4uft mit Angela Merkel durch M\u00fcnchen.",
)
_LAYOUTS = (
    "  \t Angela Merkel lives in Berlin.",
    "Angela Merkel\r\nlives in\r\n\r\nBerlin with   Tim Cook.  ",
    "Jose\u0301 Garci\u0301a met Angela Merkel in Berlin.",
    "\ufb01ve \u0130stanbul \u1e9e met Angela Merkel in Berlin.",
    "a\u0000b\u200b \u2764\ufe0f \U0001f44d\U0001f3fd \U0001d49c"
    " \U00020bb7 Angela Merkel in Berlin.",
    "\ufeffAngela Merkel lives in Berlin.",
)
_DRAWN = ("none", "simple")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_UNUSUAL = re.compile(r"^\s|\s$|\s\s|[\r\x00-\x08\u200b\ufeff\ufb01\u0130]|[^\x00-\x7f]")


def _tricky_calls(endpoint: Endpoint) -> Iterator[Plan]:
    # With every label shown, offsets can be judged whatever the model finds.
    texts = (*_UNITS, *_LAYOUTS)
    shown = [endpoint.classify(text, strategy="none", ignore_labels=[]) for text in texts]
    yield plan(*shown)
    yield plan(*(endpoint.classify(text, strategy="simple") for text in texts))


def _drawn_calls(endpoint: Endpoint) -> SearchStrategy[Plan]:
    # Other checks send the same, as they draw the same texts.
    return st.builds(
        lambda text: plan(
            *(endpoint.classify(text, strategy=each, ignore_labels=[]) for each in _DRAWN)
        ),
        texts(),
    )


def _judge_bounds(entry: Entry) -> Iterator[Violation]:
    start, end = entry.fields.get("start"), entry.fields.get("end")
    if start is None and end is None:
        return
    length = len(entry.text)
    for name, value in (("start", start), ("end", end)):
        if isinstance(value, bool) or not isinstance(value, int | None):
            yield Violation(
                where=f"{entry.where}.{name}",
                expected="a whole number without a fraction",
                actual=show(value),
            )
            return
    if start is None or end is None:
        return  # For span.null-pair.
    if not 0 <= start <= end <= length:
        yield Violation(
            where=entry.where,
            expected=f"0 <= start <= end <= {length}, the length of the text",
            actual=f"start {start}, end {end}",
        )


def _judge_empty(entry: Entry) -> Iterator[Violation]:
    if entry.span is not None and entry.span[0] == entry.span[1]:
        yield Violation(
            where=entry.where,
            expected="a stretch of one character at least",
            actual=f"start and end are {entry.span[0]}",
            marks=entry.mark(show(entry.word)),
        )


def _placed(of_text: Sequence[Entry]) -> list[Placed]:
    """Words with offsets; those beyond the text too, since another unit may hold them."""
    found = []
    for entry in of_text:
        start, end = entry.fields.get("start"), entry.fields.get("end")
        if type(start) is int and type(end) is int and 0 <= start <= end:
            found.append((entry.word, start, end))
    return found


def _judge_reading(mistake: Mistake, telling: re.Pattern[str] | None) -> Judge:
    """A judge of one mistake; only texts in which it would show decide.

    All texts of a trial are read together: what explains one may not explain the next.
    """

    def judge(trial: Trial) -> Iterator[Violation | Undecided]:
        found = [each for exchange in trial.exchanges for each in entries_by_text(exchange) if each]
        answers = [(of_text[0].text, _placed(of_text)) for of_text in found]
        if not any(_is_telling(text, placed, telling) for text, placed in answers):
            yield Undecided("no text with a word in it would have shown the difference")
            return
        readings = find_readings(answers)
        mistakes = {reading.mistake for reading in readings}
        if mistakes == {mistake}:
            wrong = next(each for each in found if not all(map(_is_right, each)))
            yield _misread([reading.name for reading in readings], wrong)
        elif mistake in mistakes:
            yield Undecided("these texts could be misread in several ways")

    return judge


def _is_telling(text: str, placed: Sequence[Placed], telling: re.Pattern[str] | None) -> bool:
    has_words = any(is_comparable(word) for word, _, _ in placed)
    return has_words and (telling is None or telling.search(text) is not None)


def _misread(names: Sequence[str], of_text: list[Entry]) -> Violation:
    wrong = [entry for entry in of_text if not _is_right(entry)]
    first = wrong[0]
    start, end = first.fields["start"], first.fields["end"]
    return Violation(
        where=f"{first.where}.start",
        expected="code points of the inputs as sent",
        actual=f"{show(first.word)} is given at {start} to {end}"
        f" ({len(wrong)} of {len(of_text)} entries are off)",
        hint=f"This endpoint {' or '.join(names)}; that explains every offset.",
        marks=first.mark(f"{start} to {end} in code points"),
    )


def _is_right(entry: Entry) -> bool:
    if not is_comparable(entry.word) or entry.fields.get("start") is None:
        return True
    span = entry.span
    return span is not None and is_same(entry.text[span[0] : span[1]], entry.word)


def judge_slices(of_text: list[Entry]) -> Iterator[Violation | Undecided]:
    """What stands where the entries of a text say, compared with their words."""
    text, placed = of_text[0].text, _placed(of_text)
    if not any(is_comparable(word) for word, _, _ in placed):
        yield Undecided("no entry had offsets and a word")
        return
    if find_readings([(text, placed)]):
        return  # For span.code-points, span.text-as-sent or span.half-open.
    shift = find_shift(text, placed)
    for entry in of_text:
        # That an empty stretch is no word goes without saying.
        if entry.span is None or entry.span[0] == entry.span[1] or _is_right(entry):
            continue
        start, end = entry.span
        yield Violation(
            where=entry.where,
            expected=f"the stretch {start} to {end} to be the word {show(entry.word)}",
            actual=show(text[start:end]),
            hint="" if shift is None else f"Every entry is shifted by {shift:+d}.",
            marks=entry.mark(f"{start} to {end}"),
        )


def _judge_order(of_text: list[Entry]) -> Iterator[Violation | Undecided]:
    spans = [(entry, entry.span) for entry in of_text if entry.span]
    if len(spans) < 2:
        yield Undecided("no text had two entries")
        return
    for (_, before), (entry, span) in pairwise(spans):
        if before and span and span[0] < before[0]:
            yield Violation(
                where=f"{entry.where}.start",
                expected=f"at least {before[0]}, where the entry before it starts",
                actual=str(span[0]),
                marks=entry.mark(show(entry.word)),
            )
            return


def judge_overlap(of_text: list[Entry]) -> Iterator[Violation | Undecided]:
    """Entries of a text that share characters."""
    spans = sorted((entry.span, entry.where, entry) for entry in of_text if entry.span)
    if len(spans) < 2:
        yield Undecided("no text had two entries")
        return
    for ((start, stop), where, _), ((begin, end), _, entry) in pairwise(spans):
        shared = min(stop, end) - begin
        # Tokens of a byte-level vocabulary may share the character that they are parts of.
        is_part = (
            "entity" in entry.fields and shared == 1 and (stop - start == 1 or end - begin == 1)
        )
        if shared > 0 and not is_part:
            yield Violation(
                where=entry.where,
                expected=f"no character of {where}, {start} to {stop}",
                actual=f"{begin} to {end}",
                marks=entry.mark(show(entry.word)),
            )
            return


def judge_nulls(trial: Trial) -> Iterator[Violation | Undecided]:
    """Offsets of which some are null and some are not."""
    found = entries(trial.exchange)
    offsets = {
        (entry.fields.get("start", 0) is None, entry.fields.get("end", 0) is None)
        for entry in found
    }
    if not found:
        yield NO_ENTRY
    elif len(offsets) > 1 or offsets & {(True, False), (False, True)}:
        yield Violation(
            where="body",
            expected="start and end null in every entry, or in none",
            actual=f"{len(found)} entries, some null and some not",
        )


CHECKS: tuple[Check, ...] = (
    Check(
        clause="span.within-text",
        examples=plain_calls,
        draws=_drawn_calls,
        watches=is_answer,
        judge=judge_entries(_judge_bounds),
    ),
    Check(
        clause="span.not-empty",
        examples=plain_calls,
        draws=_drawn_calls,
        watches=is_answer,
        judge=judge_entries(_judge_empty),
    ),
    Check(
        clause="span.code-points",
        examples=_tricky_calls,
        draws=_drawn_calls,
        watches=is_answer,
        judge=_judge_reading("unit", _BEYOND_ASCII),
    ),
    Check(
        clause="span.half-open",
        examples=plain_calls,
        watches=is_answer,
        judge=_judge_reading("end", None),
    ),
    Check(
        clause="span.text-as-sent",
        examples=_tricky_calls,
        draws=_drawn_calls,
        watches=is_answer,
        judge=_judge_reading("text", _UNUSUAL),
    ),
    Check(
        clause="span.slice-is-word",
        examples=plain_calls,
        draws=_drawn_calls,
        watches=is_answer,
        judge=judge_texts(judge_slices),
    ),
    Check(
        clause="span.text-order",
        examples=plain_calls,
        draws=_drawn_calls,
        watches=is_answer,
        judge=judge_texts(_judge_order),
    ),
    Check(
        clause="span.no-overlap",
        examples=plain_calls,
        draws=_drawn_calls,
        watches=is_answer,
        judge=judge_texts(judge_overlap),
    ),
    Check(clause="span.null-pair", examples=plain_calls, watches=is_answer, judge=judge_nulls),
)
