"""Life: how a model starts, warms up and fails in a session."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from .errors import NertwinError, quote

Start: TypeAlias = Literal["ready", "cold", "too-big", "failed"]
_STARTS: tuple[Start, ...] = get_args(Start)


class BadLife(NertwinError):
    """A model's life contradicts itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """How a model starts, how it warms up and what it announces meanwhile.

    With neither ``after_calls`` nor ``after_seconds`` it warms up immediately: the call that
    finds it cold is refused, the next one is served.
    """

    starts: Start = "ready"  #: Where it is when a session begins.
    after_calls: int = 0  #: Refused calls until it is ready; 0 leaves it to the clock.
    after_seconds: float = 0.0  #: What a load takes on the session's clock.
    estimated_time: float = 20.0  #: Seconds, as a 503 announces them; free to be wrong.
    counts_down: bool = False  #: Whether the announced time shrinks while the model loads.
    size: str = "21GB"  #: Of a model that is too big, as its refusal names it.
    size_limit: str = "10GB"  #: What would not have been too big.
    failure: str = "unknown error"  #: Why a failed model can't be loaded.

    def __post_init__(self) -> None:
        if self.starts not in _STARTS:
            raise BadLife(
                f"a model's life starts {quote(self.starts)}; write one of {', '.join(_STARTS)}"
            )
        for name in ("after_calls", "after_seconds", "estimated_time"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= 0):
                raise BadLife(f"{name} is {value!r}; it must be at least 0 and finite")
        if self.after_calls and self.after_seconds:
            raise BadLife(
                f"after_calls is {self.after_calls} and after_seconds {self.after_seconds};"
                " a load ends by one of them. Leave the other out."
            )
