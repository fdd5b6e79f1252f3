"""``nertwin serve`` as a process of its own."""

import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

READY = re.compile(r"nertwin listening on (http://127\.0\.0\.1:\d+)\n")
WITHIN = 30.0  # Seconds; a shared machine can be slow, nothing waits that long when all is well.


class Process:
    """A running ``nertwin serve``."""

    def __init__(self, *arguments: str, cwd: Path) -> None:
        program = Path(sys.executable).with_name("nertwin")
        environment = {
            key: value for key, value in os.environ.items() if not key.startswith("NERTWIN_")
        }
        self.popen = subprocess.Popen(
            [program, "serve", "--port", "0", *arguments],
            cwd=cwd,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @property
    def url(self) -> str:
        """The URL of the readiness line."""
        assert self.popen.stdout is not None
        ready, _, _ = select.select([self.popen.stdout], [], [], WITHIN)
        line = self.popen.stdout.readline() if ready else ""
        found = READY.fullmatch(line)
        assert found, f"no readiness line but {line!r}; {self.end()}"
        return found[1]

    def end(self) -> tuple[int, str]:
        """Exit status and standard error after SIGTERM."""
        self.popen.send_signal(signal.SIGTERM)
        _, stderr = self.popen.communicate(timeout=WITHIN)
        return self.popen.returncode, stderr


def eventually(answer: Callable[[], Any], wanted: Any) -> Any:
    """What ``answer`` gives once it gives ``wanted``, or at last; bounded, for other processes."""
    deadline = time.monotonic() + WITHIN
    while (got := answer()) != wanted and time.monotonic() < deadline:
        select.select([], [], [], 0.05)
    return got
