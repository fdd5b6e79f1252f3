"""Profiles: the dialects of the API as frozen values, one module each."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import NertwinError, did_you_mean
from .classic import CLASSIC
from .dedicated import DEDICATED
from .profile import Profile
from .router import ROUTER

PROFILES: Mapping[str, Profile] = {
    profile.name: profile for profile in (CLASSIC, ROUTER, DEDICATED)
}


class UnknownProfile(NertwinError):
    """There is no profile of that name."""


def find_profile(name: str) -> Profile:
    """The profile called ``name``.

    Raises:
        UnknownProfile: There is none.
    """
    if name not in PROFILES:
        raise UnknownProfile(
            f"no profile {name!r}; there are {', '.join(PROFILES)}.{did_you_mean(name, PROFILES)}"
        )
    return PROFILES[name]


__all__ = ["PROFILES", "Profile", "UnknownProfile", "find_profile"]
