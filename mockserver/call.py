"""Call: one request on its way through the stand-in, and what has decided it."""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.types import Scope

from .exchange import Gate
from .reply import Headers
from .session import Session

#: Where the call stands in the scope of its request.
CALL = "nertwin.call"


@dataclass(slots=True)
class Call:
    """What the journal will tell of a request; each gate writes its part."""

    session: Session
    began: float  #: On the session's clock.
    model: str = ""
    body: bytes = field(default=b"", repr=False)
    gate: Gate = "route"
    why: str = ""
    status: int = 0  #: Of what went out; 0 while nothing has.
    headers: Headers = field(default=(), repr=False)
    answer: bytes = field(default=b"", repr=False)

    def record(self, scope: Scope) -> None:
        """Put the request of ``scope``, which has been answered, into the session's journal."""
        query = scope["query_string"]
        path = scope.get("raw_path") or scope["path"].encode()
        self.session.journal.record(
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
            began=self.began,
        )

    def decide(self, gate: Gate, why: str) -> None:
        """Note what has chosen the status, and why."""
        self.gate = gate
        self.why = why


def call_of(request: Request) -> Call:
    """The call that the request makes."""
    call: Call = request.scope[CALL]
    return call
