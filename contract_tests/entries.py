"""Entries: the objects of an answer, each with the text that it is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from nertwin.schemas import JSON

from .violations import Mark


@dataclass(frozen=True)
class Entry:
    """An entry of an answer, with the text that it is about."""

    where: str  #: ``body[0]``, in a batch ``body[1][0]``.
    fields: dict[str, Any]
    text: str

    @cached_property
    def word(self) -> str:
        """Its ``word``; empty where that is no string."""
        word = self.fields.get("word")
        return word if isinstance(word, str) else ""

    @property
    def label(self) -> str | None:
        """Its ``entity_group`` or ``entity``; None where neither is a string."""
        for key in ("entity_group", "entity"):
            if isinstance(self.fields.get(key), str):
                return str(self.fields[key])
        return None

    @cached_property
    def span(self) -> tuple[int, int] | None:
        """Its offsets, where both are whole numbers and lie in the text in order."""
        start, end = self.fields.get("start"), self.fields.get("end")
        if type(start) is int and type(end) is int and 0 <= start <= end <= len(self.text):
            return start, end
        return None

    def mark(self, note: str = "") -> tuple[Mark, ...]:
        """The carets under its stretch; nothing where it has none."""
        if self.span is None:
            return ()
        return (Mark(text=self.text, start=self.span[0], end=self.span[1], note=note),)


def find_entries(document: JSON, inputs: str | Sequence[str] | None) -> list[list[Entry]]:
    """The objects of an answer to those inputs, a list for each text; malformed ones have none."""
    if not isinstance(document, list):
        return []
    if isinstance(inputs, str):
        return [_in_list("body", document, inputs)]
    return [
        _in_list(f"body[{place}]", found, text)
        for place, (found, text) in enumerate(zip(document, inputs or (), strict=False))
        if isinstance(found, list)
    ]


def _in_list(where: str, found: list[JSON], text: str) -> list[Entry]:
    return [
        Entry(f"{where}[{place}]", fields, text)
        for place, fields in enumerate(found)
        if isinstance(fields, dict)
    ]
