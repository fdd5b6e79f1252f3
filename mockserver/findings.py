"""Findings: what a client does wrong though it was answered, each kind told once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from nertwin.schemas import JSON

from .budget import Budget

_MOST = 200
# What a finding takes besides its texts.
_OVERHEAD = 512


class Finding(NamedTuple):
    """One thing that a request does wrong."""

    id: str  #: Stable, as ``options.misplaced``.
    place: str  #: As ``$.wait_for_model`` or ``header authorization``.
    message: str  #: What came, where it belongs, what to do.


class Found(NamedTuple):
    """A finding with how often it was made; its message is that of the latest time."""

    finding: Finding
    times: int
    first: int  #: The number of the exchange that it was first found in.
    last: int

    def to_json(self) -> dict[str, JSON]:
        """The finding as JSON."""
        return {
            "id": self.finding.id,
            "place": self.finding.place,
            "message": self.finding.message,
            "count": self.times,
            "first": self.first,
            "last": self.last,
        }


class Findings:
    """The findings of a session, those of one id and place together, up to a bound."""

    __slots__ = ("_budget", "_found", "dropped")

    def __init__(self, budget: Budget | None = None) -> None:
        self._budget = Budget(budget)
        self._found: dict[tuple[str, str], Found] = {}
        self.dropped = 0  #: Times that something was found and is not kept.

    def __len__(self) -> int:
        return len(self._found)

    def __iter__(self) -> Iterator[Found]:
        return iter(tuple(self._found.values()))

    @property
    def bytes_held(self) -> int:
        """What the findings take, by a cautious estimate."""
        return self._budget.held

    def add(self, finding: Finding, number: int) -> None:
        """Count a finding in the exchange of that number."""
        key = (finding.id, finding.place)
        known = self._found.get(key)
        if known is not None:
            times = known.times + 1
            self._found[key] = known._replace(finding=finding, times=times, last=number)
        elif len(self._found) < _MOST:
            self._found[key] = Found(finding=finding, times=1, first=number, last=number)
            self._budget.add(_OVERHEAD + len(finding.place) + len(finding.message))
        else:
            self.dropped += 1

    def clear(self) -> None:
        """Forget all findings."""
        self._found.clear()
        self._budget.add(-self._budget.held)
        self.dropped = 0

    def to_json(self) -> dict[str, JSON]:
        """The findings as JSON, in the order in which they were first made."""
        return {
            "dropped": self.dropped,
            "findings": [found.to_json() for found in self._found.values()],
        }


def ignored(place: str, what: str) -> Finding:
    """The finding that something belongs to another generation of the service."""
    # No open-source server reads options: the classic gateway took them out.
    message = f"{what} means nothing to this generation of the service; leave it out"
    return Finding("options.ignored", place, message)
