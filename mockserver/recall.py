"""Recall: requests that came before, byte for byte, answered without being read again.

An answer is a function of the request's bytes and of little else: its endpoint (settings and
models), the author's rules, and its basis, as that the model is ready. While all of it is as it
was, so is the answer, but for what each has of its own, and the session is left as after the long
way. Whatever a test does to calls (faults, keys, quotas, violations) closes the short way.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from hashlib import blake2b
from itertools import chain
from typing import NamedTuple, TypeAlias, TypeVar, cast
from weakref import ref

from starlette.types import Scope

from .basis import Basis, Kept
from .call import Call
from .endpoint import Endpoint
from .exchange import Body
from .faultheader import FAULT_HEADER
from .findings import Finding
from .heads import Heads
from .lines import write_lines
from .reply import Headers
from .retries import likeness
from .rulebook import Edition
from .sealing import Content, seal
from .session import Session
from .sessions import Sessions

Digest: TypeAlias = bytes
_Part = TypeVar("_Part", bytes, str, Body)

#: Where the digest of a request's bytes stands in its scope, if it is worth being remembered.
DIGEST = "nertwin.digest"
#: Bytes of a request that may be remembered.
LONGEST = 4096

_LONGEST_ANSWER = 16 * 1024
_MOST_BYTES = 6 * 1024 * 1024
# What a remembered request takes besides its heads, a part that several share, and a finding.
_OVERHEAD = 1024
_OVERHEAD_OF_PART = 256
_OVERHEAD_OF_FINDING = 512
_MOST_SEEN = 16 * 1024
_STATUS_LINE = b"HTTP/1.1 200 OK\r\n"
# What common headers repeat of a request.
_REPEATED = frozenset((b"origin", b"x-amzn-trace-id"))
# Headers of requests that each get something of their own: a fault, or a 100 before the answer.
_ASKS_FOR_MORE = frozenset((FAULT_HEADER.encode(), b"expect"))


class Recall:
    """Remembers requests by a digest of their bytes, which may hold a token, and answers them."""

    def __init__(self, sessions: Sessions, *, max_bytes: int = _MOST_BYTES) -> None:
        self._sessions = sessions
        self.max_bytes = max_bytes
        self._key = secrets.token_bytes(32)
        self._seen: set[Digest] = set()
        self._known: dict[Digest, _Remembered] = {}
        self._parts: dict[object, object] = {}
        self.bytes_held = 0  #: By a cautious estimate.
        self._dates: Sequence[tuple[bytes, bytes]] = ()
        self._date_lines = b""

    def __len__(self) -> int:
        return len(self._known)

    def digest(self, data: bytes) -> Digest:
        """What a request of those bytes is found by."""
        return blake2b(data, digest_size=16, key=self._key).digest()

    def is_worth_it(self, digest: Digest) -> bool:
        """Whether such a request has come before; most that come once never come again."""
        if digest in self._seen:
            return True
        if len(self._seen) >= _MOST_SEEN:
            self._seen.clear()
        self._seen.add(digest)
        return False

    def answer(self, digest: Digest, first_headers: Sequence[tuple[bytes, bytes]]) -> bytes:
        """The whole response to the request as it goes out; empty if it must be read.

        ``first_headers`` are those that the server puts before all others, as the date.
        """
        known = self._known.get(digest)
        if known is None:
            return b""
        session = self._sessions.find(known.session_id)
        endpoint = session.endpoint
        if (
            endpoint is not known.endpoint()
            or session.rules.edition is not known.edition()
            or session.may_be_hurt
            or not known.basis.holds(session)
        ):
            return b""
        session.requests += 1
        extra = endpoint.profile.common_headers(session.salt + session.requests, known.repeated)
        known.record(session, extra)
        if first_headers is not self._dates:
            self._dates, self._date_lines = first_headers, write_lines(first_headers)
        lines = [b"%b: %b\r\n" % pair for pair in extra]
        return b"".join((_STATUS_LINE, self._date_lines, known.lines, *lines, known.rest))

    def remember(self, scope: Scope, call: Call) -> None:
        """Remember the request of ``scope``, which has been answered, if that can be repeated."""
        digest: Digest | None = scope.get(DIGEST)
        if digest is None or call.basis is None:
            return
        known = _Remembered.of(scope, call, call.basis)
        if known is None:
            return
        if digest not in self._known:
            self.bytes_held += _OVERHEAD + len(known.content[3].packed)
            self.bytes_held += _OVERHEAD_OF_FINDING * len(known.findings)
            if isinstance(known.basis, Kept):  # The cache may drop it long before this does.
                self.bytes_held += len(known.basis.answer.body)
        method, path, model, heads, asked, status, answered, gate, why = known.content
        self._known[digest] = known._replace(
            lines=self._shared(known.lines),
            rest=self._shared(known.rest),
            content=(
                *(method, self._shared(path), self._shared(model), heads, self._shared(asked)),
                *(status, self._shared(answered), gate, self._shared(why)),
            ),
        )
        if self.bytes_held > self.max_bytes:
            self._known.clear()
            self._parts.clear()
            self.bytes_held = 0

    def _shared(self, part: _Part) -> _Part:
        """The part itself, or an equal one that other requests have: a thousand sessions share."""
        known = self._parts.setdefault(part, part)
        if known is part:
            text = part.kept if isinstance(part, Body) else part
            self.bytes_held += _OVERHEAD_OF_PART + len(text)
        return cast("_Part", known)


class _Remembered(NamedTuple):
    """A request and its answer, less what differs between equal ones."""

    session_id: str
    endpoint: ref[Endpoint]  #: Of the session, which may be gone long before this.
    edition: ref[Edition]
    basis: Basis
    repeated: Headers  #: The request's headers that the answer's repeat.
    lines: bytes  #: Of the answer's headers, less the last.
    rest: bytes  #: From the end of the headers on.
    likeness: int
    content: Content  #: With heads that lack the same headers.
    findings: tuple[Finding, ...]
    body: int | None  #: A hash of a call's body; None where no model was called.

    @classmethod
    def of(cls, scope: Scope, call: Call, basis: Basis) -> _Remembered | None:
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
        sealed = seal(messages._replace(response_headers=constant), max_body_bytes=_LONGEST_ANSWER)
        lines = write_lines(constant)
        if not (sealed.is_whole and lines and (write_lines(own) or not own)):
            return None
        return cls(
            session_id=session.id,
            endpoint=ref(endpoint),
            edition=ref(session.rules.edition),
            basis=basis,
            repeated=repeated,
            lines=lines,
            rest=_rest(constant, call.answer),
            likeness=messages.likeness,
            content=sealed.content,
            findings=call.misuse(scope),
            body=likeness(call.body) if call.is_classification else None,
        )

    def record(self, session: Session, own: Headers) -> None:
        """Leave in the session what such a call leaves; ``own`` are the headers of this one."""
        journal = session.journal
        if not journal.repeats(self.likeness):
            method, path, model, heads, asked, status, answered, gate, why = self.content
            heads = Heads(b"\n".join((heads.packed, *chain.from_iterable(own))), heads.sent)
            content = (method, path, model, heads, asked, status, answered, gate, why)
            journal.recall(content, self.likeness)
        if self.body is None:
            return
        for finding in self.findings:
            session.findings.add(finding, journal.total)
        session.retries.see(
            model=self.content[2], body=self.body, status=200, now=session.clock.now
        )


def _is_repeatable(scope: Scope, call: Call) -> bool:
    """Whether nothing hurt the answer, and its body is all of it."""
    return (
        call.status == 200
        and call.gate != "fault"
        and scope["method"] != "HEAD"
        and scope["http_version"] == "1.1"
        and call.hurt is None
        and not call.withheld
        and len(call.answer) <= _LONGEST_ANSWER
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
