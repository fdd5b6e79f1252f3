"""Answers: what an endpoint may say to a call, for tests of clients."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

_LABELS = ("PER", "ORG", "LOC", "MISC")
_MOST = 5


def answers(
    inputs: str | list[str], *, strategy: str = "simple"
) -> SearchStrategy[list[dict[str, Any]] | list[list[dict[str, Any]]]]:
    """Valid answers to ``inputs``: entries in order, apart, and each on its own word.

    With the strategy none they are tokens, else groups. A list of texts gets a list of lists.
    """
    if isinstance(inputs, str):
        return _entries(inputs, is_token=strategy == "none")
    lists = [_entries(text, is_token=strategy == "none") for text in inputs]
    return st.tuples(*lists).map(list)


@st.composite
def _entries(draw: DrawFn, text: str, *, is_token: bool) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for start, end in draw(_spans(text)):
        fields = {"score": draw(_SCORES), "word": text[start:end], "start": start, "end": end}
        label = draw(st.sampled_from(_LABELS))
        if not is_token:
            found.append({"entity_group": label, **fields})
            continue
        prefix = draw(st.sampled_from(("B-", "I-")))
        index = len(found) + 1
        found.append({"entity": f"{prefix}{label}", "index": index, **fields})
    return found


def _spans(text: str) -> SearchStrategy[list[tuple[int, int]]]:
    """Stretches that begin and end with something to see, in order and apart."""
    if not text.strip():
        return st.just([])
    places = st.lists(st.integers(0, len(text)), unique=True, max_size=2 * _MOST).map(sorted)
    return places.map(
        lambda cuts: [_trim(text, start, end) for start, end in list(pairwise(cuts))[::2]]
    ).map(lambda spans: [span for span in spans if span[0] < span[1]])


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    stretch = text[start:end]
    start += len(stretch) - len(stretch.lstrip())
    return start, start + len(stretch.strip())


_SCORES = st.floats(0, 1, width=32, allow_nan=False)
