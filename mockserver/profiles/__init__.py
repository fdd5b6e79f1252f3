"""Profiles: the dialects of the API as frozen values, one module each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from nertwin.schemas import PROFILES as _NAMES

from ..errors import NertwinError, did_you_mean
from .profile import Profile


class _Profiles(Mapping[str, Profile]):
    """Each is loaded when it is first asked for: most servers answer in one of them."""

    def __getitem__(self, name: str) -> Profile:
        if name not in _NAMES:
            raise KeyError(name)
        profile: Profile = getattr(import_module(f".{name}", __name__), name.upper())
        return profile

    def __contains__(self, name: object) -> bool:
        return name in _NAMES

    def __iter__(self) -> Iterator[str]:
        return iter(_NAMES)

    def __len__(self) -> int:
        return len(_NAMES)


#: All of them, by their names.
PROFILES: Mapping[str, Profile] = _Profiles()


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
