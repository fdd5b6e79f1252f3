"""Retrying: what a client repeats, and for how long."""

from __future__ import annotations

from collections.abc import Iterator

from .manner import KEPT, Judge, Remark, broken, unclear
from .runs import find_runs
from .seen import Seen, Visit

_FOR_GOOD = frozenset((400, 401, 402, 403, 404, 405, 410, 413, 415, 422))
_OF_TOKENS = (401, 403)
_LOADING = 503
_AGAIN = "; if the test itself called twice, put nertwin.again() between"


def _gives_up(visit: Visit) -> Iterator[Remark]:
    for run in find_runs(visit):
        if run.refused < 2 or (visit.is_timed and run.is_hot):
            continue
        if not run.is_long:
            yield KEPT
            continue
        first, last = run.calls[0], run.calls[-1]
        text = f"the call was refused {run.refused} times; give up after a few attempts{_AGAIN}"
        yield broken(text, first, last)


def _keeps_refusals(visit: Visit) -> Iterator[Remark]:
    for run in find_runs(visit):
        if visit.is_timed and run.is_hot:
            continue
        first = run.calls[0]
        if first.status in _FOR_GOOD and len(run.calls) == 1:
            # The journal forgets the oldest, but what it folded it still counts.
            yield KEPT if first.count == 1 else _sent_again(first)
        attempts = list(run.retries)
        for place, (earlier, later) in enumerate(attempts):
            if earlier.status not in _FOR_GOOD or not _is_unchanged(earlier, later):
                continue
            if earlier.status in _OF_TOKENS and not _is_third(attempts, place):
                continue
            yield _sent_again(earlier, later)
            break


def _wait_flag_after_loading(visit: Visit) -> Iterator[Remark]:
    loading: set[str] = set()
    for call in visit.calls:
        if call.asks_to_wait:
            if call.model in loading:
                yield KEPT
            elif visit.dropped:
                yield unclear("what came before is no longer kept", call)
            else:
                text = (
                    "it asked to wait for the model before any call was refused with 503, and so"
                    " may hang where nobody expects it; ask only after a 503"
                )
                yield broken(text, call)
        if call.status == _LOADING:
            loading.add(call.model)
            if not call.asks_to_wait:
                yield KEPT


JUDGES: dict[str, Judge] = {
    "client.gives-up": _gives_up,
    "client.keeps-refusals": _keeps_refusals,
    "client.wait-flag-after-loading": _wait_flag_after_loading,
}


def _sent_again(refused: Seen, *later: Seen) -> Remark:
    text = (
        f"it sent again what was refused with {refused.status}, which no retry changes; read the"
        f" error{_AGAIN}"
    )
    return broken(text, refused, *later)


def _is_unchanged(earlier: Seen, later: Seen) -> bool:
    """Whether the later call brings nothing that the earlier one had not."""
    names = ("authorization", "content-type", "x-wait-for-model", "x-use-cache")
    same = all(earlier.headers.get(name) == later.headers.get(name) for name in names)
    return same and earlier.within("options") == later.within("options")


def _is_third(attempts: list[tuple[Seen, Seen]], place: int) -> bool:
    """Whether a token was refused, then perhaps another, and it asked once more."""
    earlier = attempts[place][0]
    return earlier.count > 1 or (place > 0 and attempts[place - 1][0].status == earlier.status)
