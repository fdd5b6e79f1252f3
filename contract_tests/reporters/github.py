"""GitHub: annotations and a step summary, where GitHub Actions runs the check."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from ..outcomes import Outcome, Verdict
from .events import Event, Finished, Reporter
from .evidence import headline, speakable
from .markdown import to_markdown

_LARGEST_SUMMARY = 1_000_000  # Bytes; GitHub drops a step's summary of more than one MiB.
_MORE = "\n\n…\n\nThe rest did not fit; see a report (`--report`).\n"


@dataclass(frozen=True)
class GitHubReport:
    """A reporter that prints workflow commands and writes into the step's summary, if any."""

    summary: Path | None = None
    echo: Callable[[str], None] = click.echo

    def __call__(self, event: Event) -> None:
        """Tell the verdict when the run is over."""
        if not isinstance(event, Finished):
            return
        for line in workflow_commands(event.verdict):
            self.echo(line)
        if self.summary is not None:
            with self.summary.open("ab") as file:
                file.write(_cut(to_markdown(event.verdict).encode()))


def github_reporters(environ: Mapping[str, str]) -> tuple[Reporter, ...]:
    """The reporter for GitHub Actions if that is where we run, else none."""
    if environ.get("GITHUB_ACTIONS") != "true":
        return ()
    path = environ.get("GITHUB_STEP_SUMMARY")
    return (GitHubReport(Path(path) if path else None),)


def workflow_commands(verdict: Verdict) -> Iterator[str]:
    """A workflow command for each violation, error of ours, stale entry and early end."""
    for result in verdict.results:
        clause = result.clause
        for finding in result.findings:
            kind = "error" if clause.level == "MUST" else "warning"
            text = f"{headline(finding)}\n{clause.text} ({clause.source})"
            yield _command(kind, f"{clause.id} ({clause.level})", text)
        if result.outcome is Outcome.ERROR:
            yield _command("error", f"{clause.id}: the check itself failed", result.why)
    for entry in verdict.stale:
        yield _command("error", "stale baseline entry", entry)
    if verdict.stopped:
        yield _command("warning", "nertwin check ended early", verdict.stopped)


def _command(kind: str, title: str, text: str) -> str:
    name = _escape(speakable(title)).replace(":", "%3A").replace(",", "%2C")
    return f"::{kind} title={name}::{_escape(speakable(text))}"


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _cut(document: bytes) -> bytes:
    if len(document) <= _LARGEST_SUMMARY:
        return document
    return document[:_LARGEST_SUMMARY].decode("utf-8", "ignore").encode() + _MORE.encode()
