"""Words: a text cut as BERT's pre-tokenizer cuts it, with code-point offsets."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

# Blanks are Unicode's White_Space less the control characters among it, because BERT
# deletes control characters before it looks for blanks: "a\x0bb" is one word.
_CHUNK = re.compile(
    r"[^\t\n\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+",
)
_FIRST_IDEOGRAPH = "\u3400"
#: Typed into a text, these are tokens like any other, and whole (as in BERT's tokenizer).
SPECIAL_TOKENS = frozenset({"[CLS]", "[SEP]", "[MASK]", "[PAD]", "[UNK]"})
_SPECIAL = re.compile(r"\[(?:CLS|SEP|MASK|PAD|UNK)\]")
_ASCII_PUNCTUATION = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text as three lists of one length.

    ``texts[i]`` is word i without the characters that the tokenizer deletes, so it can be
    shorter than the stretch ``[starts[i], ends[i])`` of the text that it covers.
    """

    texts: list[str]
    starts: list[int]  #: First code point of each word.
    ends: list[int]  #: One past the last.

    def __len__(self) -> int:
        return len(self.texts)


def cut_words(text: str, *, most: int | None = None) -> Words:
    """The words of ``text``: runs without blanks, each punctuation mark and ideograph alone.

    With ``most``, the first so many of them; the text after them is not looked at.
    """
    texts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for chunk in _CHUNK.finditer(text):
        offset = chunk.start()
        stretch = chunk.group()
        if stretch.isascii() and stretch.isalnum():
            texts.append(stretch)
            starts.append(offset)
            ends.append(offset + len(stretch))
        else:
            for word, start, end in _cut_chunk(stretch):
                texts.append(word)
                starts.append(offset + start)
                ends.append(offset + end)
        if most is not None and len(texts) >= most:
            return Words(texts[:most], starts[:most], ends[:most])
    return Words(texts, starts, ends)


def is_punctuation(character: str) -> bool:
    """Whether BERT makes this character a word of its own."""
    return character in _ASCII_PUNCTUATION or unicodedata.category(character).startswith("P")


def _is_ideograph(character: str) -> bool:
    return character >= _FIRST_IDEOGRAPH and _ideographs().match(character) is not None


@cache
def _ideographs() -> re.Pattern[str]:
    # It takes milliseconds to compile, and few texts have any.
    return re.compile(
        "[\u4e00-\u9fff\u3400-\u4dbf\U00020000-\U0002a6df\U0002a700-\U0002b73f"
        "\U0002b740-\U0002b81f\U0002b920-\U0002ceaf\uf900-\ufaff\U0002f800-\U0002fa1f]",
    )


def _cut_chunk(chunk: str) -> tuple[tuple[str, int, int], ...]:
    if len(chunk) > _LONGEST_REMEMBERED:
        return tuple(_walk(chunk))
    return _remembered(chunk)


_LONGEST_REMEMBERED = 64


@lru_cache(maxsize=16384)
def _remembered(chunk: str) -> tuple[tuple[str, int, int], ...]:
    return tuple(_walk(chunk))


def _walk(chunk: str) -> list[tuple[str, int, int]]:
    words: list[tuple[str, int, int]] = []
    done = 0
    for special in _SPECIAL.finditer(chunk):
        words += _walk_between(chunk, done, special.start())
        words.append((special.group(), special.start(), special.end()))
        done = special.end()
    return words + _walk_between(chunk, done, len(chunk))


def _walk_between(chunk: str, first: int, last: int) -> list[tuple[str, int, int]]:
    words: list[tuple[str, int, int]] = []
    kept: list[str] = []
    start = end = 0
    for place, character in enumerate(chunk[first:last], first):
        if is_deleted(character):
            continue
        if is_punctuation(character) or _is_ideograph(character):
            if kept:
                words.append(("".join(kept), start, end))
                kept = []
            words.append((character, place, place + 1))
            continue
        if not kept:
            start = place
        kept.append(character)
        end = place + 1
    if kept:
        words.append(("".join(kept), start, end))
    return words


def is_deleted(character: str) -> bool:
    """Whether BERT drops the character before it cuts the text."""
    # NUL, the replacement character and every "other" (control, format, private, unassigned).
    return character == "\ufffd" or unicodedata.category(character)[0] == "C"
