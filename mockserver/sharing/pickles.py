"""Pickles: values of a session as bytes, and back, of a few known classes alone."""

from __future__ import annotations

import io
import pickle
from collections import OrderedDict, deque
from typing import Any

from ..authoring import Rule
from ..breaches.deed import Memory
from ..budget import Budget
from ..cache import CachedAnswer, CacheKey
from ..errors import StateLost
from ..exchange import Body, Exchange
from ..faultplan import FaultPlan, Planned
from ..faults import Fault
from ..findings import Finding, Findings, Found
from ..heads import Heads
from ..life import Life
from ..modelstate import ModelState
from ..notes import Note
from ..quota import Quota, QuotaPlan, Quotas
from ..retries import RetryWatch, _Loop
from ..sessionclock import SessionClock

# Bytes in Redis may come from anybody: only these are made from them, whatever they ask for.
# None does more when it is made than to hold what it is given.
_KNOWN = {
    (known.__module__, known.__qualname__): known
    for known in (
        *(Body, CachedAnswer, CacheKey, Exchange, Fault, FaultPlan, Finding, Findings, Found),
        *(Heads, Life, Memory, ModelState, Note, Planned, Quota, QuotaPlan, Quotas, RetryWatch),
        *(Rule, _Loop, OrderedDict, deque, frozenset, set),
    )
}
_CLOCK = "clock"


class Unreadable(StateLost):
    """What stands in Redis is nothing that a server of this version has written."""


def dump(value: object, *, clock: SessionClock | None = None) -> bytes:
    """The value as bytes; its clock, if it is that one, and the wholes of budgets stay behind."""
    written = io.BytesIO()
    _Pickler(written, clock).dump(value)
    return written.getvalue()


def load(data: bytes, *, clock: SessionClock | None = None, budget: Budget | None = None) -> Any:  # noqa: ANN401
    """The value that was dumped, with that clock, and its budgets parts of that one.

    Raises:
        Unreadable: The bytes are something else.
    """
    try:
        return _Unpickler(io.BytesIO(data), clock, budget).load()
    except Unreadable:
        raise
    # A pickle that is none may fail in any way.
    except Exception as error:
        raise Unreadable(f"it is no value of ours ({type(error).__name__})") from error


class _Pickler(pickle.Pickler):
    def __init__(self, file: io.BytesIO, clock: SessionClock | None) -> None:
        super().__init__(file, protocol=5)
        self._clock = clock

    def persistent_id(self, value: object) -> object:
        kind = type(value)
        if kind is Budget:
            return value.held  # type: ignore[attr-defined]
        if value is self._clock and value is not None:
            return _CLOCK
        return None


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, clock: SessionClock | None, budget: Budget | None) -> None:
        super().__init__(file)
        self._clock = clock
        self._budget = budget

    def persistent_load(self, reference: object) -> object:
        if reference == _CLOCK and self._clock is not None:
            return self._clock
        if isinstance(reference, int) and not isinstance(reference, bool):
            budget = Budget(self._budget)
            budget.held = reference  # The whole has it in its own number.
            return budget
        raise Unreadable(f"it refers to {type(reference).__name__}")

    def find_class(self, module: str, name: str) -> object:
        known = _KNOWN.get((module, name))
        if known is None:
            raise Unreadable(f"it asks for {module[:40]}.{name[:40]}, which is no value of ours")
        return known
