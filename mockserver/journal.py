"""Journal: what a session has been asked and has answered, within bounds."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic as read_machine
from typing import TypeAlias

from nertwin.schemas import JSON

from .budget import Budget
from .clock import Clock
from .errors import NertwinError
from .exchange import Body, Exchange, Gate
from .heads import mask_heads, open_heads, pack_heads, without_ids
from .notes import Note
from .reply import Headers
from .tokens import holds_secret, mask_query, redact, secrets_within

_LONGEST_LINE = 2000
_LONGEST_NOTE = 500
_MOST_NOTES = 100


#: Hears of each exchange, and with None that all was forgotten.
Watcher: TypeAlias = "Callable[[Exchange | None], None]"


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
        budget: Budget | None = None,
        monotonic: Callable[[], float] = read_machine,
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
        self._monotonic = monotonic
        self._origin: float | None = None  # Of the machine's time: when the first request came.
        self._max_exchanges = max_exchanges
        self._max_bytes = max_bytes
        self._max_body_bytes = max_body_bytes
        self._fold_after = fold_after
        self._kept: deque[Exchange] = deque()
        self._sizes: deque[int] = deque()
        self._notes: list[Note] = []
        self._budget = Budget(budget)
        self._exchange_bytes = 0
        self._watchers: list[Watcher] = []
        self._run = 0  # Equal exchanges in a row, up to now.
        self._likeness: int | None = None  # A hash that equal exchanges share.
        self._repeats = 0  # Of the latest, not yet told to it.
        self._repeated = 0.0  # When it was repeated last.
        self._really_repeated = 0.0  # The same by the machine's clock.
        self.total = 0  #: Exchanges ever recorded, since the last :meth:`clear`.
        self.dropped = 0  #: Those of them that are gone.

    def __iter__(self) -> Iterator[Exchange]:
        self._settle()
        return iter(tuple(self._kept))

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def settled(self) -> tuple[Exchange, ...] | None:
        """The exchanges, for other threads; None while repeats are not yet told to the latest."""
        return None if self._repeats else tuple(self._kept)

    @property
    def bytes_held(self) -> int:
        """What the kept exchanges take, by a cautious estimate."""
        return self._budget.held

    @property
    def watchers(self) -> int:
        """How many listen to what is recorded."""
        return len(self._watchers)

    @property
    def notes(self) -> tuple[Note, ...]:
        """The latest notes, the oldest first."""
        return tuple(self._notes)

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
        arrived: float | None = None,
    ) -> Exchange:
        """Record an exchange that ends now and ``began`` then, and give what was kept of it.

        ``arrived`` is when it began by the clock that the journal calls ``monotonic``.

        Authorization headers are replaced by their form, and their token is masked wherever
        else it stands; so is what looks like a token of the hub, and what a query names so.
        Bodies and lines that are too long are cut.
        """
        now = self._clock.now
        self.total += 1
        began = now if began is None else began
        left = self._monotonic()
        arrived = left if arrived is None else arrived
        if self._origin is None:
            self._origin = arrived
        real_time = max(0.0, arrived - self._origin)
        real_seconds = max(0.0, left - arrived)
        # Only a hash of what came is remembered, because there may be a token in it.
        messages = (
            *(method, path, without_ids(request_headers), request_body),
            *(status, without_ids(response_headers), response_body),
        )
        likeness = hash((messages, model, gate, why))
        is_long_run = self._run >= self._fold_after and likeness == self._likeness
        if is_long_run and self._kept and not self._watchers:
            return self._repeat(began, now, real_time, real_seconds)
        self._settle()
        self._likeness = likeness
        parts, secrets = open_heads(request_headers, response_headers)
        heads = pack_heads(parts, len(request_headers))
        lines = f"{method}\n{path}\n{model}\n{why}"
        everything = b"\n".join(
            (
                b"" if heads is None else heads.packed,
                lines.encode("utf-8", "replace"),
                request_body,
                response_body,
            )
        )
        asked, answered = request_body, response_body
        # One look at all of it: hardly ever is there anything to mask or to cut.
        has_query = "?" in path or heads is None or b"?" in heads.packed
        is_plain = len(lines) <= _LONGEST_LINE and not has_query
        if heads is None or not is_plain or holds_secret(everything, secrets):
            secrets = secrets_within(request_body, secrets)
            heads = mask_heads(parts, len(request_headers), secrets)
            method, model, why = (_line(text, secrets) for text in (method, model, why))
            path = _line(mask_query(path), secrets)
            # Masked before they are cut, or half a token might be left at the end.
            asked, answered = redact(asked, secrets), redact(answered, secrets)
        limit = self._max_body_bytes
        exchange = Exchange(
            number=self.total,
            time=began,
            seconds=max(0.0, now - began),
            method=method,
            path=path,
            model=model,
            heads=heads,
            request_body=Body(asked[:limit], len(request_body), len(asked) > limit),
            status=status,
            response_body=Body(answered[:limit], len(response_body), len(answered) > limit),
            gate=gate,
            why=why,
            last_time=began,
            real_time=real_time,
            real_seconds=real_seconds,
            last_real_time=real_time,
        )
        self._keep(exchange)
        for watcher in tuple(self._watchers):
            watcher(exchange)
        return exchange

    def note(self, text: str) -> Note:
        """Note something that is no exchange, as that the clock was advanced."""
        note = Note(self._clock.now, _line(text, (), longest=_LONGEST_NOTE))
        self._notes.append(note)
        gone = self._notes.pop(0).size if len(self._notes) > _MOST_NOTES else 0
        self._budget.add(note.size - gone)
        return note

    @contextmanager
    def watched(self, watcher: Watcher) -> Iterator[None]:
        """Call ``watcher`` with each exchange that is recorded meanwhile.

        Equal exchanges come one by one. It is called with None when the journal is cleared.
        """
        self._watchers.append(watcher)
        try:
            yield
        finally:
            self._watchers.remove(watcher)

    def _repeat(self, began: float, now: float, real_time: float, real_seconds: float) -> Exchange:
        """Count one more of the latest exchange, and give it with number and times of its own."""
        self._run += 1
        self._repeats += 1
        self._repeated, self._really_repeated = began, real_time
        return self._kept[-1]._replace(
            number=self.total,
            time=began,
            seconds=max(0.0, now - began),
            repeats=0,
            last_time=began,
            real_time=real_time,
            real_seconds=real_seconds,
            last_real_time=real_time,
        )

    def _settle(self) -> None:
        """Put what has been counted into the latest exchange."""
        if self._repeats:
            last = self._kept[-1]
            repeats = last.repeats + self._repeats
            self._kept[-1] = last._replace(
                repeats=repeats, last_time=self._repeated, last_real_time=self._really_repeated
            )
            self._repeats = 0

    def _keep(self, exchange: Exchange) -> None:
        last = self._kept[-1] if self._kept else None
        self._run = self._run + 1 if last is not None and last.equals_but_for_ids(exchange) else 1
        if last is not None and self._run > self._fold_after:
            self._kept[-1] = last._replace(
                repeats=last.repeats + 1,
                last_time=exchange.time,
                last_real_time=exchange.real_time,
            )
            return
        size = exchange.size
        self._kept.append(exchange)
        self._sizes.append(size)
        self._exchange_bytes += size
        growth = size
        while len(self._kept) > self._max_exchanges or self._exchange_bytes > self._max_bytes:
            growth -= self._drop_oldest()
        self._budget.add(growth)

    def _drop_oldest(self) -> int:
        self._settle()  # It may be the latest, too.
        gone = self._sizes.popleft()
        self._exchange_bytes -= gone
        self.dropped += self._kept.popleft().count
        return gone

    def shed(self) -> int:
        """Drop the older half of what is kept, and give the number of exchanges kept no more."""
        before = self.dropped
        for _ in range((len(self._kept) + 1) // 2):
            self._budget.add(-self._drop_oldest())
        return self.dropped - before

    def clear(self) -> None:
        """Forget everything, the notes and counts as well."""
        self._kept.clear()
        self._sizes.clear()
        self._notes.clear()
        self._exchange_bytes = self._run = self.total = self.dropped = self._repeats = 0
        self._likeness = None
        self._origin = None
        self._budget.add(-self._budget.held)
        for watcher in tuple(self._watchers):
            watcher(None)

    def to_json(self) -> dict[str, JSON]:
        """The journal as JSON."""
        return {
            "total": self.total,
            "dropped": self.dropped,
            "notes": [note.to_json() for note in self._notes],
            "exchanges": [exchange.to_json() for exchange in self],
        }


def _line(text: str, secrets: tuple[bytes, ...], *, longest: int = _LONGEST_LINE) -> str:
    encoded = text.encode("utf-8", "replace")
    masked = redact(encoded, secrets)
    if masked != encoded:
        text = masked.decode("utf-8", "replace")
    return text if len(text) <= longest else text[: longest - 1] + "…"
