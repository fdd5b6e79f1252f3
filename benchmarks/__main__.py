"""``python -m benchmarks``: all of it, or the parts that are named; JSON and a chart if wanted."""

from __future__ import annotations

import json
import math
import os
import platform
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

from . import calls, chart, gates, kit, memory, sharing, startup, tagging, throughput, workers
from .processes import cores

_SHORT_REQUESTS, _SHORT_TEXT, _TEXT = 50_000, 100_000, 1_000_000
PARTS = (
    "throughput",
    "calls",
    "gates",
    "startup",
    "tagging",
    "kit",
    "memory",
    "workers",
    "sharing",
)


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice(PARTS))
@click.option("--short", "is_short", is_flag=True, help="A look within three minutes.")
@click.option("--rounds", type=click.IntRange(1), help="How often each is measured.  [5; short: 3]")
@click.option("--seconds", type=click.IntRange(1), help="How long each load lasts.  [4; short: 1]")
@click.option(
    "--requests",
    type=click.IntRange(1),
    help="Sent to each server by the part memory.  [1000000; short: 50000]",
)
@click.option("--json", "path", type=click.Path(path_type=Path), help="Write the figures there.")
@click.option("--chart", "drawn", type=click.Path(path_type=Path), help="Draw throughput there.")
@click.option(
    "--from",
    "earlier",
    type=click.Path(path_type=Path, exists=True),
    help="Measure nothing; draw the figures that --json wrote there.",
)
def main(
    parts: tuple[str, ...],
    is_short: bool,
    rounds: int | None,
    seconds: int | None,
    requests: int | None,
    path: Path | None,
    drawn: Path | None,
    earlier: Path | None,
) -> None:
    """Measure, and print medians (least–largest) and ratios. Only those of one run compare."""
    if earlier is not None:
        document = json.loads(earlier.read_text(encoding="utf-8"))
    else:
        document = _begin(
            rounds=rounds or (3 if is_short else 5),
            seconds=seconds or (1 if is_short else 4),
            requests=requests or (_SHORT_REQUESTS if is_short else 1_000_000),
        )
        measure = _measures(**document["options"], is_short=is_short)
        for name in PARTS:
            if name in (parts or PARTS):
                document["parts"][name] = measure[name]()
                if path is not None:  # A part that fails takes none with it.
                    told = json.dumps(_told(document), indent=1)
                    path.write_text(told + "\n", encoding="utf-8")
    if drawn is not None:
        if "contestants" not in document["parts"].get("throughput", {}):
            raise click.ClickException("there is nothing to draw without the part throughput")
        drawn.write_text(chart.draw(document["parts"]["throughput"]), encoding="utf-8")


def _begin(**options: int) -> dict[str, Any]:
    """What is known before anything is measured."""
    pair = cores()
    print(f"servers on core {pair[0]}, load from core {pair[1]}" if pair else "nothing is pinned")
    machine = {
        "python": platform.python_version(),
        "uvicorn": version("uvicorn"),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    }
    return {"machine": machine, "options": options, "parts": {}}


def _measures(
    *, rounds: int, seconds: int, requests: int, is_short: bool
) -> dict[str, Callable[[], dict[str, object]]]:
    size = _SHORT_TEXT if is_short else _TEXT
    return {
        "throughput": lambda: throughput.run(rounds=rounds, seconds=seconds, is_short=is_short),
        "calls": lambda: calls.run(rounds=rounds, seconds=seconds),
        "gates": lambda: gates.run(rounds=rounds, seconds=seconds),
        "startup": lambda: startup.run(rounds=rounds, is_short=is_short),
        "tagging": lambda: tagging.run(rounds=rounds, seconds=seconds, size=size),
        "kit": lambda: kit.run(rounds=rounds, seconds=seconds),
        "memory": lambda: memory.run(requests=requests, is_short=is_short),
        "workers": lambda: workers.run(rounds=rounds, seconds=seconds),
        "sharing": lambda: sharing.run(rounds=rounds, seconds=seconds),
    }


def _told(document: object) -> object:
    """The document, with null where a figure is no number: JSON has no other word for it."""
    if isinstance(document, dict):
        return {key: _told(value) for key, value in document.items()}
    if isinstance(document, list):
        return [_told(value) for value in document]
    return None if isinstance(document, float) and not math.isfinite(document) else document


if __name__ == "__main__":
    main()
