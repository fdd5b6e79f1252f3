"""``python -m benchmarks``: all of it, or the parts that are named; JSON with ``--json``."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import click

from . import calls, gates, kit, startup, tagging, throughput
from .processes import cores

_Part = Callable[..., dict[str, object]]
PARTS: dict[str, _Part] = {
    "throughput": throughput.run,
    "calls": calls.run,
    "gates": gates.run,
    "startup": startup.run,
    "tagging": tagging.run,
    "kit": kit.run,
}


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice([*PARTS]))
@click.option("--rounds", default=5, show_default=True, help="How often each is measured.")
@click.option("--seconds", default=4, show_default=True, help="How long each load lasts.")
@click.option("--json", "path", type=click.Path(path_type=Path), help="Write the figures there.")
def main(parts: tuple[str, ...], rounds: int, seconds: int, path: Path | None) -> None:
    """Measure, and print medians (least–largest) and ratios. Only those of one run compare."""
    pair = cores()
    print(f"servers on core {pair[0]}, load from core {pair[1]}" if pair else "nothing is pinned")
    figures = {name: PARTS[name](rounds=rounds, seconds=seconds) for name in parts or PARTS}
    if path is not None:
        machine = {"python": platform.python_version(), "uvicorn": version("uvicorn")}
        document = {"machine": machine, "rounds": rounds, "seconds": seconds, "parts": figures}
        path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
