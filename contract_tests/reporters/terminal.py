"""Terminal: the run as a person likes to read it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

import click

from ..outcomes import Outcome, Result, Verdict
from .events import Event, Finished, Started
from .evidence import describe

_COLOURS = {
    Outcome.PASSED: "green",
    Outcome.FAILED: "red",
    Outcome.SKIPPED: "bright_black",
    Outcome.INCONCLUSIVE: "yellow",
    Outcome.ERROR: "magenta",
}

_MOST_NAMED = 3


@dataclass
class Terminal:
    """A reporter that prints the verdict on standard output."""

    _has_started: bool = field(default=False, init=False)

    def __call__(self, event: Event) -> None:
        """Print what the event tells."""
        if isinstance(event, Started):
            self._has_started = True
            _echo(f"{event.endpoint.base}  model {event.endpoint.model}", bold=True)
            _echo(f"profile {event.endpoint.profile} · {event.clauses} clauses · seed {event.seed}")
            for note in event.notes:
                _echo(f"note: {note}", fg="yellow")
        elif isinstance(event, Finished):
            if self._has_started or event.verdict.count(Outcome.FAILED):
                _print_verdict(event.verdict)
            else:
                _echo(f"nothing was decided: {event.verdict.stopped}", fg="yellow")


def _print_verdict(verdict: Verdict) -> None:
    _echo("")
    for topic, results in groupby(verdict.results, key=lambda result: result.clause.topic):
        _echo(_topic_line(topic, list(results)))
    for result in verdict.results:
        for finding in result.findings:
            _echo("")
            _echo(describe(finding, verdict))
        if result.outcome is Outcome.ERROR:
            _echo("")
            _echo(f"{result.clause.id}: the check itself failed\n{result.why}", fg="magenta")
    for line in _summary(verdict):
        _echo(line)


def _topic_line(topic: str, results: list[Result]) -> str:
    counts = ", ".join(_counted(results))
    return f"  {topic:<14}{counts}"


def _counted(results: list[Result]) -> Iterator[str]:
    for outcome in Outcome:
        count = sum(result.outcome is outcome for result in results)
        if count:
            yield _style(f"{count} {outcome.value}", fg=_COLOURS[outcome])


def _summary(verdict: Verdict) -> Iterator[str]:
    yield ""
    reasons: dict[tuple[Outcome, str], list[str]] = {}
    for result in verdict.results:
        if result.outcome in (Outcome.INCONCLUSIVE, Outcome.SKIPPED):
            reasons.setdefault((result.outcome, result.why), []).append(result.clause.id)
    for (outcome, why), ids in reasons.items():
        more = f" and {len(ids) - _MOST_NAMED} more" if len(ids) > _MOST_NAMED else ""
        named = ", ".join(ids[:_MOST_NAMED])
        yield f"{_style(outcome.value, fg=_COLOURS[outcome])}: {why} ({named}{more})"
    for entry in verdict.stale:
        yield _style(f"stale baseline entry: {entry}", fg="red")
    if verdict.stopped:
        yield _style(f"stopped: {verdict.stopped}", fg="yellow")
    counts = ", ".join(_counted(list(verdict.results)))
    yield (
        f"{counts} · {verdict.requests} requests, {verdict.judged} judgements"
        f" in {verdict.seconds:.1f} s"
    )


def _echo(text: str, *, fg: str | None = None, bold: bool = False) -> None:
    click.echo(_style(text, fg=fg, bold=bold))


def _style(text: str, *, fg: str | None = None, bold: bool = False) -> str:
    if os.environ.get("NO_COLOR"):
        return text
    return click.style(text, fg=fg, bold=bold) if fg or bold else text
