"""HTML: the verdict as one file that needs no script and nothing from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from importlib import resources
from itertools import groupby

from ..outcomes import Finding, Outcome, Result, Verdict
from .evidence import (
    frequency,
    last_exchanges,
    repeat_command,
    show_exchange,
    speakable,
    summarise,
)
from .markdown import ending, remarks

_CODE = re.compile(r"`([^`]+)`")


def to_html(verdict: Verdict) -> str:
    """The verdict as a page: the evidence first, then all clauses by topic."""
    return speakable("\n".join(_lines(verdict))) + "\n"


def _lines(verdict: Verdict) -> Iterator[str]:
    endpoint = verdict.endpoint
    style = resources.files(__package__).joinpath("report.css").read_text(encoding="utf-8")
    yield "<!doctype html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    # Whatever an endpoint has put into its answers, the page runs and fetches nothing.
    yield (
        '<meta http-equiv="Content-Security-Policy"'
        " content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    )
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="color-scheme" content="light dark">'
    yield f"<title>{escape(ending(verdict))}</title>"
    yield f"<style>\n{style}</style></head><body><main>"
    yield f'<h1 class="exit-{verdict.exit_status}">{escape(ending(verdict))}</h1>'
    yield (
        f"<p><b>{escape(endpoint.base)}</b> · model {escape(endpoint.model)}"
        f" · profile {endpoint.profile} · seed {verdict.seed}</p>"
    )
    yield f"<p>{escape(summarise(verdict))}</p>"
    yield from (f'<p class="remark">{escape(text)}</p>' for text in remarks(verdict))
    yield from _bar(verdict)
    for result in verdict.results:
        for finding in result.findings:
            yield from _finding_lines(finding, verdict)
        if result.outcome is Outcome.ERROR:
            yield f"<section><h2>{escape(result.clause.id)}: the check itself failed</h2>"
            yield f"<pre>{escape(result.why)}</pre></section>"
    yield "<h2>All clauses</h2>"
    for topic, results in groupby(verdict.results, key=lambda result: result.clause.topic):
        yield from _topic_lines(topic, list(results))
    yield "</main></body></html>"


def _bar(verdict: Verdict) -> Iterator[str]:
    """The outcomes as one line of colours, as wide as there are clauses of each."""
    yield '<div class="bar" aria-hidden="true">'
    for outcome in Outcome:
        if count := verdict.count(outcome):
            yield f'<span class="{outcome.value}" style="flex-grow:{count}">{count}</span>'
    yield "</div>"


def _finding_lines(finding: Finding, verdict: Verdict) -> Iterator[str]:
    clause = finding.clause
    yield f'<section id="{escape(clause.id)}"><h2><span class="failed">{clause.level}</span>'
    yield f"{escape(clause.id)}</h2>"
    yield f"<p>{_marked(clause.text)}</p>"
    yield f'<p class="source">Source: {escape(clause.source)}</p>'
    yield f"<pre>{escape(finding.violation.render())}</pre>"
    if finding.tried > 1:
        yield f"<p>Seen {escape(frequency(finding))}.</p>"
    exchanges = last_exchanges(finding)
    if exchanges:
        yield "<details open><summary>Requests and responses</summary>"
        for exchange in exchanges:
            shown = "\n".join(show_exchange(exchange, verdict.endpoint))
            yield f'<pre class="wraps">{escape(shown)}</pre>'
        yield "</details>"
    again = escape(repeat_command(finding, verdict))
    yield f'<p>Again:</p><pre class="wraps">{again}</pre></section>'


def _topic_lines(topic: str, results: list[Result]) -> Iterator[str]:
    decided = sum(result.outcome.is_decided for result in results)
    yield f"<h3>{escape(topic)} <small>{decided} of {len(results)} decided</small></h3>"
    yield "<table><tbody>"
    for result in results:
        clause, outcome = result.clause, result.outcome
        why = "our own fault, see above" if outcome is Outcome.ERROR else result.why
        yield (
            f'<tr data-clause="{escape(clause.id)}" data-outcome="{outcome.value}">'
            f'<td><span class="{outcome.value}">{outcome.value}</span></td>'
            f"<td><code>{escape(clause.id)}</code><br><small>{clause.level}</small></td>"
            f"<td>{_marked(clause.text)}"
            f"{f'<br><em>{escape(why)}</em>' if why else ''}</td></tr>"
        )
    yield "</tbody></table>"


def _marked(text: str) -> str:
    """The text with what stands between backticks as code."""
    return _CODE.sub(r"<code>\1</code>", escape(text))
