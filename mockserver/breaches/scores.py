"""Breaches of the scores' range and precision."""

from __future__ import annotations

from ..reply import Reply
from .deed import Deed
from .edits import Breaches, edit_entries, scale_scores

BREACHES = Breaches()
# Less than half the distance of two float32 numbers near 1, and enough to be none of them.
_TOO_FINE = 1e-9


@BREACHES.breaks("score.probability")
def exceed_one(deed: Deed) -> Reply:
    """Scores are four times what they should be."""
    return scale_scores(deed, 4.0)


@BREACHES.breaks("score.single-precision")
def use_doubles(deed: Deed) -> Reply:
    """Scores are numbers that no 32-bit float is."""
    return edit_entries(deed, lambda entry: {**entry, "score": entry["score"] - _TOO_FINE})
