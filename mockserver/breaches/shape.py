"""Breaches of the answer's shape."""

from __future__ import annotations

from dataclasses import replace

import orjson

from ..reply import Refusal, Reply
from .deed import Deed, Entry
from .edits import (
    Breaches,
    edit_entries,
    edit_lists,
    edit_object,
    label_of,
    refuse,
    set_header,
    set_json,
)
from .requests import unknown_parameters

BREACHES = Breaches()
_KEY_ORDER = ("word", "start", "end", "score", "index", "entity_group", "entity")


@BREACHES.breaks("shape.answer-is-json")
def mistype_answer(deed: Deed) -> Reply:
    """An answer calls itself a page of HTML."""
    if deed.answer is None:
        return deed.reply
    return set_header(deed.reply, b"content-type", b"text/html; charset=utf-8")


@BREACHES.breaks("shape.one-text-one-list")
def nest_single_text(deed: Deed) -> Reply:
    """One text's list stands in a list of its own, as a batch's does."""
    if deed.answer is None or deed.is_batch:
        return deed.reply
    return set_json(deed.reply, [deed.answer])


@BREACHES.breaks("shape.batch-nests")
def flatten_batch_of_one(deed: Deed) -> Reply:
    """A batch of one text is answered as if it were that text."""
    if deed.answer is None or len(deed.texts) != 1 or not deed.is_batch:
        return deed.reply
    return set_json(deed.reply, deed.answer[0])


@BREACHES.breaks("shape.nothing-found")
def miss_entities(deed: Deed) -> Reply:
    """A text of words in which nothing is found gets a 404."""
    if deed.answer != [] or not (deed.text or "").strip() or "ignore_labels" in deed.parameters:
        return deed.reply
    return refuse(deed, Refusal(status=404, body={"error": "no entities"}, stage="inference"))


@BREACHES.breaks("shape.group-fields")
def add_entity_to_groups(deed: Deed) -> Reply:
    """Groups have an ``entity`` of null."""
    return edit_entries(deed, lambda entry: _with_both(entry, "entity_group", "entity"))


@BREACHES.breaks("shape.token-fields")
def add_group_to_tokens(deed: Deed) -> Reply:
    """Tokens have an ``entity_group`` of null."""
    return edit_entries(deed, lambda entry: _with_both(entry, "entity", "entity_group"))


def _with_both(entry: Entry, kind: str, other: str) -> Entry:
    return {other: None, **entry} if kind in entry else entry


@BREACHES.breaks("shape.no-other-fields")
def measure_words(deed: Deed) -> Reply:
    """Entries have a field ``length``."""
    return edit_entries(deed, lambda entry: {**entry, "length": len(entry["word"])})


@BREACHES.breaks("shape.token-index")
def drop_index(deed: Deed) -> Reply:
    """Tokens have no ``index``."""
    return edit_entries(deed, lambda entry: {k: v for k, v in entry.items() if k != "index"})


@BREACHES.breaks("shape.one-kind")
def mix_kinds(deed: Deed) -> Reply:
    """The last of several groups is a token."""

    def change(found: list[Entry], _: str) -> list[Entry]:
        if len(found) < 2 or "entity" in found[-1]:
            return found
        last = dict(found[-1])
        token = {"entity": last.pop("entity_group"), "score": last.pop("score"), "index": 1}
        return [*found[:-1], token | last]

    return edit_lists(deed, change)


@BREACHES.breaks("shape.no-label")
def add_label(deed: Deed) -> Reply:
    """Entries have a field ``label``."""
    return edit_entries(deed, lambda entry: {**entry, "label": label_of(entry)})


@BREACHES.breaks("shape.key-order")
def reorder_keys(deed: Deed) -> Reply:
    """An entry's keys come in another order."""
    return edit_entries(deed, lambda entry: {key: entry[key] for key in _KEY_ORDER if key in entry})


@BREACHES.breaks("shape.error-object")
def detail_error(deed: Deed) -> Reply:
    """A refusal says ``detail`` in place of ``error``."""
    if not deed.is_refused:
        return deed.reply
    return set_json(deed.reply, {"detail": orjson.loads(deed.reply.body)["error"]})


@BREACHES.breaks("shape.error-kind")
def flatten_error_list(deed: Deed) -> Reply:
    """Errors of validation come as one string."""
    if not deed.is_refused:
        return deed.reply
    error = orjson.loads(deed.reply.body)["error"]
    return (
        edit_object(deed.reply, error="\n".join(error)) if isinstance(error, list) else deed.reply
    )


@BREACHES.breaks("shape.error-has-error-status")
def err_with_200(deed: Deed) -> Reply:
    """The error of an unknown parameter comes with status 200."""
    if not deed.is_refused or not unknown_parameters(deed):
        return deed.reply
    return replace(deed.reply, status=200)


@BREACHES.breaks("shape.length-is-true")
def misstate_length(deed: Deed) -> Reply:
    """An answer announces one byte more than it has."""
    if deed.answer is None:
        return deed.reply
    return set_header(deed.reply, b"content-length", str(len(deed.reply.body) + 1).encode())
