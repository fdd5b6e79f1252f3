"""Sharing: what it costs that sessions live in a Redis, beside those of one process."""

from __future__ import annotations

import importlib.util
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path

from .load import Request, drive, missing, sentence, wait_for_answer
from .peerfiles import PATH
from .processes import SERVE, Server, free_port, python, started, started_at
from .samples import Samples, collect, print_table

_BASE = "memory"
#: What is asked: one session by all, whose calls are let in together, or a thousand.
_ASKED = {
    "cached answer": Request(path=PATH, body=sentence()),
    "computed answer": Request(path=PATH, body=sentence(), headers={"x-use-cache": "false"}),
    "cached answer, 1,000 sessions": Request(path=PATH, body=sentence(), sessions=1000),
}


def run(*, rounds: int, seconds: float) -> dict[str, object]:
    """Measure one process with each state in turns, print it and give it as JSON."""
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    reason = missing() or ("" if program else "no redis-server is installed")
    if importlib.util.find_spec("redis") is None:
        reason = reason or "the package redis is not installed (the extra bench has it)"
    if reason or program is None:
        print(f"sharing is skipped: {reason}")
        return {"skipped": {"sharing": reason}}
    figures: dict[str, object] = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        port = free_port()
        command = (program, "--bind", "127.0.0.1", "--port", str(port), "--save", "")
        stack.enter_context(started_at(command, port, folder / "log"))
        state = f"redis://127.0.0.1:{port}/0"
        servers = {
            _BASE: stack.enter_context(started(python(*SERVE))),
            "Redis": stack.enter_context(started(python(*SERVE, "--state", state))),
        }
        for name, request in _ASKED.items():
            measured = _measure(servers, request, rounds=rounds, seconds=seconds)
            _tell(name, measured)
            figures[name] = {
                place: {key: samples.to_json() for key, samples in each.items()}
                for place, each in measured.items()
            }
    return figures


def _measure(
    servers: dict[str, Server], request: Request, *, rounds: int, seconds: float
) -> dict[str, dict[str, Samples]]:
    for server in servers.values():
        wait_for_answer(server, request)
        drive(server, request, 1)
    measured = [
        {place: drive(server, request, seconds) for place, server in servers.items()}
        for _ in range(rounds)
    ]
    figures = {place: collect([each[place] for each in measured]) for place in servers}
    base = figures[_BASE]
    return {
        place: {
            **each,
            "ratio": each["a_second"].to(base["a_second"]),
            "ratio_of_cpu": base["cpu"].to(each["cpu"]),
        }
        for place, each in figures.items()
    }


def _tell(name: str, measured: dict[str, dict[str, Samples]]) -> None:
    rows = [
        (
            place,
            str(each["a_second"]),
            str(each["ratio"]),
            f"{each['cpu'].median * 1e6:.1f}",
            str(each["ratio_of_cpu"]),
            f"{each['p99'].median * 1e3:.2f}",
        )
        for place, each in measured.items()
    ]
    columns = ("state", "answers/s", "ratio", "cpu us", "by cpu", "p99 ms")
    print_table(f"Sharing: {name}, 64 connections; ratios to memory", columns, rows)
