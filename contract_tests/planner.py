"""Planner: in which order plans are tried, so that few requests decide many clauses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import compress, count

from nertwin.schemas import Level

from .checks.check import Plan
from .exchange import Request
from .tally import Tally

_DEPTH: dict[Level, int] = {"MUST": 0, "SHOULD": 1, "MAY": 2}
# That a plan decides its clause is less likely than for the plan before it.
_HOPE = 0.5


@dataclass(slots=True, eq=False)
class _Candidate:
    """A plan that may be tried next."""

    column: int  #: Which tally's it is.
    row: int  #: Which of its tally's plans.
    plan: Plan
    missing: set[int]  #: What would have to be sent for it, by numbers.


def in_order(
    columns: Sequence[tuple[Tally, Sequence[Plan]]], sent: Iterable[Request]
) -> Iterator[tuple[Tally, Plan]]:
    """All plans of all tallies, those first that decide most open clauses for their requests.

    What is open is asked each time. The MUSTs come before the rest. Once each clause is decided,
    or out of plans, what is left comes row by row.
    """
    search = _Search(columns, set(sent))
    for depth in sorted(set(_DEPTH.values())):
        while (best := search.find_best(depth)) is not None:
            search.take(best)
            yield columns[best.column][0], best.plan
    yield from search.rest()


class _Search:
    """What is left to try, and what has to be sent for it."""

    def __init__(self, columns: Sequence[tuple[Tally, Sequence[Plan]]], sent: set[Request]) -> None:
        self._tallies = [tally for tally, _ in columns]
        numbers: defaultdict[Hashable, int] = defaultdict(count().__next__)
        known = {numbers[request] for request in sent}
        self._left = [
            {
                row: _Candidate(
                    column, row, plan, {numbers[key] for key in _keys(plan.bundle or plan)} - known
                )
                for row, plan in enumerate(plans)
            }
            for column, (_, plans) in enumerate(columns)
        ]
        self._users: defaultdict[int, list[_Candidate]] = defaultdict(list)
        for candidates in self._left:
            for candidate in candidates.values():
                for key in candidate.missing:
                    self._users[key].append(candidate)

    def find_best(self, depth: int) -> _Candidate | None:
        """The candidate with the most open clauses of a level a request; None if none is open."""
        is_open = [not tally.is_settled and not tally.trials for tally in self._tallies]
        wanted = [
            is_open[column] and _DEPTH[tally.clause.level] == depth
            for column, tally in enumerate(self._tallies)
        ]
        best, most = None, (-1.0, -1.0)
        for candidates in compress(self._left, wanted):
            for candidate in candidates.values():
                if not candidate.missing:
                    return candidate
                decided, cost = self._decided_by(candidate), len(candidate.missing)
                worth = (
                    sum(hope for column, hope in decided.items() if wanted[column]) / cost,
                    sum(hope for column, hope in decided.items() if is_open[column]) / cost,
                )
                if worth > most:
                    best, most = candidate, worth
        return best

    def take(self, candidate: _Candidate) -> None:
        """Note that a candidate is tried now."""
        del self._left[candidate.column][candidate.row]
        for key in tuple(candidate.missing):
            for user in self._users.pop(key):
                user.missing.discard(key)

    def rest(self) -> Iterator[tuple[Tally, Plan]]:
        """Of what is left each tally's first plan, then each one's second, and so on."""
        left = [each for candidates in self._left for each in candidates.values()]
        for candidate in sorted(left, key=lambda each: (each.row, each.column)):
            if not self._tallies[candidate.column].is_settled:
                yield self._tallies[candidate.column], candidate.plan

    def _decided_by(self, candidate: _Candidate) -> dict[int, float]:
        """The columns of which some plan needs no more than this one, and what to hope for each."""
        decided: dict[int, float] = {}
        for key in candidate.missing:
            for user in self._users[key]:
                if user.missing <= candidate.missing and user.row in self._left[user.column]:
                    hope = _HOPE**user.row
                    decided[user.column] = max(hope, decided.get(user.column, 0.0))
        return decided


def _keys(plan: Plan) -> Iterator[Hashable]:
    """What a plan needs sent; steps that follow from answers are known by the plan's first."""
    for step in plan.steps:
        if isinstance(step, tuple):
            yield from step
        elif callable(step):
            yield plan.steps[0], step
        else:
            yield step
