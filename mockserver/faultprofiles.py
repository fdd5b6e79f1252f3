"""Fault profiles: hard days with names, from ``fault_profiles.toml`` beside this module."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from .errors import did_you_mean, quote
from .faults import BadFault, Fault
from .tables import read_table


class UnknownFaultProfile(BadFault):
    """There is no fault profile of that name."""


def fault_profile(name: str) -> tuple[Fault, ...]:
    """The faults of the hard day called ``name``.

    Raises:
        UnknownFaultProfile: There is none.
    """
    known = _tables()
    if name not in known:
        raise UnknownFaultProfile(
            f"no fault profile {quote(name)}; there are {', '.join(known)}."
            f"{did_you_mean(name, known)}"
        )
    where = f"fault profile {name}"
    return tuple(read_table(Fault, table, where=where) for table in known[name]["faults"])


def fault_profiles() -> Mapping[str, str]:
    """What each fault profile is about, by name."""
    return MappingProxyType({name: table["about"] for name, table in _tables().items()})


@cache
def _tables() -> dict[str, dict[str, Any]]:
    text = Path(__file__).with_name("fault_profiles.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
