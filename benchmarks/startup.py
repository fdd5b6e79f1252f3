"""Start-up: from spawn to the first answer, and what the imports take that users wait for."""

from __future__ import annotations

import time
import urllib.request

from .load import sentence
from .processes import SERVE, on_load_core, python, started
from .samples import collect, print_table

_PATH = "/models/dslim/bert-base-NER"
_IMPORTS = {
    "import nertwin.mockserver": ("", "import nertwin.mockserver"),
    # What is public there is loaded when it is first asked for, and this is what most ask for.
    "... and settings and server": ("", "from nertwin.mockserver import Settings, running_server"),
    # Each pytest run of each user has imported pytest before it meets the plugin.
    "import the pytest plugin": ("import pytest", "import nertwin.contract_tests.plugin"),
}
_TIMED = """
{before}
from time import perf_counter
began = perf_counter()
{statement}
print(perf_counter() - began)
"""


def run(*, rounds: int, seconds: float) -> dict[str, object]:
    """Measure both in turns, print it and give it as JSON."""
    del seconds
    measured = []
    for _ in range(rounds):
        figures = {
            name: float(on_load_core(_python_that_times(*what), timeout=60))
            for name, what in _IMPORTS.items()
        }
        figures["bare server, first answer"] = _first_answer(python("-m", "benchmarks.peers.bare"))
        figures["stand-in, first answer"] = _first_answer(python(*SERVE))
        measured.append({name: 1000 * figure for name, figure in figures.items()})
    figures_of_all = collect(measured)
    base = figures_of_all["bare server, first answer"]
    rows = [
        (name, str(samples), f"{samples.ratio(base):.2f}")
        for name, samples in figures_of_all.items()
    ]
    print_table("Start-up; ratios to the bare server", ("", "ms", "ratio"), rows)
    return {name: samples.to_json() for name, samples in figures_of_all.items()}


def _python_that_times(before: str, statement: str) -> list[str]:
    return python("-c", _TIMED.format(before=before, statement=statement))


def _first_answer(command: list[str]) -> float:
    """Seconds from the spawn of a server to its first answer, which is computed."""
    began = time.perf_counter()
    with started(command) as server:
        body = sentence().encode()
        request = urllib.request.Request(server.url + _PATH, data=body)  # noqa: S310
        with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310
            response.read()
        return time.perf_counter() - began
