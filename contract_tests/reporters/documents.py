"""Documents: the verdict as JSON."""

from __future__ import annotations

import json

from nertwin.schemas import JSON

from ..curl import as_curl
from ..exchange import Exchange
from ..outcomes import Finding, Outcome, Result, Verdict
from ..secrets import redact
from .evidence import repeat_command

FORMAT = 1
_LONGEST_BODY = 100_000


def as_json(verdict: Verdict) -> str:
    """The verdict as the text of a JSON document."""
    return json.dumps(to_json(verdict), indent=2, ensure_ascii=False) + "\n"


def to_json(verdict: Verdict) -> dict[str, JSON]:
    """The verdict as JSON of the schema ``report``; tokens are not in it."""
    return {
        "format": FORMAT,
        "endpoint": verdict.endpoint.base,
        "model": verdict.endpoint.model,
        "profile": verdict.endpoint.profile,
        "seed": verdict.seed,
        "exit_status": verdict.exit_status,
        "requests": verdict.requests,
        "judgements": verdict.judged,
        "seconds": round(verdict.seconds, 3),
        "stopped": verdict.stopped,
        "notes": list(verdict.notes),
        "stale": list(verdict.stale),
        "counts": {outcome.value: verdict.count(outcome) for outcome in Outcome},
        "clauses": [_result(result, verdict) for result in verdict.results],
    }


def _result(result: Result, verdict: Verdict) -> JSON:
    return {
        "id": result.clause.id,
        "level": result.clause.level,
        "text": result.clause.text,
        "source": result.clause.source,
        "outcome": result.outcome.value,
        "why": result.why,
        "trials": result.trials,
        "findings": [_finding(finding, verdict) for finding in result.findings],
    }


def _finding(finding: Finding, verdict: Verdict) -> JSON:
    violation = finding.violation
    return {
        "where": violation.where,
        "expected": violation.expected,
        "actual": violation.actual,
        "hint": violation.hint,
        "picture": violation.render(),
        "fingerprint": finding.fingerprint,
        "seen": finding.seen,
        "tried": finding.tried,
        "again": repeat_command(finding, verdict),
        "exchanges": [_exchange(exchange, verdict) for exchange in finding.exchanges],
    }


def _exchange(exchange: Exchange, verdict: Verdict) -> JSON:
    response = exchange.response
    return {
        "curl": as_curl(exchange.request, verdict.endpoint),
        "seconds": round(exchange.seconds, 4),
        "problem": redact(exchange.problem),
        "response": None
        if response is None
        else {
            "status": response.status,
            "headers": [[name, redact(value)] for name, value in response.headers],
            "body": redact(response.body[:_LONGEST_BODY].decode("utf-8", "backslashreplace")),
        },
    }
