"""Readings: what an endpoint may have counted when its offsets are not code points of the inputs.

One sentence about the endpoint says more than fifty broken spans.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

#: Which clause a mistaken reading is against: the unit, the text that is counted, or the end.
Mistake: TypeAlias = Literal["unit", "text", "end"]
#: A word and the offsets that were given for it.
Placed: TypeAlias = tuple[str, int, int]
#: A text and the words that were placed in it.
Answer: TypeAlias = tuple[str, Sequence[Placed]]

_PIECE_MARKS = re.compile(r"^##|[\u2581\u0120]")
_UNKNOWN = re.compile(r"\[UNK\]|<unk>")
# A rough cut into what people see as one character: enough to recognise who counts so.
_CLUSTER = re.compile(
    r"\r\n|[\U0001f1e6-\U0001f1ff]{2}"
    r"|.(?:[\u0300-\u036f\u200d\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]|(?<=\u200d).)*",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to count, and what it cuts out of a text."""

    name: str  #: Completes "this endpoint …".
    mistake: Mistake
    cut: Callable[[str, int, int], str | None]


@lru_cache(maxsize=2048)  # The same stretches are judged for many clauses.
def fold(text: str) -> str:
    """The text without what a slice and its word may differ in: case, accents, blanks, marks."""
    # Blanks first: who writes ## finds it decoded as "# #", and neither is a mark then.
    together = "".join(text.split())
    plain = unicodedata.normalize("NFKD", _PIECE_MARKS.sub("", together).casefold())
    return "".join(
        character
        for character in plain
        if not character.isspace() and unicodedata.category(character)[0] not in "MC"
    )


def is_comparable(word: str) -> bool:
    """Whether a word says anything about the stretch it stands for."""
    return bool(fold(word)) and not _UNKNOWN.search(word)


def is_same(stretch: str, word: str) -> bool:
    """Whether a stretch of the inputs is the word, but for what may differ."""
    folded = fold(stretch)
    return folded == fold(word) or folded == fold(_from_byte_level(word))


def find_readings(answers: Sequence[Answer]) -> tuple[Reading, ...]:
    """The mistaken readings under each of which every word of all answers is where it was placed.

    None where the offsets are right, or where no reading explains them. One text can often be
    explained in two ways: José in two forms looks alike to who composes and to who counts
    graphemes. Several texts tell them apart.
    """
    told = [
        (text, word, start, end)
        for text, placed in answers
        for word, start, end in placed
        if is_comparable(word)
    ]
    if all(is_same(text[start:end], word) for text, word, start, end in told):
        return ()
    has_length = any(start < end for _, _, start, end in told)
    return tuple(
        reading
        for reading in READINGS
        if (has_length or reading.mistake != "end") and all(_fits(reading, *each) for each in told)
    )


def find_shift(text: str, placed: Sequence[Placed]) -> int | None:
    """By how much every offset is off, if it is the same for all and not nothing."""
    told = [each for each in placed if is_comparable(each[0])]
    for shift in (-1, 1, -2, 2):
        if told and all(
            start - shift >= 0 and is_same(text[start - shift : end - shift], word)
            for word, start, end in told
        ):
            return shift
    return None


def _fits(reading: Reading, text: str, word: str, start: int, end: int) -> bool:
    stretch = reading.cut(text, start, end)
    return stretch is not None and is_same(stretch, word)


def _in_utf16(text: str, start: int, end: int) -> str | None:
    units = _utf16(text)[2 * start : 2 * end]
    return units.decode("utf-16-le", "replace")


def _in_bytes(text: str, start: int, end: int) -> str | None:
    return text.encode("utf-8", "surrogatepass")[start:end].decode("utf-8", "replace")


def _in_clusters(text: str, start: int, end: int) -> str | None:
    return "".join(_CLUSTER.findall(text)[start:end])


def _with_last(text: str, start: int, end: int) -> str | None:
    stretch = text[start : end + 1]
    # A blank more would be overlooked, and make right offsets look like these.
    return stretch if end < len(text) and stretch == stretch.strip() else None


@lru_cache(maxsize=8)
def _utf16(text: str) -> bytes:
    return text.encode("utf-16-le", "surrogatepass")


def _after(change: Callable[[str], str]) -> Callable[[str, int, int], str | None]:
    return lambda text, start, end: change(text)[start:end]


#: In the order in which they are told.
READINGS: tuple[Reading, ...] = (
    Reading("counts UTF-16 units", "unit", _in_utf16),
    Reading("counts bytes of UTF-8", "unit", _in_bytes),
    Reading("counts graphemes", "unit", _in_clusters),
    Reading("gives the last character's place as `end`", "end", _with_last),
    Reading("trims leading blanks", "text", _after(str.lstrip)),
    Reading("trims the text", "text", _after(str.strip)),
    Reading("turns CRLF into LF", "text", _after(lambda text: text.replace("\r\n", "\n"))),
    Reading("collapses blanks", "text", _after(lambda text: re.sub(r"\s+", " ", text))),
    Reading("trims and collapses blanks", "text", _after(lambda text: " ".join(text.split()))),
    Reading("normalises to NFC", "text", _after(lambda text: unicodedata.normalize("NFC", text))),
    Reading("normalises to NFD", "text", _after(lambda text: unicodedata.normalize("NFD", text))),
    Reading("normalises to NFKC", "text", _after(lambda text: unicodedata.normalize("NFKC", text))),
    Reading(
        "strips accents as characters of their own",
        "text",
        _after(lambda text: "".join(c for c in text if not unicodedata.combining(c))),
    ),
    Reading("counts after lower-casing", "text", _after(str.lower)),
    Reading(
        "deletes control characters",
        "text",
        _after(lambda text: "".join(c for c in text if unicodedata.category(c)[0] != "C")),
    ),
)


@lru_cache(maxsize=1)
def _byte_of() -> dict[str, int]:
    """The bytes that byte-level vocabularies write as characters, as GPT-2 began it."""
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in plain]
    return {chr(byte): byte for byte in plain} | {
        chr(256 + place): byte for place, byte in enumerate(others)
    }


def _from_byte_level(word: str) -> str:
    table = _byte_of()
    if any(character not in table for character in word):
        return word
    return bytes(table[character] for character in word).decode("utf-8", "ignore")
