"""Exchange: one request and its response, as the journal keeps them."""

from __future__ import annotations

from sys import getsizeof
from typing import Literal, NamedTuple, TypeAlias

import orjson

from nertwin.schemas import JSON

from .heads import HeaderLines, Heads

#: What chose the status; ``request`` is the refusal of a request that the API doesn't take.
Gate: TypeAlias = Literal[
    "route", "auth", "quota", "fault", "request", "availability", "cache", "rule"
]

# What an exchange takes besides its texts.
_OVERHEAD = 864


class Body(NamedTuple):
    """The beginning of a body, or all of it."""

    kept: bytes
    length: int  #: Bytes of the whole, as it was sent.
    is_cut: bool = False

    @property
    def text(self) -> str:
        """What is kept, as UTF-8; what is none is replaced."""
        return self.kept.decode("utf-8", "replace")

    def holds(self, text: str) -> bool:
        """Whether the text stands in what is kept, in whichever spelling of JSON."""
        if text in self.text:
            return True
        try:
            plain = orjson.dumps(orjson.loads(self.kept))
            return orjson.dumps(text)[1:-1] in plain
        except (orjson.JSONDecodeError, TypeError):  # No JSON; a text that is no Unicode.
            return False


class Exchange(NamedTuple):
    """One request, its response and why it was answered so; or several equal ones in a row.

    Its heads stay packed until somebody reads them: most exchanges nobody ever looks at. For
    the same reason it is a tuple, which is made in a third of a frozen dataclass's time.
    """

    number: int  #: Counts a session's exchanges from 1.
    time: float  #: Of the request on the session's clock.
    seconds: float  #: Until the response, on the same clock.
    method: str
    path: str  #: With its query, as it was sent.
    model: str  #: Empty where the path names none.
    heads: Heads  #: The lines of both messages; a token's form in place of the token.
    request_body: Body
    status: int
    response_body: Body
    gate: Gate  #: What chose the status.
    why: str
    repeats: int = 0  #: Equal exchanges that followed immediately and are not kept.
    last_time: float = 0.0  #: Of the last of them; else that of this one.
    #: The same three by the machine's clock, from the first request on: no answer depends on
    #: them, but they tell whether a client waited where the session's clock stands still.
    real_time: float = 0.0
    real_seconds: float = 0.0
    last_real_time: float = 0.0

    @property
    def request_headers(self) -> HeaderLines:
        """The lines that came."""
        return self.heads.request

    @property
    def response_headers(self) -> HeaderLines:
        """The lines that went out."""
        return self.heads.response

    @property
    def count(self) -> int:  # type: ignore[override]  # Nobody counts a tuple's items here.
        """How many exchanges this stands for."""
        return 1 + self.repeats

    @property
    def size(self) -> int:
        """Bytes that it takes, by a cautious estimate."""
        return (
            _OVERHEAD
            + len(self.heads.packed)
            + len(self.request_body.kept)
            + len(self.response_body.kept)
            + sum(map(getsizeof, (self.method, self.path, self.model, self.why)))
        )

    def equals_but_for_ids(self, other: Exchange) -> bool:
        """Whether both differ in nothing but number, time and ids."""
        return (
            self.request_body == other.request_body
            and self.response_body == other.response_body
            and (self.method, self.path, self.model, self.status, self.gate, self.why)
            == (other.method, other.path, other.model, other.status, other.gate, other.why)
            and self.heads.equals_but_for_ids(other.heads)
        )

    def to_json(self) -> dict[str, JSON]:
        """The exchange as JSON."""
        return {
            "number": self.number,
            "time": self.time,
            "seconds": self.seconds,
            "method": self.method,
            "path": self.path,
            "model": self.model,
            "request": _message(self.request_headers, self.request_body),
            "status": self.status,
            "response": _message(self.response_headers, self.response_body),
            "gate": self.gate,
            "why": self.why,
            "repeats": self.repeats,
            "last_time": self.last_time,
            "real_time": self.real_time,
            "real_seconds": self.real_seconds,
            "last_real_time": self.last_real_time,
        }


def _message(headers: HeaderLines, body: Body) -> JSON:
    return {
        "headers": [[name, value] for name, value in headers],
        "body": body.text,
        "body_bytes": body.length,
        "body_is_cut": body.is_cut,
    }
