"""Evidence: a finding as text that convinces the endpoint's owner."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from ..curl import as_curl
from ..endpoint import Endpoint
from ..exchange import Exchange, redact
from ..outcomes import Finding, Outcome, Verdict
from ..violations import shorten

_MOST_EXCHANGES = 3


def describe(finding: Finding, verdict: Verdict) -> str:
    """The finding with its clause, its requests and responses, and how to see it again."""
    return "\n".join(_lines(finding, verdict))


def headline(finding: Finding) -> str:
    """The finding in one line, without its clause."""
    violation = finding.violation
    return f"{violation.where}: expected {violation.expected}, got {violation.actual}"


def summarise(verdict: Verdict) -> str:
    """How many clauses came to what, in one line."""
    counts = (
        f"{verdict.count(outcome)} {outcome.value}" for outcome in Outcome if verdict.count(outcome)
    )
    return (
        f"{', '.join(counts) or 'no clause'} · {verdict.requests} requests,"
        f" {verdict.judged} judgements in {verdict.seconds:.1f} s"
    )


def repeat_command(finding: Finding, verdict: Verdict) -> str:
    """The command that makes the finding again."""
    endpoint = verdict.endpoint
    model = f" --model {shlex.quote(endpoint.model)}" if endpoint.profile != "dedicated" else ""
    return (
        f"nertwin check {shlex.quote(endpoint.base)}{model} --profile {endpoint.profile}"
        f" --select {finding.clause.id} --seed {verdict.seed}"
    )


def _lines(finding: Finding, verdict: Verdict) -> Iterator[str]:
    clause = finding.clause
    yield f"{clause.id} ({clause.level})"
    yield f"  {clause.text}"
    yield f"  source: {clause.source}"
    yield ""
    yield from (f"  {line}" for line in finding.violation.render().splitlines())
    if finding.tried > 1:
        kind = "intermittent" if finding.is_intermittent else "deterministic"
        yield f"  seen:     {finding.seen} of {finding.tried} times ({kind})"
    shown = finding.exchanges[-_MOST_EXCHANGES:]
    for exchange in shown:
        yield ""
        yield from _exchange_lines(exchange, verdict.endpoint)
    yield ""
    yield f"  again: {repeat_command(finding, verdict)}"


def _exchange_lines(exchange: Exchange, endpoint: Endpoint) -> Iterator[str]:
    yield f"  $ {as_curl(exchange.request, endpoint)}"
    response = exchange.response
    if exchange.problem:
        yield f"  < {exchange.problem}"
    if response is not None:
        media_type = response.header("content-type") or "no content-type"
        yield f"  < {response.status}, {media_type}, {len(response.body)} bytes"
        yield f"  < {shorten(redact(response.content.decode('utf-8', 'backslashreplace')))}"
