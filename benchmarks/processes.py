"""Processes: a server and a load generator, each on a core of its own where there are two."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

#: What Python is told to serve the stand-in on a free port, in its default configuration.
SERVE = ("-c", "from nertwin.contract_tests.cli import main; main()", "serve", "--port", "0")
_ENDS_WITHIN = 10.0  # Seconds.


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs."""

    pid: int
    url: str

    def cpu_seconds(self) -> float:
        """What the server's process has computed so far, the system's work for it included."""
        return cpu_seconds(self.pid)


def cores() -> tuple[int, int] | None:
    """The core of servers and that of what measures them; None where there is no choice."""
    if not hasattr(os, "sched_getaffinity"):
        return None
    mine = sorted(os.sched_getaffinity(0))
    return (mine[0], mine[1]) if len(mine) > 1 else None


def pin(*allowed: int) -> None:
    """Keep this process on the cores."""
    os.sched_setaffinity(0, allowed)


@contextmanager
def started(
    command: Sequence[str], *, url: str = "", env: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """A server on its core, whose first line ends in its URL unless that is given."""
    pair = cores()
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **(env or {})},
        preexec_fn=partial(pin, pair[0]) if pair else None,
    )
    try:
        if not url:
            line = process.stdout.readline() if process.stdout else ""
            url = line.split()[-1] if line.strip() else ""
        if not url:
            raise SystemExit(f"{' '.join(command)} told no URL")
        yield Server(process.pid, url)
    finally:
        process.terminate()
        process.wait(_ENDS_WITHIN)


def on_load_core(command: Sequence[str], *, timeout: float) -> str:
    """What a command prints that measures a server from the other core."""
    pair = cores()
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=True,
        timeout=timeout,
        preexec_fn=partial(pin, pair[1]) if pair else None,
    ).stdout


def cpu_seconds(pid: int) -> float:
    """What a process has computed so far; not a number where the system doesn't tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except FileNotFoundError:
        return float("nan")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def python(*arguments: str) -> list[str]:
    """The command of this Python with these arguments."""
    return [sys.executable, *arguments]
