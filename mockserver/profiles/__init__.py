"""Profiles: the dialects of the API as frozen values, one module each."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import NertwinError, did_you_mean
from .classic import CLASSIC
from .profile import Profile

PROFILES: Mapping[str, Profile] = {CLASSIC.name: CLASSIC}


class UnknownProfile(NertwinError):
    """There is no profile of that name."""


def find_profile(name: str) -> Profile:
    """The profile called ``name``.

    Raises:
        UnknownProfile: There is none.
    """
    if name not in PROFILES:
        raise UnknownProfile(
            f"no profile {name!r}; there is {', '.join(PROFILES)}.{did_you_mean(name, PROFILES)}"
        )
    return PROFILES[name]


__all__ = ["PROFILES", "Profile", "UnknownProfile", "find_profile"]
