"""Remembered: a request and its answer, less what differs between equal ones."""

from __future__ import annotations

from itertools import chain
from typing import NamedTuple
from weakref import ref

from starlette.types import Scope

from .basis import Basis
from .call import Call
from .endpoint import Endpoint
from .faults import FAULT_HEADER
from .findings import Finding
from .heads import Heads, open_heads
from .lines import write_lines
from .reply import Headers
from .retries import likeness
from .rulebook import Edition
from .sealing import Content, seal
from .session import Session
from .sessions import SESSION_HEADER
from .tokens import holds_token

#: Bytes of the longest answer that is remembered.
LONGEST_ANSWER = 16 * 1024

# What one takes besides its heads, and a finding of it.
_OVERHEAD = 1024
_OVERHEAD_OF_FINDING = 512
# What common headers repeat of a request.
_REPEATED = frozenset((b"origin", b"x-amzn-trace-id"))
# Headers of requests that each get something of their own: a fault, or a 100 before the answer.
_ASKS_FOR_MORE = frozenset((FAULT_HEADER.encode(), b"expect"))


class Remembered(NamedTuple):
    """A request and its answer, less what differs between equal ones."""

    session_id: str  #: In which it was answered.
    endpoint: ref[Endpoint]  #: Of that session, which may be gone long before this.
    edition: ref[Edition]
    basis: Basis
    repeated: Headers  #: The request's headers that the answer's repeat.
    lines: bytes  #: Of the answer's headers, less the last.
    rest: bytes  #: From the end of the headers on.
    likeness: int
    content: Content  #: With heads that lack the same headers, and the id of a session.
    names_at: int  #: Where that id belongs into the heads; -1 if no header has it.
    secrets: tuple[tuple[int, int], ...]  #: Length and hash of each that the headers have.
    findings: tuple[Finding, ...]
    body: int | None  #: A hash of a call's body; None where no model was called.

    @classmethod
    def of(cls, scope: Scope, call: Call, basis: Basis) -> Remembered | None:
        """What can be repeated of the call, or nothing if it can't."""
        session = call.session
        endpoint = session.endpoint
        headers: Headers = tuple(scope["headers"])
        if not _is_repeatable(scope, call) or not _is_plain(endpoint, headers):
            return None
        repeated = tuple(pair for pair in headers if pair[0] in _REPEATED)
        count = len(endpoint.profile.common_headers(0, repeated))
        split = len(call.headers) - count
        constant, own = call.headers[:split], call.headers[split:]
        messages = call.messages(scope)
        sealed = seal(messages._replace(response_headers=constant), max_body_bytes=LONGEST_ANSWER)
        lines = write_lines(constant)
        if not (sealed.is_whole and lines and (write_lines(own) or not own)):
            return None
        content, names_at = _without_name(sealed.content)
        return cls(
            session_id=session.id,
            endpoint=ref(endpoint),
            edition=ref(session.rules.edition),
            basis=basis,
            repeated=repeated,
            lines=lines,
            rest=_rest(constant, call.answer),
            likeness=messages.likeness,
            content=content,
            names_at=names_at,
            secrets=tuple((len(each), hash(each)) for each in open_heads(headers, ())[1]),
            findings=call.misuse(scope),
            body=likeness(call.body) if call.is_classification else None,
        )

    @property
    def size(self) -> int:
        """Bytes that it takes less the parts that others share, by a cautious estimate."""
        # A cache may drop the basis' answer long before this does.
        held = len(self.content[3].packed) + self.basis.bytes_held
        held += sum(len(value) for _, value in self.repeated)
        return _OVERHEAD + held + _OVERHEAD_OF_FINDING * len(self.findings)

    def is_in(self, session: Session) -> bool:
        """Whether the same request would be answered and journalled alike in the session now."""
        return (
            session.endpoint is self.endpoint()
            and session.rules.edition is self.edition()
            and not (self.names_at >= 0 and self._holds_secret(session.id.encode()))
            and self.basis.holds(session)
        )

    def _holds_secret(self, name: bytes) -> bool:
        """Whether the journal would mask something of what a header calls the session."""
        return holds_token(name) or any(
            hash(name[at : at + length]) == hashed
            for length, hashed in self.secrets
            for at in range(len(name) - length + 1)
        )

    def outlives(self, other: Remembered) -> bool:
        """Whether the other, of the same request, is not needed beside this one."""
        endpoint, edition = other.endpoint(), other.edition()
        return (
            endpoint is None
            or edition is None
            or (
                endpoint is self.endpoint()
                and edition is self.edition()
                and type(other.basis) is type(self.basis)
            )
        )

    def record(self, session: Session, own: Headers) -> None:
        """Leave in the session what such a call leaves; ``own`` are the headers of this one."""
        self.basis.leave(session)
        journal = session.journal
        if not journal.repeats(self.likeness):
            method, path, model, heads, asked, status, answered, gate, why = self.content
            packed, at = heads.packed, self.names_at
            if at >= 0:
                packed = packed[:at] + session.id.encode() + packed[at:]
            heads = Heads(b"\n".join((packed, *chain.from_iterable(own))), heads.sent)
            content = (method, path, model, heads, asked, status, answered, gate, why)
            journal.recall(content, self.likeness)
        if self.body is None:
            return
        for finding in self.findings:
            session.findings.add(finding, journal.total)
        session.retries.see(
            model=self.content[2], body=self.body, status=200, now=session.clock.now
        )


def _without_name(content: Content) -> tuple[Content, int]:
    """The content with heads that name no session, and where in them the name was."""
    method, path, model, heads, asked, status, answered, gate, why = content
    parts = heads.packed.split(b"\n")
    names = parts[: 2 * heads.sent : 2]
    if SESSION_HEADER not in names:
        return content, -1
    place = 2 * names.index(SESSION_HEADER) + 1
    at = sum(len(part) + 1 for part in parts[:place])
    parts[place] = b""
    heads = Heads(b"\n".join(parts), heads.sent)
    return (method, path, model, heads, asked, status, answered, gate, why), at


def _is_repeatable(scope: Scope, call: Call) -> bool:
    """Whether nothing hurt the answer, and its body is all of it."""
    return (
        call.status == 200
        and call.gate != "fault"
        and scope["method"] != "HEAD"
        and scope["http_version"] == "1.1"
        and call.hurt is None
        and not call.withheld
        and len(call.answer) <= LONGEST_ANSWER
    )


def _is_plain(endpoint: Endpoint, headers: Headers) -> bool:
    """Whether such calls are neither counted, let in, nor hurt."""
    settings = endpoint.settings
    if settings.auth != "open" or settings.quota is not None or settings.violate:
        return False
    return all(
        name not in _ASKS_FOR_MORE and (name != b"connection" or value.lower() == b"keep-alive")
        for name, value in headers
    )


def _rest(headers: Headers, body: bytes) -> bytes:
    """The end of the head, and the body as the writer sends it."""
    if any(name == b"content-length" for name, _ in headers):
        return b"\r\n" + body
    chunk = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
    return b"transfer-encoding: chunked\r\n\r\n" + chunk + b"0\r\n\r\n"
