"""Processes: a server and a load generator, each on a core of its own where there are two."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from socket import create_connection, socket
from time import monotonic, sleep
from typing import IO

from .usage import cpu_seconds, resident_mib

#: What Python is told to serve the stand-in on a free port, in its default configuration.
SERVE = ("-c", "from nertwin.contract_tests.cli import main; main()", "serve", "--port", "0")
_STARTS_WITHIN = 60.0  # Seconds.
_ENDS_WITHIN = 10.0


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs."""

    pid: int
    url: str

    def cpu_seconds(self) -> float:
        """What the server's processes have computed so far, the system's work included."""
        return cpu_seconds(self.pid)

    def resident_mib(self) -> float:
        """What the server's processes hold in memory."""
        return resident_mib(self.pid)


class DidNotStart(Exception):
    """A server ended, or said nothing, before it served."""


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
def keeping_bytecode() -> Iterator[Mapping[str, str]]:
    """What a Python's environment needs to keep its bytecode, in a folder that goes afterwards.

    Where PYTHONDONTWRITEBYTECODE is set, as in many containers and on many build machines, each
    process compiles anew what it imports, and that is most of what would be measured. A user's
    process has done so once, in an earlier run; so the first of each kind isn't to be counted.
    """
    with tempfile.TemporaryDirectory() as folder:
        # Empty is unset. Bytecode that lies beside the sources may not be there for all of them.
        yield {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": folder}


@contextmanager
def started(
    command: Sequence[str], *, is_pinned: bool = True, env: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """A server on its core, whose first line ends in its URL.

    Raises:
        DidNotStart: It wrote no such line.
    """
    with _spawned(command, stdout=subprocess.PIPE, is_pinned=is_pinned, env=env) as process:
        line = process.stdout.readline() if process.stdout else ""
        if not line.strip():
            raise DidNotStart(f"{' '.join(command)} told no URL")
        yield Server(process.pid, line.split()[-1])


@contextmanager
def started_at(command: Sequence[str], port: int, log: Path) -> Iterator[Server]:
    """A server on its core, told to listen on that port, that accepts connections.

    It runs in the folder of ``log``, where what it writes goes: a pipe that nobody reads would
    stop it.

    Raises:
        DidNotStart: It ended, or doesn't listen within a minute.
    """
    with (
        log.open("w") as output,
        _spawned(command, stdout=output, stderr=output, folder=log.parent) as process,
    ):
        until = monotonic() + _STARTS_WITHIN
        while not _listens(port):
            if process.poll() is not None or monotonic() > until:
                told = log.read_text(encoding="utf-8", errors="replace")[-2000:]
                raise DidNotStart(f"{' '.join(command)} doesn't listen on port {port}:\n{told}")
            sleep(0.005)
        yield Server(process.pid, f"http://127.0.0.1:{port}")


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def on_load_core(
    command: Sequence[str],
    *,
    timeout: float,
    is_pinned: bool = True,
    env: Mapping[str, str] | None = None,
) -> str:
    """What a command prints that measures a server from the other core."""
    pair = cores() if is_pinned else None
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=True,
        timeout=timeout,
        env={**os.environ, **(env or {})},
        preexec_fn=partial(pin, pair[1]) if pair else None,
    ).stdout


def python(*arguments: str) -> list[str]:
    """The command of this Python with these arguments."""
    return [sys.executable, *arguments]


@contextmanager
def _spawned(
    command: Sequence[str],
    *,
    stdout: int | IO[str],
    stderr: int | IO[str] | None = None,
    is_pinned: bool = True,
    env: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Iterator[subprocess.Popen[str]]:
    pair = cores() if is_pinned else None
    with subprocess.Popen(
        command,
        stdout=stdout,
        stderr=stderr,
        text=True,
        cwd=folder,
        env={**os.environ, **(env or {})},
        preexec_fn=partial(pin, pair[0]) if pair else None,
    ) as process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(_ENDS_WITHIN)
            except subprocess.TimeoutExpired:
                process.kill()


def _listens(port: int) -> bool:
    try:
        create_connection(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True
