"""Breaches of how entities are called and which labels are left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from ..float32 import mean, to_float32
from ..reply import Reply
from .deed import Deed, Entry
from .edits import (
    Breaches,
    answer_as_if,
    ask,
    complain,
    edit_entries,
    edit_lists,
    has_offsets,
    label_of,
    rest_of,
    score,
)

BREACHES = Breaches()


def _ignored(deed: Deed) -> list[Any] | None:
    value = deed.parameters.get("ignore_labels")
    return value if isinstance(value, list) else None


@BREACHES.breaks("label.group-without-prefix")
def prefix_groups(deed: Deed) -> Reply:
    """``entity_group`` begins with B-."""
    return edit_entries(deed, lambda entry: _rename(entry, "entity_group", "B-{}".format))


@BREACHES.breaks("label.group-after-hyphen")
def recase_groups(deed: Deed) -> Reply:
    """``entity_group`` is spelt with one capital."""

    def respell(label: str) -> str:
        return label.title() if label.title() != label else f"{label}_"

    return edit_entries(deed, lambda entry: _rename(entry, "entity_group", respell))


@BREACHES.breaks("label.token-as-in-model")
def strip_prefixes(deed: Deed) -> Reply:
    """``entity`` shows no prefix where the strategy none was named."""
    if str(deed.parameters.get("aggregation_strategy")).lower() != "none":
        return deed.reply
    return edit_entries(deed, lambda entry: _rename(entry, "entity", rest_of))


def _rename(entry: Entry, kind: str, respell: Callable[[str], str]) -> Entry:
    # What is outside every entity keeps its name, or requests for it would find nothing.
    is_meant = kind in entry and entry[kind] != "O"
    return {**entry, kind: respell(entry[kind])} if is_meant else entry


@BREACHES.breaks("label.outside-hidden")
def show_outside(deed: Deed) -> Reply:
    """Texts in which something is found show what is labelled O as well."""
    if deed.parameters.get("ignore_labels") not in (None, ["O"]):
        return deed.reply
    parameters = {**deed.parameters, "ignore_labels": []}
    return edit_lists(deed, lambda found, text: found and ask(deed, text, parameters))


@BREACHES.breaks("label.ignore-replaces-default")
def keep_default(deed: Deed) -> Reply:
    """O is left out whatever the list says."""
    ignored = _ignored(deed)
    if ignored is None or "O" in ignored:
        return deed.reply
    return answer_as_if(deed, ignore_labels=[*ignored, "O"])


@BREACHES.breaks("label.ignored-are-absent")
def show_ignored(deed: Deed) -> Reply:
    """Nothing but O is ever left out."""
    ignored = _ignored(deed)
    if ignored is None or None in ignored:
        return deed.reply
    return answer_as_if(deed, ignore_labels=["O"] if "O" in ignored else [])


@BREACHES.breaks("label.ignore-keeps-the-rest")
def join_over_ignored(deed: Deed) -> Reply:
    """Groups of one label on both sides of a group that was left out are joined."""
    ignored = _ignored(deed)
    if ignored in (None, ["O"]) or deed.strategy in (None, "none"):
        return deed.reply
    everything = {**deed.parameters, "ignore_labels": []}

    def change(found: list[Entry], text: str) -> list[Entry]:
        if not has_offsets(found):
            return found
        return _join_over(deed, found, ask(deed, text, everything), text)

    return edit_lists(deed, change)


def _join_over(deed: Deed, found: list[Entry], everything: list[Entry], text: str) -> list[Entry]:
    joined = [found[0]]
    for entry in found[1:]:
        last = joined[-1]
        dropped = [
            other
            for other in everything
            if last["end"] <= other["start"] and other["end"] <= entry["start"]
        ]
        if not dropped or label_of(entry) != label_of(last):
            joined.append(entry)
            continue
        word = text[last["start"] : entry["end"]]
        value = mean([to_float32(part["score"]) for part in (last, entry)])
        joined[-1] = score(deed, {**last, "word": word, "end": entry["end"]}, value)
    return joined


@BREACHES.breaks("label.ignore-group-names")
def ignore_groups_by_token_label(deed: Deed) -> Reply:
    """A group is left out when a token's label of its name is listed."""
    return _drop(deed, lambda label, listed: any(_is_prefixed(label, name) for name in listed))


def _is_prefixed(label: str, name: str) -> bool:
    return name in (f"B-{label}", f"I-{label}")


@BREACHES.breaks("label.ignore-whole-labels")
def ignore_tokens_by_group_name(deed: Deed) -> Reply:
    """A token is left out when its group's name is listed."""
    return _drop(deed, lambda label, listed: label != rest_of(label) and rest_of(label) in listed)


@BREACHES.breaks("label.ignore-exactly")
def ignore_loosely(deed: Deed) -> Reply:
    """Listed labels are compared without regard to letter case and blanks."""
    return _drop(
        deed, lambda label, listed: label.casefold() in {name.strip().casefold() for name in listed}
    )


def _drop(deed: Deed, is_ignored: Callable[[str, list[str]], bool]) -> Reply:
    """The reply without entries whose label is ignored, going by the strings in the list."""
    listed = [label for label in _ignored(deed) or () if isinstance(label, str)]
    return edit_lists(
        deed,
        lambda found, _: [entry for entry in found if not is_ignored(label_of(entry), listed)],
    )


@BREACHES.breaks("label.ignore-is-a-set")
def cancel_repetitions(deed: Deed) -> Reply:
    """A label that is listed twice is not left out."""
    labels = [label for label in _ignored(deed) or () if isinstance(label, str)]
    repeated = {label for label, times in Counter(labels).items() if times > 1}
    if not repeated:
        return deed.reply
    return answer_as_if(deed, ignore_labels=[label for label in labels if label not in repeated])


@BREACHES.breaks("label.ignore-null-member")
def pass_over_null(deed: Deed) -> Reply:
    """A null in the list is left out of it."""
    ignored = _ignored(deed)
    if ignored is None or None not in ignored:
        return deed.reply
    return answer_as_if(deed, ignore_labels=[label for label in ignored if label is not None])


@BREACHES.breaks("label.ignore-odd-members")
def refuse_odd_members(deed: Deed) -> Reply:
    """A list with anything but strings and null, and an object, are refused."""
    if deed.answer is None:
        return deed.reply
    value = deed.parameters.get("ignore_labels")
    members = _ignored(deed) or ()
    if isinstance(value, dict) or any(not isinstance(label, str | None) for label in members):
        return complain(deed, "ignore_labels: str type expected")
    return deed.reply
