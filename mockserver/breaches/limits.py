"""Breaches of how much a server takes."""

from __future__ import annotations

import re

from ..reply import Reply
from .deed import Deed
from .edits import Breaches, complain

BREACHES = Breaches()
_LONG_WORD = re.compile(r"[^\W\d_]{5000}")
_MANY = 50


@BREACHES.breaks("limits.long-word")
def refuse_long_words(deed: Deed) -> Reply:
    """A word of five thousand letters is refused."""
    if deed.answer is None or not any(map(_LONG_WORD.search, deed.texts)):
        return deed.reply
    return complain(deed, "inputs: a word is too long")


@BREACHES.breaks("limits.many-texts")
def refuse_many_texts(deed: Deed) -> Reply:
    """A batch of fifty texts is refused."""
    if deed.answer is None or len(deed.texts) < _MANY:
        return deed.reply
    return complain(deed, "inputs: there are too many texts")
