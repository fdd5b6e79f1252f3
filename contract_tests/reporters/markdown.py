"""Markdown: the verdict as a page for pull requests and CI summaries."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..outcomes import Finding, Outcome, Verdict
from .evidence import (
    frequency,
    last_exchanges,
    repeat_command,
    show_exchange,
    speakable,
    summarise,
)

SIGNS = {
    Outcome.PASSED: "✅",
    Outcome.FAILED: "❌",
    Outcome.SKIPPED: "⚪",
    Outcome.INCONCLUSIVE: "❔",
    Outcome.ERROR: "💥",
}

_MARKUP = re.compile(r"([\\`*_{}\[\]<>()#+!|~@&$-])")


def to_markdown(verdict: Verdict) -> str:
    """The verdict with the evidence first and a table of all clauses last."""
    return speakable("\n".join(_lines(verdict))) + "\n"


def _lines(verdict: Verdict) -> Iterator[str]:
    endpoint = verdict.endpoint
    yield f"# {ending(verdict)}"
    yield ""
    yield (
        f"{_plain(endpoint.base)}, model {_plain(endpoint.model)}, profile {endpoint.profile},"
        f" seed {verdict.seed}"
    )
    yield ""
    yield f"**{_plain(summarise(verdict))}**"
    for text in remarks(verdict):
        yield ""
        yield f"> {_plain(text)}"
    for result in verdict.results:
        for finding in result.findings:
            yield from _finding_lines(finding, verdict)
        if result.outcome is Outcome.ERROR:
            yield from ("", f"## {_plain(result.clause.id)}: the check itself failed", "")
            yield from _block(result.why)
    yield from ("", "<details><summary>All clauses</summary>", "")
    yield "| clause | level | outcome | why |"
    yield "|---|---|---|---|"
    for result in verdict.results:
        why = result.why if result.outcome is not Outcome.ERROR else "our own fault, see above"
        yield (
            f"| {_plain(result.clause.id)} | {result.clause.level}"
            f" | {SIGNS[result.outcome]} {result.outcome.value} | {_plain(why)} |"
        )
    yield from ("", "</details>")


def ending(verdict: Verdict) -> str:
    """How the run ended, as a headline."""
    return {
        0: "The contract is kept",
        1: "The contract is violated",
        3: "Too little could be decided",
        4: "The kit itself failed",
    }.get(verdict.exit_status, "The run was interrupted")


def remarks(verdict: Verdict) -> Iterator[str]:
    """What else there is to know of the run, in sentences."""
    yield from verdict.notes
    if verdict.stopped:
        yield f"The run ended early: {verdict.stopped}."
    for entry in verdict.stale:
        yield f"Stale entry of the baseline: {entry}."


def _finding_lines(finding: Finding, verdict: Verdict) -> Iterator[str]:
    clause = finding.clause
    yield from ("", f"## {SIGNS[Outcome.FAILED]} {_plain(clause.id)} ({clause.level})", "")
    yield f"{_plain(clause.text)} _Source: {_plain(clause.source)}_"
    yield ""
    yield from _block(finding.violation.render())
    if finding.tried > 1:
        yield from ("", f"Seen {frequency(finding)}.")
    for exchange in last_exchanges(finding):
        yield ""
        yield from _block("\n".join(show_exchange(exchange, verdict.endpoint)))
    yield ""
    yield "Again:"
    yield ""
    yield from _block(repeat_command(finding, verdict))


def _block(text: str) -> Iterator[str]:
    """The text as code, in a fence that it does not hold itself."""
    runs = [len(run) for run in re.findall(r"`+", text)]
    fence = "`" * max(3, max(runs, default=0) + 1)
    yield f"{fence}text"
    yield from text.splitlines()
    yield fence


def _plain(text: str) -> str:
    """The text on one line, with every sign that Markdown would read escaped."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))
