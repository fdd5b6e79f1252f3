"""Usage: what a process and those that it has started have computed, and what memory they hold."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

#: Whether this system tells; without it the figures are not numbers.
IS_TOLD = Path("/proc/self/stat").exists()


def cpu_seconds(pid: int) -> float:
    """What the processes have computed so far, the system's work for them included."""
    if not IS_TOLD:
        return float("nan")
    return sum(map(_ticks, _family(pid))) / os.sysconf("SC_CLK_TCK")


def resident_mib(pid: int) -> float:
    """MiB of the processes that are in memory; what they share is counted for each."""
    if not IS_TOLD:
        return float("nan")
    pages = sum(int(_read(each, "statm").split()[1]) for each in _family(pid))
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _family(pid: int) -> Iterator[int]:
    yield pid
    # Not each kernel has these files; then a process counts alone.
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text(encoding="ascii").split():
            yield from _family(int(child))


def _ticks(pid: int) -> int:
    # The name of the program may hold blanks and brackets.
    fields = _read(pid, "stat").rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def _read(pid: int, file: str) -> str:
    return Path(f"/proc/{pid}/{file}").read_text(encoding="utf-8")
