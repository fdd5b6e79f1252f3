"""Call: one request on its way through the stand-in, and what has decided it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.types import Scope

from .basis import Basis
from .exchange import Gate
from .findings import Finding
from .misuse import find_misuse
from .modelstate import Stage
from .reply import Headers
from .retries import likeness
from .sealing import Messages
from .session import Session

if TYPE_CHECKING:
    from .wirereply import WireReply

#: Where the call stands in the scope of its request.
CALL = "nertwin.call"


@dataclass(slots=True, eq=False, repr=False)
class Call:
    """What the journal will tell of a request; each gate writes its part."""

    session: Session
    began: float  #: On the session's clock.
    #: On the machine's clock; only the journal tells of it.
    arrived: float = field(default_factory=monotonic)
    model: str = ""
    sent: Mapping[str, str] = field(default_factory=dict)  #: The headers that came.
    body: bytes = b""
    gate: Gate = "route"
    why: str = ""
    is_classification: bool = False  #: Whether it called a model.
    asked: str = ""  #: What a refusal asked the client to wait for.
    status: int = 0  #: Of what went out; 0 while nothing has.
    headers: Headers = ()
    answer: bytes = b""
    basis: Basis | None = None  #: What a 200 rests on; None where an equal call may not get it.
    stage: Stage = "ready"  #: Of the model when the call came.
    withheld: frozenset[bytes] = frozenset()  #: Names of common headers that don't go out.
    hurt: WireReply | None = None  #: What went out past HTTP.

    def record(self, scope: Scope) -> None:
        """Put the request of ``scope``, which has been answered, into the session's journal."""
        if self.hurt is not None:
            self.status, self.answer = self.hurt.status, self.hurt.body
            self.headers = self.headers or self.hurt.headers
        exchange = self.session.journal.record(
            self.messages(scope), began=self.began, arrived=self.arrived
        )
        if self.is_classification:
            self._note_misuse(scope, exchange.number)

    def messages(self, scope: Scope) -> Messages:
        """The request of ``scope`` and what it was answered."""
        query = scope["query_string"]
        path = scope.get("raw_path") or scope["path"].encode()
        return Messages(
            method=scope["method"],
            path=(path + b"?" + query if query else path).decode("utf-8", "replace"),
            request_headers=tuple(scope["headers"]),
            request_body=self.body,
            status=self.status,
            response_headers=self.headers,
            response_body=self.answer,
            gate=self.gate,
            why=self.why,
            model=self.model,
        )

    def misuse(self, scope: Scope) -> tuple[Finding, ...]:
        """What the request of ``scope`` does wrong without being refused for it."""
        has_options = self.session.endpoint.profile.serverless is not None
        return find_misuse(
            self.body, scope["headers"], has_options=has_options, query=scope["query_string"]
        )

    def _note_misuse(self, scope: Scope, number: int) -> None:
        """Note what the client did wrong, if anything."""
        session = self.session
        found = self.misuse(scope)
        loop = session.retries.see(
            model=self.model,
            body=likeness(self.body),
            status=self.status,
            now=session.clock.now,
            asked=self.asked,
        )
        for finding in found if loop is None else (*found, loop):
            session.findings.add(finding, number)

    def decide(self, gate: Gate, why: str) -> None:
        """Note what has chosen the status, and why."""
        self.gate = gate
        self.why = why

    def leave(self) -> None:
        """Note that the client has not waited for the answer."""
        left = "the client left before it was answered"
        self.why = f"{self.why}; {left}" if self.why else left


def call_of(request: Request) -> Call:
    """The call that the request makes."""
    call: Call = request.scope[CALL]
    return call
