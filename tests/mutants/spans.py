import re
import unicodedata
from collections.abc import Callable
from typing import Any
from zlib import crc32

from mutants.mutant import Change, Mutant, edit_entries, edit_lists
from nertwin.contract_tests.entries import Entry

Count = Callable[[str], int]  #: How long a text is for an endpoint.


def in_units(count: Count) -> Change:
    """An endpoint that counts in units of its own, or after changing the text."""

    def edit(entry: Entry) -> dict[str, Any]:
        return entry.fields | {
            name: count(entry.text[: entry.fields[name]]) for name in ("start", "end")
        }

    return edit_entries(edit)


def in_utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def in_bytes(text: str) -> int:
    return len(text.encode())


def in_clusters(text: str) -> int:
    # A line break of two characters is one grapheme, too (UAX 29, GB3).
    followers = "\u200d.|[\u0300-\u036f\ufe0f]|(?<=[\U0001f1e6-\U0001f1ff]).|(?<=\r)\n"
    return len(re.sub(followers, "", text))


def composed(text: str) -> int:
    return len(unicodedata.normalize("NFC", text))


def with_plain_line_breaks(text: str) -> int:
    return len(text.replace("\r\n", "\n"))


def without_selectors(text: str) -> int:
    return len(text.replace("\ufe0f", ""))


def without_skin_tones(text: str) -> int:
    return len(re.sub("[\U0001f3fb-\U0001f3ff]", "", text))


def one_off_after_an_emoji(entry: Entry) -> dict[str, Any]:
    if "\U0001f468" not in entry.text or entry.fields["end"] + 2 > len(entry.text):
        return entry.fields
    return entry.fields | {name: entry.fields[name] + 2 for name in ("start", "end")}


def emptied_in_some_texts(entry: Entry) -> dict[str, Any]:
    """No stretch, in about every other text."""
    is_odd = crc32(repr(entry.text).encode()) % 2
    return entry.fields | {"end": entry.fields["start"]} if is_odd else entry.fields


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
        change=in_units(in_utf16),
        also={"span.within-text": "in the larger unit the last entry ends beyond the text"},
    ),
    "span.code-points/bytes": Mutant(
        change=in_units(in_bytes),
        also={"span.within-text": "in the larger unit the last entry ends beyond the text"},
    ),
    "span.code-points/graphemes": Mutant(
        change=in_units(in_clusters),
        also={
            "span.slice-is-word": "a token that is part of a grapheme has no place of its own",
        },
    ),
    "span.half-open": Mutant(
        change=edit_entries(lambda entry: entry.fields | {"end": max(entry.fields["end"] - 1, 0)}),
        also={"span.not-empty": "a token of one letter becomes empty"},
    ),
    "span.text-as-sent": Mutant(change=edit_entries(trimmed)),
    "span.slice-is-word": Mutant(
        change=edit_lists(shifted),
        also={
            "span.text-as-sent": "a text in which one character grows is shifted as much",
            "span.code-points": "a text in which one character is two units is shifted as much",
        },
    ),
    "span.text-as-sent/composed": Mutant(change=in_units(composed)),
    "span.text-as-sent/line-breaks": Mutant(change=in_units(with_plain_line_breaks)),
    "span.slice-is-word/narrow": Mutant(
        change=edit_entries(one_off_after_an_emoji),
        also={"span.no-overlap": "the last entry stays where it is"},
    ),
    "span.slice-is-word/selectors": Mutant(change=in_units(without_selectors)),
    "span.slice-is-word/skin-tones": Mutant(change=in_units(without_skin_tones)),
    "span.not-empty/some-texts": Mutant(change=edit_entries(emptied_in_some_texts)),
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
