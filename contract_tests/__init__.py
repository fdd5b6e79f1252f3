"""The contract test kit: checks, their runner, and what people run them with."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .conformance import NotConforming as NotConforming
    from .conformance import assert_conforms as assert_conforms

__all__ = ["NotConforming", "assert_conforms"]


def __getattr__(name: str) -> object:
    # The pytest plugin stands below this package, and every pytest run imports it.
    if name in __all__:
        from . import conformance

        return getattr(conformance, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
