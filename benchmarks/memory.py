"""Memory: what the stand-in holds while it is called a million times, journals on."""

from __future__ import annotations

from statistics import mean

from .load import Request, drive, missing, sentence, wait_for_answer
from .peerfiles import PATH
from .processes import SERVE, python, started
from .samples import print_table
from .usage import IS_TOLD

_VARIED = sentence("and %d others call her Jess")
_LEAST, _MOST = "one text, one session", "another text each time, 1,000 sessions"
_LOADS = {
    _LEAST: Request(path=PATH, body=sentence()),
    "one text, 1,000 sessions": Request(path=PATH, body=sentence(), sessions=1000),
    "another text each time, one session": Request(path=PATH, body=_VARIED),
    _MOST: Request(path=PATH, body=_VARIED, sessions=1000),
}
_CHUNK = 2.0  # Seconds between two looks.
_WARM = 0.1  # So much of the requests fill journals, caches and the allocator's arenas.


def run(*, requests: int, is_short: bool = False) -> dict[str, object]:
    """Send so many requests of each kind to a new server, print and give its memory as JSON."""
    reason = missing() or ("" if IS_TOLD else "this system tells no memory of processes")
    if reason:
        print(f"memory is skipped: {reason}")
        return {"skipped": {"memory": reason}}
    # The least and the most that there is to remember.
    names = (_LEAST, _MOST) if is_short else tuple(_LOADS)
    told = {name: _watch(_LOADS[name], requests) for name in names}
    keys = ("start", "warm", "end", "most", "growth")
    rows = [(name, *(f"{each[key]:.1f}" for key in keys)) for name, each in told.items()]
    title = (
        f"Resident MiB over {requests:,} requests; growth from warm to end, each a mean of looks"
    )
    print_table(title, ("", *keys), rows)
    return {"requests": requests, "loads": told}


def _watch(load: Request, requests: int) -> dict[str, float]:
    """MiB at the start, and of later looks: the first after the warm-up and the last, averaged."""
    with started(python(*SERVE)) as server:
        wait_for_answer(server, load)
        start, sent, looks = server.resident_mib(), 0, list[tuple[int, float]]()
        while sent < requests:
            sent += int(drive(server, load, _CHUNK, seed=sent)["answers"])
            looks.append((sent, server.resident_mib()))
    later = [resident for sent, resident in looks if sent >= _WARM * requests]
    # An average of a tenth of the looks: the allocator gives back and takes all the time.
    some = max(1, len(later) // 10)
    warm, end = mean(later[:some]), mean(later[-some:])
    most = max(resident for _, resident in looks)
    return {"start": start, "warm": warm, "end": end, "most": most, "growth": end - warm}
