from collections.abc import Callable
from typing import Any

from mutants.mutant import (
    Change,
    Mutant,
    as_refusal,
    edit_answers,
    edit_entries,
    edit_lists,
    edit_response,
    misread_parameters,
    of_each_text,
)
from nertwin.contract_tests.entries import Entry
from nertwin.contract_tests.exchange import Exchange

GROUPS = ("PER", "ORG", "LOC", "MISC")
OTHER_NAME = {"label.ignored-are-absent": "what it calls a label is not what it ignores"}


def label_of(fields: dict[str, Any]) -> str:
    return str(fields.get("entity_group") or fields.get("entity"))


def ignored(exchange: Exchange) -> list[Any]:
    found = exchange.request.parameters.get("ignore_labels")
    return found if isinstance(found, list) else ["O"]


def drops(is_dropped: Callable[[str, list[Any]], bool]) -> Change:
    """A server that also leaves out entries for which ``is_dropped(label, ignore_labels)``."""

    def edit(document: Any, exchange: Exchange) -> Any:
        lists = ignored(exchange)
        return [entry for entry in document if not is_dropped(label_of(entry), lists)]

    return edit_answers(of_each_text(edit))


def with_prefix(entry: Entry) -> dict[str, Any]:
    group = entry.fields.get("entity_group")
    return entry.fields | {"entity_group": f"B-{group}"} if group in GROUPS else entry.fields


def renamed(entry: Entry) -> dict[str, Any]:
    group = entry.fields.get("entity_group")
    if group not in GROUPS:
        return entry.fields
    return entry.fields | {"entity_group": f"{group}S"}


def stripped(entry: Entry) -> dict[str, Any]:
    label = entry.fields.get("entity")
    return entry.fields | {"entity": label[2:]} if label and label != "O" else entry.fields


def adds_outside(document: Any, exchange: Exchange) -> Any:
    is_default = "ignore_labels" not in exchange.request.parameters
    if not document or not is_default or "entity_group" not in document[-1]:
        return document
    return [*document[:-1], document[-1] | {"entity_group": "O"}]


def ignores_outside_only(parameters: dict[str, Any]) -> dict[str, Any]:
    lists = parameters.get("ignore_labels")
    if not isinstance(lists, list):
        return parameters
    kept = [
        each for each in lists if not isinstance(each, str) or each.rpartition("-")[2] not in GROUPS
    ]
    return parameters | {"ignore_labels": kept}


def joins_rest(document: Any, exchange: Exchange) -> Any:
    lists = ignored(exchange)
    return document[:-1] if len(lists) == 1 and lists[0] in ("PER", "B-PER") else document


def joins_over_gaps(found: list[Any], text: str) -> list[Any]:
    """Groups as of a server that joins what only tokens labelled O have kept apart."""
    joined: list[Any] = []
    for entry in found:
        last = joined[-1] if joined else None
        if (
            last
            and text[last["end"] : entry["start"]].strip()
            and "O" != entry.get("entity_group", "O") == last["entity_group"]
        ):
            word = text[last["start"] : entry["end"]]
            joined[-1] = last | {"end": entry["end"], "word": word}
        else:
            joined.append(entry)
    return joined


def asks_with_null(exchange: Exchange) -> bool:
    return exchange.request.parameters.get("ignore_labels", ...) is None


def is_odd(lists: list[Any]) -> bool:
    return any(isinstance(member, int | float | list | dict) for member in lists)


MUTANTS: dict[str, Mutant] = {
    "label.group-without-prefix": Mutant(
        change=edit_entries(with_prefix),
        also={
            "label.group-after-hyphen": "a group with a prefix is not what follows the hyphen",
            **OTHER_NAME,
        },
    ),
    "label.group-after-hyphen": Mutant(
        change=edit_entries(renamed),
        also={"label.ignore-exactly": "what it calls PERS goes with PER", **OTHER_NAME},
    ),
    "label.token-as-in-model": Mutant(change=edit_entries(stripped), also=OTHER_NAME),
    "label.outside-hidden": Mutant(change=edit_answers(of_each_text(adds_outside))),
    "label.outside-hidden/null-is-refused": Mutant(
        change=edit_response(
            lambda response: as_refusal(response, {"error": "Error in `ignore_labels`: null"}),
            where=asks_with_null,
        )
    ),
    "label.ignore-replaces-default": Mutant(change=drops(lambda label, _: label == "O")),
    "label.ignored-are-absent": Mutant(misread=misread_parameters(ignores_outside_only)),
    "label.ignore-keeps-the-rest": Mutant(change=edit_answers(joins_rest)),
    "label.ignore-keeps-the-rest/gaps": Mutant(change=edit_lists(joins_over_gaps)),
    "label.ignore-group-names": Mutant(
        change=drops(lambda label, lists: f"B-{label}" in lists),
    ),
    "label.ignore-whole-labels": Mutant(
        change=drops(lambda label, lists: label[:2] in ("B-", "I-") and label[2:] in lists),
    ),
    "label.ignore-exactly": Mutant(
        change=drops(
            lambda label, lists: (
                label.lower() in [str(each).lower() for each in lists] and label not in lists
            )
        ),
    ),
    "label.ignore-exactly/beginning": Mutant(
        change=drops(
            lambda label, lists: any(
                label.startswith(str(each)) and each not in (label, "O") for each in lists
            )
        ),
    ),
    "label.ignore-is-a-set": Mutant(
        change=drops(
            lambda label, lists: "NO-SUCH-LABEL" in lists and label == "ORG" and len(lists) > 1
        ),
    ),
    "label.ignore-null-member": Mutant(
        change=edit_answers(
            lambda document, exchange: (
                [{"entity_group": "PER", "score": 0.5, "word": "Angela", "start": 0, "end": 6}]
                if None in ignored(exchange)
                else document
            )
        ),
    ),
    "label.ignore-odd-members": Mutant(
        change=drops(lambda label, lists: is_odd(lists) and label != "O"),
    ),
}
