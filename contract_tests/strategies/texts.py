"""Texts: what people send, and what nobody expects them to."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from .letters import Letters

_NAMES = (
    "Sarah Jessica Parker",
    "Zo\u00eb O'Brien-Smith",
    "J. K. Rowling",
    "Angela Merkel",
    "New York",
    "Berlin",
    "Hugging Face Inc.",
    "the University of Oxford",
    "Franz\u00f6sisch",
    "\u6771\u4eac",
    "\u041c\u043e\u0441\u043a\u0432\u0430",
)
_WORDS = ("my", "name", "is", "and", "lives", "in", "met", "don't", "at", "3.5", "said:", "--")
# Each of these has broken somebody's offsets.
_ODDITIES = (
    "\U0001f600",  # Two UTF-16 units, four bytes.
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",  # One grapheme of five code points.
    "e\u0301",  # Decomposed.
    "\u200f\u0645\u0631\u062d\u0628\u0627",  # Right to left.
    "\r\n",
    "\x00",
    "\u00a0",
    "\u2028",
    "\ufeff",
    "\u0130",  # Two code points in lower case.
    "\ufb01",
    "[MASK]",
    "##er",
    "<b>&amp;</b>",
    '"quoted"',
    "\\",
)
_SEPARATORS = (" ", "", ", ", "  ", "\n", ". ")
_PARTS = Letters(
    [part + separator for separator in _SEPARATORS for part in (*_WORDS, *_NAMES, *_ODDITIES)],
    max_size=12,
)
_WILD = st.text(max_size=60)
_COINS = st.booleans()


@st.composite
def texts(draw: DrawFn) -> str:
    """Texts of any Unicode but lone surrogates; half of them look like prose with names."""
    return write(draw, is_wild=draw(_COINS))


@st.composite
def proses(draw: DrawFn) -> str:
    """Names, words and oddities in any order, parted by blanks or by nothing."""
    return write(draw, is_wild=False)


def write(draw: DrawFn, *, is_wild: bool) -> str:
    """Prose, or any Unicode, in one choice."""
    return draw(_WILD) if is_wild else "".join(_PARTS.draw(draw))


def adversarial_texts() -> SearchStrategy[str]:
    """Texts that break readers: nothing but oddities, any plane, very long words, names alone."""
    oddities = st.lists(st.sampled_from(_ODDITIES), min_size=1, max_size=6).map("".join)
    planes = st.text(min_size=1, max_size=20)
    # A pair of names without a blank, or one that fills the text from end to end.
    names = st.lists(st.sampled_from(_NAMES), min_size=1, max_size=2).map("".join)
    words = st.tuples(st.sampled_from("a\u00e4\U00020000"), st.integers(101, 5000)).map(
        lambda drawn: drawn[0] * drawn[1]
    )
    return st.one_of(names, oddities, planes, words, long_texts())


def long_texts() -> SearchStrategy[str]:
    """Texts of more than 512 tokens, most with names near both ends."""
    return st.tuples(proses(), st.integers(520, 900), st.sampled_from(_WORDS), proses()).map(
        lambda drawn: f"{drawn[0]} {' '.join([drawn[2]] * drawn[1])} {drawn[3]}"
    )
