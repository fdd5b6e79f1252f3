"""Headlines: sentences in capitals, read as if they were written normally."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

#: Fewer words in capitals than this are acronyms in a normal sentence.
_FEWEST_WORDS = 3
_ENDS = frozenset(".!?…")
_CAPITALS = "[A-Z\u00c0-\u00de]"
_OTHERS = "[^A-Za-z\u00c0-\u00ff]"
_LOOKS_LOUD = re.compile(
    f"(?<!{_CAPITALS}){_CAPITALS}{{2,}}+(?:{_OTHERS}++{_CAPITALS}{{2,}}+){{{_FEWEST_WORDS - 1}}}"
)


def calm_headlines(text: str, texts: Sequence[str], common: Collection[str]) -> Sequence[str]:
    """The words with those of headlines in title case, and the common ones in lower case."""
    if sum(map(str.isupper, texts)) < _FEWEST_WORDS or _LOOKS_LOUD.search(text) is None:
        return texts
    loud = [place for place, word in enumerate(texts) if word.isupper() and len(word) > 1]
    calmed = list(texts)
    for first, last in _headlines(texts, loud):
        for place in range(first, last):
            word = texts[place]
            if len(word) > 1 and word.isupper():
                lowered = word.lower()
                calmed[place] = lowered if lowered in common else word.capitalize()
    return calmed


def _headlines(texts: Sequence[str], loud: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The stretches without a word in lower case that hold enough words in capitals."""
    first, loud_words, last = 0, 0, -1
    for place in loud:
        between = texts[last + 1 : place]
        if loud_words and any(word in _ENDS or word.upper() != word for word in between):
            if loud_words >= _FEWEST_WORDS:
                yield first, last + 1
            loud_words = 0
        if not loud_words:
            first = place
        loud_words += 1
        last = place
    if loud_words >= _FEWEST_WORDS:
        yield first, last + 1
