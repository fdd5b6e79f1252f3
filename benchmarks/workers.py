"""Workers: what several processes on one port add, where nothing is pinned.

On two cores the load generator takes its share of one; the processor time of an answer is what
compares.
"""

from __future__ import annotations

from contextlib import ExitStack

from .load import Request, drive, missing, sentence, wait_for_answer
from .peerfiles import PATH
from .processes import SERVE, python, started
from .samples import collect, print_table

_WORKERS = (1, 2, 4)
_REQUEST = Request(path=PATH, body=sentence(), sessions=1000)


def run(*, rounds: int, seconds: float) -> dict[str, object]:
    """Measure all numbers of workers in turns, print it and give it as JSON."""
    if reason := missing():
        print(f"workers is skipped: {reason}")
        return {"skipped": {"workers": reason}}
    with ExitStack() as stack:
        servers = {
            number: stack.enter_context(
                started(python(*SERVE, "--workers", str(number)), is_pinned=False)
            )
            for number in _WORKERS
        }
        for server in servers.values():
            wait_for_answer(server, _REQUEST)
            drive(server, _REQUEST, 1, is_pinned=False)
        measured = [
            {
                number: drive(server, _REQUEST, seconds, is_pinned=False)
                for number, server in servers.items()
            }
            for _ in range(rounds)
        ]
    figures = {number: collect([each[number] for each in measured]) for number in _WORKERS}
    one = figures[1]
    rows = [
        (
            str(number),
            str(each["a_second"]),
            str(each["a_second"].to(one["a_second"])),
            f"{each['cpu'].median * 1e6:.1f}",
            str(one["cpu"].to(each["cpu"])),
        )
        for number, each in figures.items()
    ]
    title = "Workers, cached answers of 1,000 sessions; ratios to one worker"
    print_table(title, ("workers", "answers/s", "ratio", "cpu us", "by cpu"), rows)
    return {
        str(number): {key: samples.to_json() for key, samples in each.items()}
        for number, each in figures.items()
    }
