"""Progress: how far a run has come, on a terminal that can be written over."""

from __future__ import annotations

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from .events import Event, Exchanged, Finished, Started


class ProgressBar:
    """A reporter that shows on standard error how many clauses have been decided, and of what."""

    def __init__(self, console: Console | None = None) -> None:
        console = console or Console(stderr=True)
        self._is_shown = console.is_terminal
        self._requests = 0
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description:<14}"),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TextColumn("clauses · {task.fields[requests]} requests{task.fields[violated]}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._task = self._progress.add_task("", total=None, requests=0, violated="")

    def __call__(self, event: Event) -> None:
        """Show what the event tells; nothing of it is left when the run is over."""
        if not self._is_shown:
            return
        if isinstance(event, Started):
            self._progress.update(self._task, total=event.clauses)
            self._progress.start()
        elif isinstance(event, Exchanged):
            self._requests += 1
            self._progress.update(
                self._task,
                description=event.topic,
                completed=event.decided,
                requests=self._requests,
                violated=f" · [red]{event.violated} violated" if event.violated else "",
            )
        elif isinstance(event, Finished):
            self.close()

    def close(self) -> None:
        """Take it off the terminal, and show the cursor again."""
        if self._is_shown:  # Else older releases of rich print an empty line.
            self._progress.stop()
