"""Incoming: a request as it came, before anyone has understood it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """What a client sent; its token is among the headers, so it has no repr of them."""

    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  #: Names in lower case.
    query: Mapping[str, str] = field(default_factory=dict)  #: The last value of each name.
