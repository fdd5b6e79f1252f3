"""Waiting: whether a client lets time go by before it asks again."""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import cast

from .manner import KEPT, Judge, Remark, broken, unclear
from .runs import Run, find_runs
from .seen import Seen, Visit

_FOR_THE_MOMENT = frozenset((408, 425, 429, *range(500, 600)))
_LEAST = 0.1  # Seconds between retries, on the average.
_LONGEST_ESTIMATE = 10.0  # Nobody need believe a longer one.
_SLACK = 0.9  # Of a wait: timers are inexact, and an estimate is one.
_JITTER = 0.05  # Seconds.
_CANT_TELL = (
    "the session's clock stood still, and a sleep that the test replaced looks like none; use the"
    " fixture nertwin_sleep, or mark the test clock='real' or clock='scaled:100'"
)


def _waits_before_retry(visit: Visit) -> Iterator[Remark]:
    for run in _timed_runs(visit):
        pairs = [
            (earlier, later)
            for earlier, later in run.retries
            if earlier.status in _FOR_THE_MOMENT
            and _announced(earlier) is None
            and not later.asks_to_wait
        ]
        if not pairs:
            continue
        waited = sum(earlier.wait_before(later) for earlier, later in pairs)
        if waited >= _LEAST * len(pairs):
            yield KEPT
            continue
        first, last = pairs[0][0], pairs[-1][1]
        text = (
            f"refused with {first.status}, it asked again {_times(len(pairs))} after {waited:.3g} s"
            " in all; wait before each retry, longer each time"
        )
        yield _timed(visit, text, first, last)


def _waits_estimated_time(visit: Visit) -> Iterator[Remark]:
    for run in _timed_runs(visit):
        for earlier, later in run.retries:
            estimate = _estimate(earlier)
            if estimate is None or _retry_after(earlier) is not None:
                continue
            if later.asks_to_wait:
                yield KEPT
                continue
            wanted = min(estimate, _LONGEST_ESTIMATE)
            yield _judge_wait(
                visit,
                earlier,
                later,
                wanted,
                f"estimated_time was {estimate:g} s; wait for it, or send x-wait-for-model: true",
            )


def _honours_retry_after(visit: Visit) -> Iterator[Remark]:
    for run in _timed_runs(visit):
        for earlier, later in run.retries:
            header = _retry_after(earlier)
            if header is None:
                continue
            wanted = _seconds(header, earlier)
            if wanted is None:
                yield unclear(f"retry-after was {header[:40]!r}, and no date tells when", earlier)
                continue
            yield _judge_wait(visit, earlier, later, wanted, f"retry-after was {header[:40]}")


def _no_hot_loop(visit: Visit) -> Iterator[Remark]:
    for run in find_runs(visit):
        if not run.is_long:
            if len(run.calls) > 1:
                yield KEPT
            continue
        if not run.is_hot:
            yield KEPT
            continue
        first, last = run.calls[0], run.calls[-1]
        text = (
            f"{run.refused} equal calls were refused with {first.status}, more than ten of them"
            " within a second; wait before each retry and give up after a few"
        )
        yield _timed(visit, text, first, last)


JUDGES: dict[str, Judge] = {
    "client.waits-before-retry": _waits_before_retry,
    "client.waits-estimated-time": _waits_estimated_time,
    "client.honours-retry-after": _honours_retry_after,
    "client.no-hot-loop": _no_hot_loop,
}


def _timed_runs(visit: Visit) -> list[Run]:
    """The runs that are no hot loop, for of those one clause tells enough."""
    return [run for run in find_runs(visit) if not (visit.is_timed and run.is_hot)]


def _judge_wait(visit: Visit, earlier: Seen, later: Seen, wanted: float, why: str) -> Remark:
    waited = earlier.wait_before(later)
    if waited >= wanted * _SLACK - _JITTER:
        return KEPT
    text = f"it asked again after {waited:.3g} s and not after {wanted:g}: {why}"
    return _timed(visit, text, earlier, later)


def _timed(visit: Visit, text: str, *evidence: Seen) -> Remark:
    """That a client did not wait, or only seems not to have."""
    if visit.is_timed:
        return broken(text, *evidence)
    return unclear(_CANT_TELL, *evidence)


def _announced(call: Seen) -> float | str | None:
    """What an answer says of the time to wait, if anything."""
    estimate = _estimate(call)
    return _retry_after(call) if estimate is None else estimate


def _estimate(call: Seen) -> float | None:
    if call.status != 503 or not isinstance(call.answer, dict):
        return None
    found = call.answer.get("estimated_time")
    is_number = isinstance(found, (int, float)) and not isinstance(found, bool)
    return cast("float", found) if is_number else None


def _retry_after(call: Seen) -> str | None:
    if not call.is_refused:
        return None
    return call.answer_headers.get("retry-after")


def _seconds(header: str, call: Seen) -> float | None:
    """How long the header wants one to wait, or None where nobody can tell."""
    if header.strip().isdecimal():
        return float(header)
    try:
        wanted = parsedate_to_datetime(header)
        sent = parsedate_to_datetime(call.answer_headers.get("date", ""))
        return max(0.0, (wanted - sent).total_seconds())
    except (ValueError, TypeError):  # One of them is no date, or has no time zone.
        return None


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
