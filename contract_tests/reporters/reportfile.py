"""Report file: the verdict in one of the forms that a file can have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..outcomes import Verdict
from .events import Event, Finished


@dataclass(frozen=True)
class ReportFile:
    """A reporter that writes one file at the end."""

    path: Path
    render: Callable[[Verdict], str]

    def __call__(self, event: Event) -> None:
        """Write the file when the run is over."""
        if isinstance(event, Finished):
            text = self.render(event.verdict)
            self.path.write_text(text, encoding="utf-8", errors="backslashreplace")
