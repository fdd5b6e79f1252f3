"""Program: what the command ``nertwin`` runs first, before anything that takes a while to load."""

from __future__ import annotations

import sys
from typing import NoReturn

_INTERRUPTED = 130  # 128 and the number of SIGINT, as shells count.


def main() -> None:
    """Run the command line; whoever interrupts it, also while it is loaded, reads one line."""
    try:
        from .cli import main as run

        run()
    except KeyboardInterrupt:
        end_interrupted()


def end_interrupted() -> NoReturn:
    """Say that the command was interrupted, and end it."""
    print("nertwin: interrupted", file=sys.stderr)
    sys.exit(_INTERRUPTED)
