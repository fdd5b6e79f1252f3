"""Start-up: from spawn to the first answer, and what the imports take that users wait for."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping

from .load import Request, sentence, wait_for_answer
from .peerfiles import PATH
from .processes import keeping_bytecode, on_load_core, python
from .samples import collect, print_table
from .stubs import STUBS, served, skipped

_REQUEST = Request(path=PATH, body=sentence())
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


def run(*, rounds: int, is_short: bool = False) -> dict[str, object]:
    """Measure all in turns, print it and give it as JSON."""
    missed = skipped(is_short=is_short)
    for name, reason in missed.items():
        print(f"the start of {name} is skipped: {reason}")
    with keeping_bytecode() as environment:
        contestants = [name for name in STUBS if name not in missed]
        _round(contestants, environment)  # It leaves the bytecode, and isn't counted.
        measured = [_round(contestants, environment) for _ in range(rounds)]
    figures_of_all = collect(measured)
    base = figures_of_all["bare, first answer"]
    rows = [
        (name, str(samples), f"{samples.ratio(base):.2f}")
        for name, samples in figures_of_all.items()
    ]
    print_table("Start-up; ratios to the bare server", ("", "ms", "ratio"), rows)
    return {name: samples.to_json() for name, samples in figures_of_all.items()}


def _round(contestants: Iterable[str], env: Mapping[str, str]) -> dict[str, float]:
    """Milliseconds of everything, once."""
    figures = {
        name: float(on_load_core(_python_that_times(*what), timeout=60, env=env))
        for name, what in _IMPORTS.items()
    }
    for name in contestants:
        figures[f"{name}, first answer"] = _first_answer(name, env)
    return {name: 1000 * figure for name, figure in figures.items()}


def _python_that_times(before: str, statement: str) -> list[str]:
    return python("-c", _TIMED.format(before=before, statement=statement))


def _first_answer(name: str, env: Mapping[str, str]) -> float:
    """Seconds from the spawn of a server to its first answer, which the stand-in computes."""
    began = time.perf_counter()
    with served(name, env=env) as server:
        wait_for_answer(server, _REQUEST)
        return time.perf_counter() - began
