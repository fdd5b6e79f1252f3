"""Events: what a run tells its reporters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

from ..endpoint import Endpoint
from ..exchange import Exchange
from ..outcomes import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """The endpoint has answered, the run begins."""

    endpoint: Endpoint
    seed: int
    clauses: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchanged:
    """A request was sent and answered, or not."""

    exchange: Exchange
    topic: str = ""  #: Of the clause that it was asked for.
    decided: int = 0  #: Clauses that hold so far, or don't.
    violated: int = 0  #: Those of them that don't.


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The run is over."""

    verdict: Verdict


Event: TypeAlias = Started | Exchanged | Finished


class Reporter(Protocol):
    """Whoever hears of a run."""

    def __call__(self, event: Event) -> None:
        """Take notice of an event."""
