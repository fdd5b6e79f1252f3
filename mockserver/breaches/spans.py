"""Breaches of offsets and of the words they stand for."""

from __future__ import annotations

import unicodedata

from ..decoders import CONTINUATION, METASPACE
from ..reply import Reply
from .deed import Deed, Entry
from .edits import (
    Breaches,
    ask,
    edit_entries,
    edit_lists,
    has_offsets,
    label_key,
    model_of,
    rest_of,
    score,
)
from .grouping import tokens_of

BREACHES = Breaches()
_MARKS = (CONTINUATION, METASPACE)


@BREACHES.breaks("span.within-text")
def run_past_end(deed: Deed) -> Reply:
    """The last entry, and its word, run to the text's end, and ``end`` is one past it."""

    def change(found: list[Entry], text: str) -> list[Entry]:
        if not has_offsets(found):
            return found
        last = found[-1]
        mark = next((mark for mark in _MARKS if last["word"].startswith(mark)), "")
        word = mark + " ".join(text[last["start"] :].split())
        return [*found[:-1], {**last, "word": word, "end": len(text) + 1}]

    return edit_lists(deed, change)


@BREACHES.breaks("span.not-empty")
def add_empty_entry(deed: Deed) -> Reply:
    """After the last entry stands one without a character."""

    def change(found: list[Entry], text: str) -> list[Entry]:
        if not has_offsets(found):
            return found
        last = found[-1]
        # As if the last token had an empty one after it, which is just as sure.
        tokens = [token for token in tokens_of(deed, text) if token["end"] == last["end"]]
        empty = score(deed, last, (tokens or [last])[-1]["score"])
        empty |= {"word": "", "start": last["end"]}
        if "entity" in last:
            # With B- it is no part of the group before it, under no strategy.
            begin = f"B-{rest_of(last['entity'])}"
            known = begin in model_of(deed).labels.names
            empty |= {"entity": begin if known else last["entity"], "index": last["index"] + 1}
        return [*found, empty]

    return edit_lists(deed, change)


@BREACHES.breaks("span.code-points")
def count_utf16(deed: Deed) -> Reply:
    """Offsets count UTF-16 units, as JavaScript does."""
    return edit_lists(deed, lambda found, text: [_recount(entry, text) for entry in found])


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _recount(entry: Entry, text: str) -> Entry:
    if entry["start"] is None:
        return entry
    start, end = entry["start"], entry["end"]
    return {**entry, "start": _units(text[:start]), "end": _units(text[:end])}


@BREACHES.breaks("span.half-open")
def close_spans(deed: Deed) -> Reply:
    """``end`` is the place of the last character."""
    return edit_entries(
        deed,
        lambda entry: entry if entry["end"] is None else {**entry, "end": entry["end"] - 1},
    )


@BREACHES.breaks("span.text-as-sent")
def normalize_first(deed: Deed) -> Reply:
    """Offsets point into the text with its blanks collapsed and its letters composed."""

    def change(found: list[Entry], text: str) -> list[Entry]:
        normal = unicodedata.normalize("NFC", " ".join(text.split()))
        return ask(deed, normal, deed.parameters) if normal != text else found

    return edit_lists(deed, change)


@BREACHES.breaks("span.slice-is-word")
def misquote_words(deed: Deed) -> Reply:
    """Every ``word`` is followed by letters that don't stand in the text."""
    return edit_entries(deed, lambda entry: {**entry, "word": f"{entry['word']}xyz"})


@BREACHES.breaks("span.text-order")
def reverse_groups(deed: Deed) -> Reply:
    """Groups of average, or of no strategy, come with the last one first."""

    def change(found: list[Entry], _: str) -> list[Entry]:
        return found[::-1] if found and "entity_group" in found[0] else found

    return edit_lists(deed, change) if _is_unbound(deed) else deed.reply


def _is_unbound(deed: Deed) -> bool:
    """Whether few clauses say more of the call: what it finds, those of its strategy bind."""
    return deed.strategy == "average" or "aggregation_strategy" not in deed.parameters


@BREACHES.breaks("span.no-overlap")
def repeat_group(deed: Deed) -> Reply:
    """The last group of average, or of no strategy, comes twice, but not with a stride."""

    def change(found: list[Entry], _: str) -> list[Entry]:
        is_group = has_offsets(found) and label_key(found[-1]) == "entity_group"
        return [*found, found[-1]] if is_group else found

    is_bound = "stride" in deed.parameters or not _is_unbound(deed)
    return deed.reply if is_bound else edit_lists(deed, change)
