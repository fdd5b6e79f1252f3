"""Outcomes: what a run found out about each clause."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from nertwin.schemas import Clause

from .endpoint import Endpoint
from .exchange import Exchange
from .secrets import redact
from .violations import Violation

_PLACES = re.compile(r"(\[\d+\])+")


class Outcome(Enum):
    """The verdict on a clause; a skip is never a pass, our own fault never the endpoint's."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    INCONCLUSIVE = "inconclusive"
    ERROR = "error"

    @property
    def is_decided(self) -> bool:
        """Whether the endpoint was seen to keep or to violate the clause."""
        return self in (Outcome.PASSED, Outcome.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A violation with its evidence."""

    clause: Clause
    violation: Violation
    exchanges: tuple[Exchange, ...]
    seen: int = 1  #: In how many trials of the same requests it was there …
    tried: int = 1  #: … of how many.

    @property
    def is_intermittent(self) -> bool:
        """Whether the same requests were also answered well."""
        return self.seen < self.tried

    @property
    def fingerprint(self) -> str:
        """What stays the same when the finding is made again with other texts."""
        return f"{self.clause.id}:{_PLACES.sub('[]', self.violation.where)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What is known of one clause at the end."""

    clause: Clause
    outcome: Outcome
    why: str = ""  #: Why it was skipped or stayed open; the traceback of an error.
    findings: tuple[Finding, ...] = ()
    trials: int = 0  #: How many trials decided it.

    def __post_init__(self) -> None:
        object.__setattr__(self, "why", redact(self.why))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A run at its end."""

    endpoint: Endpoint
    seed: int
    results: tuple[Result, ...]
    requests: int  #: How many were sent.
    judged: int = 0  #: How many trials were judged.
    seconds: float = 0.0
    stopped: str = ""  #: Why the run ended early, if it did.
    notes: tuple[str, ...] = ()  #: What the first probe says.
    is_interrupted: bool = False
    stale: tuple[str, ...] = ()  #: Entries of the baseline that are no longer true.

    def __post_init__(self) -> None:
        object.__setattr__(self, "stopped", redact(self.stopped))
        for name in ("notes", "stale"):
            object.__setattr__(self, name, tuple(map(redact, getattr(self, name))))

    def count(self, outcome: Outcome) -> int:
        """How many clauses have this outcome."""
        return sum(result.outcome is outcome for result in self.results)

    @property
    def exit_status(self) -> int:
        """0 all that was decided holds, 1 a violation, 3 too little decided, 4 our fault, 130."""
        if self.is_interrupted:
            return 130
        if self.count(Outcome.FAILED) or self.stale:
            return 1
        if self.count(Outcome.ERROR):
            return 4
        tried = [result for result in self.results if result.outcome is not Outcome.SKIPPED]
        decided = sum(result.outcome.is_decided for result in tried)
        return 0 if decided and decided * 2 >= len(tried) else 3
