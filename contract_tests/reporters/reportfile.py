"""Report file: the verdict in one of the forms that a file can have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nertwin.mockserver.errors import NertwinError

from ..outcomes import Verdict
from .events import Event, Finished


class NotWritten(NertwinError):
    """A report could not be written; the verdict was printed before."""


@dataclass(frozen=True)
class ReportFile:
    """A reporter that writes one file at the end."""

    path: Path
    render: Callable[[Verdict], str]

    def __call__(self, event: Event) -> None:
        """Write the file when the run is over.

        Raises:
            NotWritten: The disk is full, or the file is not ours to write.
        """
        if isinstance(event, Finished):
            text = self.render(event.verdict)
            try:
                self.path.write_text(text, encoding="utf-8", errors="backslashreplace")
            except OSError as error:
                raise NotWritten(f"can't write the report {str(self.path)!r}: {error}") from error
