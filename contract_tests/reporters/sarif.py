"""SARIF: the findings in the form that code scanners upload, version 2.1.0."""

from __future__ import annotations

import json
from importlib.metadata import version

from nertwin.schemas import JSON, Clause

from ..exchange import Exchange
from ..outcomes import Finding, Outcome, Result, Verdict
from ..secrets import redact
from .evidence import describe, headline, speakable

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"MUST": "error", "SHOULD": "warning", "MAY": "note"}
_LONGEST_BODY = 20_000


def as_sarif(verdict: Verdict) -> str:
    """The verdict as the text of a SARIF log."""
    return json.dumps(to_sarif(verdict), indent=2) + "\n"


def to_sarif(verdict: Verdict) -> dict[str, JSON]:
    """The verdict as a SARIF log; a clause that was not violated stands in the properties."""
    driver: dict[str, JSON] = {
        "name": "nertwin",
        "version": version("nertwin"),
        "rules": [_rule(result.clause) for result in verdict.results],
    }
    log: dict[str, JSON] = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": not verdict.count(Outcome.ERROR),
                "exitCode": verdict.exit_status,
                "toolExecutionNotifications": [
                    {"level": "error", "descriptor": {"id": result.clause.id},
                     "message": {"text": _text(result.why)}}
                    for result in verdict.results if result.outcome is Outcome.ERROR
                ],
            }
        ],
        "results": [
            _result(finding, index, verdict)
            for index, result in enumerate(verdict.results)
            for finding in result.findings
        ],
        "properties": {
            "endpoint": verdict.endpoint.base,
            "model": verdict.endpoint.model,
            "profile": verdict.endpoint.profile,
            "seed": verdict.seed,
            "outcomes": {result.clause.id: result.outcome.value for result in verdict.results},
            "reasons": {result.clause.id: _reason(result) for result in verdict.results},
        },
    }  # fmt: skip
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [log]}


def _reason(result: Result) -> str:
    return _text(result.why) if result.outcome is not Outcome.ERROR else ""


def _rule(clause: Clause) -> JSON:
    return {
        "id": clause.id,
        "shortDescription": {"text": clause.text},
        "help": {"text": f"{clause.level}. Source: {clause.source}"},
        "defaultConfiguration": {"level": _LEVELS[clause.level]},
        "properties": {"tags": [clause.topic, clause.level]},
    }


def _result(finding: Finding, index: int, verdict: Verdict) -> JSON:
    found: dict[str, JSON] = {
        "ruleId": finding.clause.id,
        "ruleIndex": index,
        "level": _LEVELS[finding.clause.level],
        "message": {"text": _text(f"{headline(finding)}\n\n{describe(finding, verdict)}")},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": verdict.endpoint.base}},
                "logicalLocations": [{"fullyQualifiedName": _text(finding.violation.where)}],
            }
        ],
        "partialFingerprints": {"nertwin/v1": _text(finding.fingerprint)},
        "properties": {"seen": finding.seen, "tried": finding.tried},
    }
    if finding.exchanges:
        found |= _traffic(finding.exchanges[-1], verdict)
    return found


def _traffic(exchange: Exchange, verdict: Verdict) -> dict[str, JSON]:
    request, response = exchange.request, exchange.response
    sent: dict[str, JSON] = {
        "method": request.method,
        "target": redact(verdict.endpoint.url(request)),
        "headers": {name: _text(value) for name, value in request.headers},
        "body": {"text": _body(request.body)},
    }
    if response is None:
        return {"webRequest": sent, "webResponse": {"noResponseReceived": True}}
    received: dict[str, JSON] = {
        "statusCode": response.status,
        "headers": {name: _text(value) for name, value in response.headers},
        "body": {"text": _body(response.content)},
    }
    return {"webRequest": sent, "webResponse": received}


def _body(body: bytes) -> str:
    return _text(body[:_LONGEST_BODY].decode("utf-8", "backslashreplace"))


def _text(text: str) -> str:
    return speakable(redact(text))
