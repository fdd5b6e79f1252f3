"""Transports that answer from a function, for tests of what stands above them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from nertwin.contract_tests.checks import Check, Plan, Trial, Undecided, plan
from nertwin.contract_tests.endpoint import Endpoint
from nertwin.contract_tests.exchange import Exchange, Request, Response
from nertwin.contract_tests.outcomes import Verdict
from nertwin.contract_tests.reporters.events import Event
from nertwin.contract_tests.runner import run
from nertwin.contract_tests.violations import Violation
from nertwin.schemas import Clause, clauses

BY_ID = {clause.id: clause for clause in clauses()}
ENDPOINT = Endpoint(base="http://127.0.0.1:1", token="hf_canary0123456789")  # noqa: S106
WRONG = Violation(where="body[3].score", expected="a score", actual="none")


@dataclass
class Scripted:
    """A transport whose exchanges a function makes."""

    answer: Callable[[Request], Exchange]
    sent: list[Request] = field(default_factory=list)

    def send(self, request: Request) -> Exchange:
        self.sent.append(request)
        return self.answer(request)

    def send_together(self, requests: tuple[Request, ...]) -> tuple[Exchange, ...]:
        return tuple(map(self.send, requests))


@dataclass
class Listener:
    """A reporter that keeps what it hears."""

    events: list[Event] = field(default_factory=list)

    def __call__(self, event: Event) -> None:
        self.events.append(event)


def reply(
    request: Request, status: int = 200, document: Any = (), headers: dict[str, str] | None = None
) -> Exchange:
    """An exchange with a JSON document as its response."""
    lines = {"content-type": "application/json"} | (headers or {})
    body = json.dumps(document).encode()
    response = Response(status=status, headers=tuple(lines.items()), body=body)
    return Exchange(request=request, response=response)


def good(request: Request) -> Exchange:
    """An empty answer."""
    return reply(request)


def a_plan(text: str = "a") -> Plan:
    return plan(ENDPOINT.classify(text))


def a_check(
    clause: str = "shape.no-label",
    *,
    says: Callable[[Trial], list[Violation | Undecided]] = lambda _: [],
    plans: tuple[Plan, ...] = (),
    **fields: Any,
) -> Check:
    return Check(clause=clause, judge=says, examples=lambda _: plans or (a_plan(),), **fields)


def verdict_of(*checks: Check, transport: Scripted | None = None, **fields: Any) -> Verdict:
    """The verdict of a run of these checks against a transport that answers all well."""
    chosen = list(dict.fromkeys(BY_ID[check.clause] for check in checks))
    return run(
        fields.pop("endpoint", ENDPOINT),
        transport or Scripted(good),
        clauses=fields.pop("clauses", chosen),
        checks=checks,
        **fields,
    )


def a_clause(clause_id: str = "shape.no-label") -> Clause:
    return BY_ID[clause_id]
