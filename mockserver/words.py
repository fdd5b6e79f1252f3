"""Words: a text cut as BERT's pre-tokenizer cuts it, with code-point offsets."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate

# Blanks are Unicode's White_Space less the control characters among it, because BERT
# deletes control characters before it looks for blanks: "a\x0bb" is one word.
_BLANKS = r"\t\n\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_MARKS = r"!-/:-@\[-`{-~"
# A special token, a mark of ASCII, or what stands between blanks and such marks.
_RUN = re.compile(rf"(\[(?:CLS|SEP|MASK|PAD|UNK)\]|[{_MARKS}]|[^{_BLANKS}{_MARKS}]++)")
_ODD = re.compile(rf"[^{_BLANKS}!-~]")
#: No ideograph stands before this one.
FIRST_IDEOGRAPH = "\u3400"
#: Typed into a text, these are tokens like any other, and whole (as in BERT's tokenizer).
SPECIAL_TOKENS = frozenset({"[CLS]", "[SEP]", "[MASK]", "[PAD]", "[UNK]"})
_ASCII_PUNCTUATION = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")


# Not frozen: that would take a quarter of the time of cutting a sentence.
@dataclass(slots=True, eq=False, repr=False)
class Words:
    """The words of a text as three lists of one length.

    ``texts[i]`` is word i without the characters that the tokenizer deletes, so it can be
    shorter than the stretch ``[starts[i], ends[i])`` of the text that it covers.
    """

    texts: list[str]
    starts: list[int]  #: First code point of each word.
    ends: list[int]  #: One past the last.
    shortened: tuple[int, ...] = ()  #: The places of those that are shorter than their stretch.

    def __len__(self) -> int:
        return len(self.texts)

    def between(self, start: int, end: int) -> tuple[int, int]:
        """First and one-past-last word that has a character from ``start`` to before ``end``."""
        return bisect_right(self.ends, start), bisect_left(self.starts, end)


def cut_words(text: str, *, most: int | None = None) -> Words:
    """The words of ``text``: runs without blanks, each punctuation mark and ideograph alone.

    With ``most``, the first so many of them, one at least; the text after them is not looked at.
    """
    parts = _RUN.split(text, most or 0)
    places = list(accumulate(map(len, parts)))
    words = Words(parts[1::2], places[:-1:2], places[1::2])
    seen = text[: len(text) - len(parts[-1])]
    if (seen.isascii() and seen.isprintable()) or _ODD.search(seen) is None:
        return words
    words = _cut_odd_runs(words)
    if most is None or len(words) == most:
        return words
    if len(words) < most == len(parts) // 2:
        words = cut_words(text, most=2 * most)  # Not all runs were words.
    return Words(
        words.texts[:most],
        words.starts[:most],
        words.ends[:most],
        tuple(place for place in words.shortened if place < most),
    )


def is_punctuation(character: str) -> bool:
    """Whether BERT makes this character a word of its own."""
    return character in _ASCII_PUNCTUATION or unicodedata.category(character).startswith("P")


def _is_ideograph(character: str) -> bool:
    return character >= FIRST_IDEOGRAPH and _ideographs().match(character) is not None


@cache
def _ideographs() -> re.Pattern[str]:
    # It takes milliseconds to compile, and few texts have any.
    return re.compile(
        "[\u4e00-\u9fff\u3400-\u4dbf\U00020000-\U0002a6df\U0002a700-\U0002b73f"
        "\U0002b740-\U0002b81f\U0002b920-\U0002ceaf\uf900-\ufaff\U0002f800-\U0002fa1f]",
    )


def _cut_odd_runs(runs: Words) -> Words:
    """The words in ``runs``, of which those of printable ASCII are words as they stand."""
    texts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    shortened: list[int] = []
    done = 0
    for place, run in enumerate(runs.texts):
        if run.isascii() and run.isprintable():
            continue
        texts += runs.texts[done:place]
        starts += runs.starts[done:place]
        ends += runs.ends[done:place]
        done = place + 1
        offset = runs.starts[place]
        for word, start, end in _cut_run(run):
            if len(word) != end - start:
                shortened.append(len(texts))
            texts.append(word)
            starts.append(offset + start)
            ends.append(offset + end)
    texts += runs.texts[done:]
    starts += runs.starts[done:]
    ends += runs.ends[done:]
    return Words(texts, starts, ends, tuple(shortened))


def _cut_run(run: str) -> tuple[tuple[str, int, int], ...]:
    return _remembered(run) if len(run) <= _LONGEST_REMEMBERED else _walk(run)


def _walk(run: str) -> tuple[tuple[str, int, int], ...]:
    words: list[tuple[str, int, int]] = []
    kept: list[str] = []
    start = end = 0
    for place, character in enumerate(run):
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
    return tuple(words)


_LONGEST_REMEMBERED = 32  # Less than what makes a token secret.
_remembered = lru_cache(maxsize=4096)(_walk)


def is_deleted(character: str) -> bool:
    """Whether BERT drops the character before it cuts the text."""
    # NUL, the replacement character and every "other" (control, format, private, unassigned).
    return character == "\ufffd" or unicodedata.category(character)[0] == "C"
