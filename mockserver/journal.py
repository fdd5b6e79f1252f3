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
from .exchange import Exchange
from .notes import Note
from .sealing import Content, Messages, cut_line, seal

_LONGEST_NOTE = 500
_MOST_NOTES = 100


#: Hears of each exchange, and with None that all was forgotten.
Watcher: TypeAlias = "Callable[[Exchange | None], None]"

# When it began and how long it took, by the session's clock and by the machine's.
_Times: TypeAlias = tuple[float, float, float, float]


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
        messages: Messages,
        *,
        began: float | None = None,
        arrived: float | None = None,
    ) -> Exchange:
        """Record an exchange that ends now and ``began`` then, and give what was kept of it.

        ``arrived`` is when it began by the clock that the journal calls ``monotonic``. What is kept
        has no secret in it; see :func:`seal`.
        """
        times = self._count(began, arrived)
        likeness = messages.likeness
        if self._is_long_run(likeness):
            return self._repeat(times)
        sealed = seal(messages, max_body_bytes=self._max_body_bytes)
        return self._add(sealed.content, likeness, times)

    def repeats(self, likeness: int) -> bool:
        """Record an exchange of that likeness, which began and ends now, if the latest repeats."""
        if not self._is_long_run(likeness):
            return False
        self._count_repeat(self._count_instant())
        return True

    def recall(self, content: Content, likeness: int) -> Exchange:
        """Record an exchange that began and ends now, whose content is known already."""
        return self._add(content, likeness, self._count_instant())

    def _count(self, began: float | None, arrived: float | None) -> _Times:
        """Count an exchange that ends now; its times."""
        self.total += 1
        now = self._clock.now
        left = self._monotonic()
        began = now if began is None else began
        arrived = left if arrived is None else arrived
        if self._origin is None:
            self._origin = arrived
        return (
            began,
            max(0.0, now - began),
            max(0.0, arrived - self._origin),
            max(0.0, left - arrived),
        )

    def _count_instant(self) -> _Times:
        """Count an exchange that began and ends now; its times."""
        self.total += 1
        now = self._monotonic()
        if self._origin is None:
            self._origin = now
        return self._clock.now, 0.0, now - self._origin, 0.0

    def _is_long_run(self, likeness: int) -> bool:
        """Whether a counter may stand for an exchange like that."""
        is_repeated = likeness == self._likeness and self._run >= self._fold_after
        return is_repeated and bool(self._kept) and not self._watchers

    def _add(self, content: Content, likeness: int, times: _Times) -> Exchange:
        self._settle()
        is_alike = likeness == self._likeness
        self._likeness = likeness
        exchange = Exchange(
            *(self.total, *times[:2], *content),
            last_time=times[0],
            real_time=times[2],
            real_seconds=times[3],
            last_real_time=times[2],
        )
        self._keep(exchange, is_alike=is_alike)
        for watcher in tuple(self._watchers):
            watcher(exchange)
        return exchange

    def note(self, text: str) -> Note:
        """Note something that is no exchange, as that the clock was advanced."""
        note = Note(self._clock.now, cut_line(text, (), longest=_LONGEST_NOTE))
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

    def _repeat(self, times: _Times) -> Exchange:
        """Count one more of the latest exchange, and give it with number and times of its own."""
        self._count_repeat(times)
        began, seconds, real_time, real_seconds = times
        return self._kept[-1]._replace(
            number=self.total,
            time=began,
            seconds=seconds,
            repeats=0,
            last_time=began,
            real_time=real_time,
            real_seconds=real_seconds,
            last_real_time=real_time,
        )

    def _count_repeat(self, times: _Times) -> None:
        self._run += 1
        self._repeats += 1
        self._repeated, self._really_repeated = times[0], times[2]

    def _settle(self) -> None:
        """Put what has been counted into the latest exchange."""
        if self._repeats:
            last = self._kept[-1]
            repeats = last.repeats + self._repeats
            self._kept[-1] = last._replace(
                repeats=repeats, last_time=self._repeated, last_real_time=self._really_repeated
            )
            self._repeats = 0

    def _keep(self, exchange: Exchange, *, is_alike: bool) -> None:
        last = self._kept[-1] if self._kept else None
        # Other exchanges may be alike, too, when what differed in them has been masked or cut.
        is_repeated = last is not None and (is_alike or last.equals_but_for_ids(exchange))
        self._run = self._run + 1 if is_repeated else 1
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
