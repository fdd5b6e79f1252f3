"""Recall: requests that came before, byte for byte, answered without being read again.

An answer is a function of the request's bytes and of little else: its endpoint (settings and
models), the author's rules, and its basis, as that the model is ready. While all of it is as it
was, so is the answer, but for what each has of its own, and the session is left as after the long
way. Sessions that have all of it in common share what is remembered, if path or header name them.
Whatever a test does to calls (faults, keys, quotas, violations) closes the short way.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from hashlib import blake2b
from typing import NamedTuple, TypeAlias, TypeVar, cast

from starlette.types import Scope

from .call import Call
from .exchange import Body
from .lines import write_lines
from .remembered import Remembered
from .sessions import SESSION_HEADER, Sessions

Digest: TypeAlias = bytes
_Part = TypeVar("_Part", bytes, str, Body)

#: Where a :class:`Trace` stands in the scope of a request.
TRACE = "nertwin.trace"
#: Bytes of a request that may be remembered.
LONGEST = 4096

_MOST_BYTES = 6 * 1024 * 1024
# What a part takes that several requests share, and a beginning.
_OVERHEAD_OF_PART = 256
_OVERHEAD_OF_BEGINNING = 384
_MOST_SEEN = 16 * 1024
# Of one request: from the cache and not, in sessions of this kind and of that.
_MOST_OF_ONE = 4
_STATUS_LINE = b"HTTP/1.1 200 OK\r\n"
# Ids as check_session_id takes them: in a path, where nothing needs decoding, or in a header.
_IN_PATH = re.compile(rb"[A-Z]{3,7} /s/(?!\.+/)([A-Za-z0-9_.-]{1,64})(?=/)")
_IN_HEADER = re.compile(rb"\r\n[Xx]-nertwin-session: (?!\.+\r)([A-Za-z0-9_.-]{1,64})(?=\r\n)")
_HEADER = b"-nertwin-session: "  # Clients write the X as they like.
_BEFORE_IT = len(b"\r\nX")
_BLANK = b"\r\n\r\n"


class Asked(NamedTuple):
    """What came, as far as it need be known to find it again."""

    digest: Digest  #: Of its bytes, less the id of a session in a header or its path.
    session_id: str = ""  #: That id, or nothing.
    is_in_header: bool = False


class Beginning(NamedTuple):
    """Where all of a head, and not all of the body, was no reason to answer."""

    session_id: str
    profile: str  #: That the session had.


class Trace:
    """What is known of a request's bytes once all have come; its scope exists before that."""

    __slots__ = ("asked", "beginning")

    def __init__(self) -> None:
        self.asked: Asked | None = None  #: None if it is not worth being remembered.
        self.beginning: Digest = b""  #: Of its first piece, if its body came behind that.


class Recall:
    """Remembers requests by a digest of their bytes, which may hold a token, and answers them."""

    def __init__(self, sessions: Sessions, *, max_bytes: int = _MOST_BYTES) -> None:
        self._sessions = sessions
        self.max_bytes = max_bytes
        self._key = secrets.token_bytes(32)
        self._seen: set[Digest] = set()
        self._known: dict[Digest, tuple[Remembered, ...]] = {}  # The latest first.
        self._beginnings: dict[Digest, Beginning] = {}
        self._parts: dict[object, object] = {}
        self.bytes_held = 0  #: By a cautious estimate.
        self._dates: Sequence[tuple[bytes, bytes]] = ()
        self._date_lines = b""

    def __len__(self) -> int:
        return len(self._known)

    def look_at(self, data: bytes) -> Asked:
        """What a request of those bytes is found by."""
        at = data.find(_HEADER)
        in_header = _IN_HEADER.match(data, at - _BEFORE_IT) if at >= _BEFORE_IT else None
        if in_header is not None and data.find(_BLANK, 0, at) >= 0:
            in_header = None  # It stands in the body, or behind it.
        found = in_header or _IN_PATH.match(data)
        if found is None:
            return Asked(blake2b(data, digest_size=16, key=self._key).digest())
        first, end = found.span(1)
        # A function for each: what has no id there is not what has lost it here.
        person = b"path" if in_header is None else b"header"
        digest = blake2b(data[:first], digest_size=16, key=self._key, person=person)
        digest.update(data[end:])
        return Asked(digest.digest(), found[1].decode(), in_header is not None)

    def begins(self, asked: Asked) -> bool:
        """Whether a request that is remembered begins like that, and its answer waits for more."""
        began = self._beginnings.get(asked.digest)
        if began is None:
            return False
        session = self._sessions.find(asked.session_id or began.session_id)
        # Other routes may refuse a head at once, and faults count what is on its way.
        settings = session.settings
        return (
            settings.profile == began.profile and not settings.violate and not session.may_be_hurt
        )

    def is_worth_it(self, asked: Asked) -> bool:
        """Whether such a request has come before; most that come once never come again."""
        if asked.digest in self._seen:
            return True
        if len(self._seen) >= _MOST_SEEN:
            self._seen.clear()
        self._seen.add(asked.digest)
        return False

    def answer(self, asked: Asked, first_headers: Sequence[tuple[bytes, bytes]]) -> bytes:
        """The whole response to the request as it goes out; empty if it must be read.

        ``first_headers`` are those that the server puts before all others, as the date.
        """
        all_known = self._known.get(asked.digest)
        if all_known is None:
            return b""
        session = self._sessions.find(asked.session_id or all_known[0].session_id)
        if session.may_be_hurt:
            return b""
        for known in all_known:
            if known.is_in(session):
                break
        else:
            return b""
        session.requests += 1
        number = session.salt + session.requests
        extra = session.endpoint.profile.common_headers(number, known.repeated)
        known.record(session, extra)
        if first_headers is not self._dates:
            self._dates, self._date_lines = first_headers, write_lines(first_headers)
        lines = [b"%b: %b\r\n" % pair for pair in extra]
        return b"".join((_STATUS_LINE, self._date_lines, known.lines, *lines, known.rest))

    def remember(self, scope: Scope, call: Call) -> None:
        """Remember the request of ``scope``, which has been answered, if that can be repeated."""
        trace: Trace | None = scope.get(TRACE)
        if trace is None or trace.asked is None or call.basis is None:
            return
        asked = trace.asked
        if asked.session_id and _count_names(scope) != (1 if asked.is_in_header else 0):
            return  # It was something else that named the session.
        known = Remembered.of(scope, call, call.basis)
        if known is None:
            return
        others = self._known.get(asked.digest, ())
        kept = [other for other in others if not known.outlives(other)][: _MOST_OF_ONE - 1]
        method, path, model, heads, came, status, went, gate, why = known.content
        known = known._replace(
            lines=self._shared(known.lines),
            rest=self._shared(known.rest),
            content=(
                *(method, self._shared(path), self._shared(model), heads, self._shared(came)),
                *(status, self._shared(went), gate, self._shared(why)),
            ),
        )
        self._known[asked.digest] = known, *kept
        if trace.beginning and call.is_classification:  # All else is answered by its head.
            began = Beginning(call.session.id, call.session.settings.profile)
            if trace.beginning not in self._beginnings:
                self.bytes_held += _OVERHEAD_OF_BEGINNING
            self._beginnings[trace.beginning] = began
        sizes = sum(each.size for each in kept) - sum(each.size for each in others)
        self.bytes_held += known.size + sizes
        if self.bytes_held > self.max_bytes:
            self._known.clear()
            self._beginnings.clear()
            self._parts.clear()
            self.bytes_held = 0

    def _shared(self, part: _Part) -> _Part:
        """The part itself, or an equal one that other requests have."""
        count = len(self._parts)
        known = self._parts.setdefault(part, part)
        if len(self._parts) > count:
            text = part.kept if isinstance(part, Body) else part
            self.bytes_held += _OVERHEAD_OF_PART + len(text)
        return cast("_Part", known)


def _count_names(scope: Scope) -> int:
    """How many headers of the request name its session."""
    return sum(name == SESSION_HEADER for name, _ in scope["headers"])
