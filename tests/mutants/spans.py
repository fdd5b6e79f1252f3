from typing import Any

from mutants.mutant import Mutant, edit_entries, edit_lists
from nertwin.contract_tests.checks.answers import Entry


def in_utf16(entry: Entry) -> dict[str, Any]:
    def count(place: int) -> int:
        return len(entry.text[:place].encode("utf-16-le")) // 2

    return entry.fields | {name: count(entry.fields[name]) for name in ("start", "end")}


def shifted(found: list[Any], text: str) -> list[Any]:
    if not found or found[-1]["end"] == len(text):
        return found
    return [entry | {name: entry[name] + 1 for name in ("start", "end")} for entry in found]


def trimmed(entry: Entry) -> dict[str, Any]:
    blanks = len(entry.text) - len(entry.text.lstrip())
    return entry.fields | {name: entry.fields[name] - blanks for name in ("start", "end")}


def doubled(found: list[Any], _: str) -> list[Any]:
    return [*found, *found[-1:]]


MUTANTS: dict[str, Mutant] = {
    "span.within-text": Mutant(
        change=edit_entries(lambda entry: entry.fields | {"start": float(entry.fields["start"])}),
    ),
    "span.not-empty": Mutant(
        change=edit_entries(lambda entry: entry.fields | {"end": entry.fields["start"]}),
    ),
    "span.code-points": Mutant(
        change=edit_entries(in_utf16),
        also={"span.within-text": "in the larger unit the last entry ends beyond the text"},
    ),
    "span.half-open": Mutant(
        change=edit_entries(lambda entry: entry.fields | {"end": max(entry.fields["end"] - 1, 0)}),
        also={"span.not-empty": "a token of one letter becomes empty"},
    ),
    "span.text-as-sent": Mutant(change=edit_entries(trimmed)),
    "span.slice-is-word": Mutant(
        change=edit_lists(shifted),
        also={"span.text-as-sent": "a text in which one character grows is shifted as much"},
    ),
    "span.text-order": Mutant(change=edit_lists(lambda found, _: found[::-1])),
    "span.no-overlap": Mutant(change=edit_lists(doubled)),
    "span.null-pair": Mutant(
        change=edit_lists(
            lambda found, _: [
                *found[:-1],
                *(entry | {"start": None, "end": None} for entry in found[-1:]),
            ]
        ),
    ),
}
