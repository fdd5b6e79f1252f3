"""Evidence: a finding as text that convinces the endpoint's owner."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from ..curl import as_curl
from ..endpoint import Endpoint
from ..exchange import Exchange
from ..outcomes import Finding, Outcome, Verdict
from ..secrets import redact
from ..violations import shorten

_MOST_EXCHANGES = 3
# What XML 1.0 can't hold, not even as a reference; and what turns a line of text around.
_UNSPEAKABLE = re.compile(
    "[^\t\n\r\u0020-\u007e\u00a0-\u200d\u2010-\u2029\u202f-\u2065\u206a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)


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
        yield f"  seen:     {frequency(finding)}"
    for exchange in last_exchanges(finding):
        yield ""
        yield from (f"  {line}" for line in show_exchange(exchange, verdict.endpoint))
    yield ""
    yield f"  again: {repeat_command(finding, verdict)}"


def frequency(finding: Finding) -> str:
    """How often the finding was there when the same was asked again."""
    kind = "intermittent" if finding.is_intermittent else "deterministic"
    return f"{finding.seen} of {finding.tried} times ({kind})"


def last_exchanges(finding: Finding) -> tuple[Exchange, ...]:
    """The exchanges that are shown: what was judged comes last."""
    return finding.exchanges[-_MOST_EXCHANGES:]


def show_exchange(exchange: Exchange, endpoint: Endpoint) -> Iterator[str]:
    """The request as a command and the response, cut, on a few lines."""
    yield f"$ {as_curl(exchange.request, endpoint)}"
    response = exchange.response
    if exchange.problem:
        yield f"< {redact(exchange.problem)}"
    if response is not None:
        media_type = response.header("content-type") or "no content-type"
        yield f"< {response.status}, {media_type}, {len(response.body)} bytes"
        yield f"< {shorten(redact(response.content.decode('utf-8', 'backslashreplace')))}"


def speakable(text: str) -> str:
    """The text with a mark in place of each character that XML and terminals can't hold."""
    return _UNSPEAKABLE.sub("\ufffd", text)
