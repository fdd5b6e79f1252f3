"""Tagged texts: the truth drawn first, then the text around it."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

_NAMES = (
    ("Angela Merkel", "PER"),
    ("Sarah Jessica Parker", "PER"),
    ("Tim Cook", "PER"),
    ("Zo\u00eb Smith", "PER"),
    ("Berlin", "LOC"),
    ("New York", "LOC"),
    ("S\u00e3o Paulo", "LOC"),
    ("Microsoft", "ORG"),
    # A place within the name of something else.
    ("University of Oxford", "ORG"),
    ("Bank of America", "ORG"),
)
_FILLERS = (
    "and then",
    "met",
    "who lives in",
    "said that",
    "\U0001f600",
    "on the way to",
    "e\u0301",
)
_SEPARATORS = (" ", ", ", "  ", "\n", "\r\n", "\u00a0")


@dataclass(frozen=True, slots=True, kw_only=True)
class TaggedEntity:
    """A name in a text."""

    word: str
    label: str  #: PER, LOC or ORG.
    start: int  #: In code points.
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TaggedText:
    """A text, and the names that are in it whatever a model says."""

    text: str
    entities: tuple[TaggedEntity, ...]


def tagged_texts() -> SearchStrategy[TaggedText]:
    """Texts with known names: none or many, at either end, side by side, one inside another's."""
    part = st.sampled_from(_NAMES) | st.sampled_from(_FILLERS).map(lambda words: (words, ""))
    return st.lists(st.tuples(part, st.sampled_from(_SEPARATORS)), max_size=8).map(_join)


def _join(drawn: list[tuple[tuple[str, str], str]]) -> TaggedText:
    text, entities = "", []
    for place, ((word, label), separator) in enumerate(drawn):
        start = len(text)
        if label:
            end = start + len(word)
            entities.append(TaggedEntity(word=word, label=label, start=start, end=end))
        text += word + (separator if place + 1 < len(drawn) else "")
    return TaggedText(text=text, entities=tuple(entities))
