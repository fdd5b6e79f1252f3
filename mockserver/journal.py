"""Journal: what a session has been asked and has answered, within bounds."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from sys import getsizeof

from nertwin.schemas import JSON

from .clock import Clock
from .errors import NertwinError
from .exchange import Body, Exchange, Gate, HeaderLines
from .reply import Headers
from .tokens import redact, secrets_of, token_form

# What an exchange and each of its headers take besides their texts.
_OVERHEAD = 1024
_HEADER_OVERHEAD = 100
_LONGEST_LINE = 2000
_MOST_HEADERS = 100
_CREDENTIALS = frozenset((b"authorization", b"proxy-authorization"))
_SECRET = frozenset((b"cookie", b"set-cookie", b"x-api-key"))
# They differ between calls that are otherwise equal.
_UNIQUE = frozenset(("x-request-id", "x-amzn-trace-id", "x-inference-id", "date"))


class BadJournal(NertwinError):
    """A journal was given a bound that is none."""


class Journal:
    """The latest exchanges of a session; older ones are counted and gone.

    A client in a loop costs no more than one that calls now and then: of equal exchanges in a
    row only the first ``fold_after`` are kept one by one, and a counter stands for the others.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        max_exchanges: int = 1000,
        max_bytes: int = 4 * 1024 * 1024,
        max_body_bytes: int = 16 * 1024,
        fold_after: int = 20,
    ) -> None:
        for name, bound, least in (
            ("max_exchanges", max_exchanges, 0),
            ("max_bytes", max_bytes, 0),
            ("max_body_bytes", max_body_bytes, 0),
            ("fold_after", fold_after, 1),
        ):
            if bound < least:
                raise BadJournal(f"{name} is {bound!r}; it must be at least {least}")
        self._clock = clock
        self._max_exchanges = max_exchanges
        self._max_bytes = max_bytes
        self._max_body_bytes = max_body_bytes
        self._fold_after = fold_after
        self._kept: deque[Exchange] = deque()
        self._bytes = 0
        self._run = 0  # Equal exchanges in a row, up to now.
        self.total = 0  #: Exchanges ever recorded, since the last :meth:`clear`.
        self.dropped = 0  #: Those of them that are gone.

    def __iter__(self) -> Iterator[Exchange]:
        return iter(tuple(self._kept))

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def bytes_held(self) -> int:
        """What the kept exchanges take, by a cautious estimate."""
        return self._bytes

    def record(
        self,
        *,
        method: str,
        path: str,
        request_headers: Headers,
        request_body: bytes,
        status: int,
        response_headers: Headers,
        response_body: bytes,
        gate: Gate,
        why: str,
        model: str = "",
        began: float | None = None,
    ) -> Exchange:
        """Record an exchange that ends now and ``began`` then, and give what was kept of it.

        Authorization headers are replaced by their form, and their token is masked wherever
        else it stands. Bodies and lines that are too long are cut.
        """
        now = self._clock.now
        self.total += 1
        began = now if began is None else began
        sent = [value for name, value in request_headers if name.lower() in _CREDENTIALS]
        secrets = tuple(secret for value in sent for secret in secrets_of(value))
        exchange = Exchange(
            number=self.total,
            time=began,
            seconds=max(0.0, now - began),
            method=_line(method, secrets),
            path=_line(path, secrets),
            model=_line(model, secrets),
            request_headers=_lines(request_headers, secrets),
            request_body=self._body(request_body, secrets),
            status=status,
            response_headers=_lines(response_headers, secrets),
            response_body=self._body(response_body, secrets),
            gate=gate,
            why=_line(why, secrets),
            last_time=began,
        )
        self._run = self._run + 1 if self._kept and _equal(self._kept[-1], exchange) else 1
        if self._run > self._fold_after:
            last = self._kept[-1]
            self._kept[-1] = replace(last, repeats=last.repeats + 1, last_time=began)
            return exchange
        self._kept.append(exchange)
        self._bytes += _size(exchange)
        while len(self._kept) > self._max_exchanges or self._bytes > self._max_bytes:
            oldest = self._kept.popleft()
            self._bytes -= _size(oldest)
            self.dropped += oldest.count
        return exchange

    def clear(self) -> None:
        """Forget everything, the counts as well."""
        self._kept.clear()
        self._bytes = self._run = self.total = self.dropped = 0

    def to_json(self) -> dict[str, JSON]:
        """The journal as JSON."""
        return {
            "total": self.total,
            "dropped": self.dropped,
            "exchanges": [exchange.to_json() for exchange in self._kept],
        }

    def _body(self, body: bytes, secrets: tuple[bytes, ...]) -> Body:
        # Masked before it is cut, or half a token might be left at the end.
        masked = redact(body, secrets)
        limit = self._max_body_bytes
        return Body(masked[:limit], len(body), len(masked) > limit)


def _line(text: str, secrets: tuple[bytes, ...]) -> str:
    if secrets:
        text = redact(text.encode("utf-8", "replace"), secrets).decode("utf-8", "replace")
    return text if len(text) <= _LONGEST_LINE else text[: _LONGEST_LINE - 1] + "…"


def _lines(headers: Headers, secrets: tuple[bytes, ...]) -> HeaderLines:
    lines = []
    for name, value in headers[:_MOST_HEADERS]:
        lowered = name.lower()
        if lowered in _CREDENTIALS:
            shown = token_form(value).value
        elif lowered in _SECRET:
            shown = "***"
        else:
            shown = redact(value, secrets)[:_LONGEST_LINE].decode("utf-8", "replace")
        lines.append((name[:_LONGEST_LINE].decode("utf-8", "replace"), shown))
    return tuple(lines)


def _equal(one: Exchange, other: Exchange) -> bool:
    """Whether both differ in nothing but number, time and ids."""
    return (
        one.request_body == other.request_body
        and one.response_body == other.response_body
        and (one.method, one.path, one.model, one.status, one.gate, one.why)
        == (other.method, other.path, other.model, other.status, other.gate, other.why)
        and _equal_but_for_ids(one.request_headers, other.request_headers)
        and _equal_but_for_ids(one.response_headers, other.response_headers)
    )


def _equal_but_for_ids(ours: HeaderLines, theirs: HeaderLines) -> bool:
    return ours == theirs or (
        len(ours) == len(theirs)
        and all(
            one == other or (one[0] == other[0] and one[0].lower() in _UNIQUE)
            for one, other in zip(ours, theirs, strict=True)
        )
    )


def _size(exchange: Exchange) -> int:
    size = _OVERHEAD + len(exchange.request_body.kept) + len(exchange.response_body.kept)
    for headers in (exchange.request_headers, exchange.response_headers):
        for name, value in headers:
            size += _HEADER_OVERHEAD + getsizeof(name) + getsizeof(value)
    lines = (exchange.method, exchange.path, exchange.model, exchange.why)
    return size + sum(map(getsizeof, lines))
