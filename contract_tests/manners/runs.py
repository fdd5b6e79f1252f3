"""Runs: a call and its retries."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from .seen import Seen, Visit

_MOST = 10  # Calls that may be refused within a second, and attempts before giving up.
_LOOP = 1.0  # Seconds.


@dataclass(frozen=True, slots=True)
class Run:
    """A call and those after it that wanted the same, all but the last of them refused."""

    calls: tuple[Seen, ...]

    @property
    def retries(self) -> Iterator[tuple[Seen, Seen]]:
        """Each attempt that was refused and the one after it."""
        return pairwise(self.calls)

    @property
    def refused(self) -> int:
        """How many attempts were refused."""
        return sum(each.count for each in self.calls if each.is_refused)

    @property
    def is_long(self) -> bool:
        """Whether more attempts were refused than anybody needs."""
        return self.refused > _MOST

    @property
    def is_hot(self) -> bool:
        """Whether so many were refused within a second of either clock."""
        times = [
            (call.time(ours) + step * turn, call.time(machines) + real_step * turn)
            for call in self.calls
            if call.is_refused
            for ours, machines in [("time", "real_time")]
            for step, real_step in [_steps(call)]
            for turn in range(min(call.count, _MOST + 1))
        ]
        return any(
            max(late - early for late, early in zip(last, first, strict=True)) <= _LOOP
            for first, last in zip(times, times[_MOST:], strict=False)
        )


def find_runs(visit: Visit) -> list[Run]:
    """All calls of a visit, those together that are retries of one.

    Of several refused calls that a retry may belong to it is counted to the one that was
    answered first, so that calls side by side don't make each other look hasty.
    """
    runs: list[list[Seen]] = []
    waiting: dict[object, list[list[Seen]]] = {}
    for call in sorted(visit.calls, key=lambda each: each.time("real_time")):
        task = bisect_left(visit.breaks, call.number)
        queue = waiting.setdefault((task, call.key), [])
        run = next((each for each in queue if not each[-1].overlaps(call)), None)
        if run is None:
            run = []
            runs.append(run)
        else:
            queue.remove(run)
        run.append(call)
        if call.is_refused:
            queue.append(run)
            queue.sort(key=lambda each: each[-1].time("last_real_time"))
    return [Run(tuple(run)) for run in runs]


def _steps(call: Seen) -> tuple[float, float]:
    """Seconds between the exchanges that this one stands for, by both clocks."""
    repeats = max(1, call.count - 1)
    return (
        (call.time("last_time") - call.time("time")) / repeats,
        (call.time("last_real_time") - call.time("real_time")) / repeats,
    )
