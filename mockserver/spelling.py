"""Spelling: names that nearly are known ones."""

from __future__ import annotations

import re
from functools import lru_cache

_LONGEST = 40
_NAME = re.compile(r"[A-Za-z][A-Za-z_-]{2,}\Z")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
# Lower, and use_cache would be near cache-control.
_NEAR = 0.8


def plain_name(name: str) -> str:
    """The name in snake case: ``waitForModel`` and ``Wait-For-Model`` as ``wait_for_model``."""
    if len(name) > _LONGEST or not _NAME.match(name):
        return ""
    return _HUMP.sub("_", name).replace("-", "_").lower()


def nearest(name: str, known: tuple[str, ...]) -> str:
    """The known name that is nearly this one, or empty; what can't be near is not kept."""
    return _nearest(name, known) if name and not name.startswith("hf_") else ""


@lru_cache(maxsize=512)
def _nearest(name: str, known: tuple[str, ...]) -> str:
    from difflib import get_close_matches  # Whoever waits for the first answer need not, for it.

    return next(iter(get_close_matches(name, known, n=1, cutoff=_NEAR)), "")
