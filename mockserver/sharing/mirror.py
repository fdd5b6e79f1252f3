"""Mirror: a session's state as pieces, and which of them Redis and the copy here don't share.

What grows, exchanges and kept answers, is a piece each; the rest of the state is a few more. So a
call writes, and a server that was not asked for a while reads, no more than what has changed.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from ..cache import CachedAnswer, CacheKey
from ..clock import Clock, ManualClock, RealClock, ScaledClock, parse_clock
from ..exchange import Exchange
from ..findings import Findings
from ..journal import Journal
from ..retries import RetryWatch
from ..settings import SESSION_KEYS, Settings
from ..tokens import TokenDigest
from .pickles import Unreadable, dump, load
from .session import SharedSession
from .store import Written

_CORE = b"state"
#: Of a journal, what other servers have of their own, or what its exchanges tell.
_JOURNAL_OWN = frozenset(
    (
        *("_clock", "_monotonic", "_max_exchanges", "_max_bytes", "_max_body_bytes"),
        *("_fold_after", "_kept", "_sizes", "_budget", "_watchers", "_likeness"),
    )
)


class Mirror:
    """What Redis has of a session, as far as this server knows."""

    def __init__(self, server: Settings, digest: Callable[[str], TokenDigest]) -> None:
        self._server = server
        self._digest = digest
        self._begin()

    def _begin(self) -> None:
        self.time = 0.0  #: When Redis was told of the session last.
        self._clock = self._server.clock
        self._pieces: dict[bytes, bytes] = {}
        self._exchanges: OrderedDict[int, Exchange] = OrderedDict()
        self._answers: dict[bytes, tuple[CacheKey, tuple[float, CachedAnswer]]] = {}
        self._edition: object = None  # Of the rules that are a piece.
        self._settings: Settings | None = None  # What `_changes` was found in.
        self._changes: dict[str, Any] = {}

    # From the copy here to Redis.

    def changes(self, session: SharedSession) -> Written:
        """What is other in the copy than in Redis, which from now on is the same."""
        leaves: list[tuple[bytes, bytes | None]] = []
        gone: list[bytes] = []
        for name, value in self._pieces_of(session):
            if value is None:
                if self._pieces.pop(name, None) is not None:
                    gone.append(name)
            elif self._pieces.get(name) != value:
                self._pieces[name] = value
                leaves.append((name, value))
        self._compare_exchanges(session, leaves, gone)
        self._compare_answers(session, leaves, gone)
        return Written(
            leaves=leaves,
            gone=gone,
            size=session.bytes_held,
            rings=session.bell.rings,
            requests=session.requests,
        )

    def _pieces_of(self, session: SharedSession) -> Iterator[tuple[bytes, bytes | None]]:
        """The small pieces; None for those that are as in a new session."""
        clock = session.clock
        parts: tuple[tuple[bytes, object], ...] = (
            (_CORE, self._core(session)),
            (b"models", (session._lives, session._states)),
            (b"quotas", session._quotas),
            (b"faults", session._faults),
            (b"findings", session.findings),
            (b"retries", session.retries),
            (b"memories", session.memories),
        )
        for name, part in parts:
            is_new = part is None or (name != _CORE and _is_empty(part))
            yield name, None if is_new else dump(part, clock=clock)
        rules = session.rules
        if rules.edition is not self._edition:
            self._edition = rules.edition
            yield b"rules", dump(rules.record())

    def _core(self, session: SharedSession) -> dict[str, object]:
        journal, cache = session._journal, session._cache
        return {
            "settings": self._settings_of(session),
            "clock": self._clock_of(session),
            "time": session.time(),
            "requests": session.requests,
            "first_note": session._first_note,
            "rings": session.bell.rings,
            "away": session.away,
            "held": session._budget.held,
            "cache": None if cache is None else cache.bytes_held,
            "journal": None if journal is None else _journal_state(journal),
        }

    def _clock_of(self, session: SharedSession) -> tuple[str, float, float]:
        """The clock's kind, what it was moved by, and where its driver stands or when it began."""
        self._clock = session.settings.clock
        clock, driver = session.clock, session.clock._driver
        if isinstance(driver, ManualClock):
            return self._clock, clock._base, driver.now
        return self._clock, clock._base, _runner(driver)._began

    def _settings_of(self, session: SharedSession) -> dict[str, object]:
        """What of the settings isn't the server's."""
        settings = session.settings
        if settings is not self._settings:
            self._settings = settings
            self._changes = {
                key: getattr(settings, key)
                for key in SESSION_KEYS
                if getattr(settings, key) != getattr(self._server, key)
            }
            token = self._changes.get("token")
            if isinstance(token, str) and token:  # None may stand in Redis.
                known = token if isinstance(token, TokenDigest) else self._digest(token)
                self._changes["token"] = ("digest", str(known))
        return self._changes

    def _compare_exchanges(
        self,
        session: SharedSession,
        leaves: list[tuple[bytes, bytes | None]],
        gone: list[bytes],
    ) -> None:
        kept = deque() if session._journal is None else session._journal._kept
        known = self._exchanges
        new: list[Exchange] = []
        for exchange in reversed(kept):
            if known.get(exchange.number) is exchange:
                break
            new.append(exchange)
        if len(new) == len(kept):  # None is left of what there was; the numbers may be new ones.
            there = {exchange.number for exchange in new}
            gone += [_exchange_name(number) for number in known if number not in there]
            known.clear()
        while known and next(iter(known)) < kept[0].number:
            gone.append(_exchange_name(known.popitem(last=False)[0]))
        for exchange in reversed(new):
            known[exchange.number] = exchange
            leaves.append((_exchange_name(exchange.number), dump(exchange)))

    def _compare_answers(
        self,
        session: SharedSession,
        leaves: list[tuple[bytes, bytes | None]],
        gone: list[bytes],
    ) -> None:
        entries = {} if session._cache is None else session._cache._entries
        for key in session.touched:
            name, entry = b"c" + key.digest, entries.get(key)
            known = self._answers.get(name)
            if entry is None:
                if known is not None:
                    del self._answers[name]
                    gone.append(name)
            else:
                self._answers[name] = (key, entry)
                is_known = known is not None and known[1] is entry
                leaves.append((name, None if is_known else dump((key, *entry))))
        session.touched.clear()

    # From Redis to the copy here.

    def bring(
        self,
        session: SharedSession,
        written: Sequence[tuple[bytes, bytes]],
        gone: Iterable[bytes],
        *,
        is_whole: bool,
    ) -> None:
        """Bring the copy up to date: by all there is, or by what it lacks.

        Raises:
            Unreadable: Something else was written there.
        """
        if is_whole:
            if _CORE not in dict(written):
                raise Unreadable("a part of it is missing; Redis must evict no keys")
            self._begin()
            _blank(session, self._server)
        values = dict(written)
        held = session._budget.held
        if _CORE in values:
            self._pieces[_CORE] = values[_CORE]
            held = self._take_core(session, load(values[_CORE]))
        for name, value in written:
            if name.startswith(b"c") and name != _CORE:
                self._take_answer(session, name, value)
            elif not name.startswith(b"j") and name != _CORE:
                self._pieces[name] = value
                self._take_piece(session, name, value)
        for name in gone:
            if name.startswith(b"c"):
                self._lose_answer(session, name)
            elif not name.startswith(b"j"):
                self._pieces.pop(name, None)
                self._take_piece(session, name, None)
        self._take_exchanges(session, values, gone)
        session._budget.add(held - session._budget.held)
        session.touched.clear()

    def _take_core(self, session: SharedSession, core: dict[str, Any]) -> int:
        """Take what each call changes; gives the bytes that the session holds."""
        if core["settings"] != self._changes:
            ttl = session.settings.cache_ttl
            self._changes = core["settings"]
            changes = dict(self._changes)
            if "token" in changes:
                changes["token"] = TokenDigest(core["settings"]["token"][1])
            settings = self._settings = replace(self._server, **changes)
            session.endpoint = session.endpoint.in_settings(settings)
            if settings.cache_ttl != ttl:
                session._cache = None
        self.time = core["time"]
        self._set_clock(session, *core["clock"])
        session.requests = core["requests"]
        session._first_note = core["first_note"]
        session.bell.rings = core["rings"]
        session.away = core["away"]
        if core["cache"] is None:
            session._cache = None
        else:
            session.cache._budget.held = core["cache"]
        state = core["journal"]
        if state is None:
            session._journal = None
        else:
            note, session._first_note = session._first_note, ""
            journal = session.journal
            session._first_note = note
            journal._budget.held = state.pop("held")
            journal._likeness = None
            for name, value in state.items():
                setattr(journal, name, value)
        held: int = core["held"]
        return held

    def _set_clock(self, session: SharedSession, kind: str, base: float, at: float) -> None:
        clock = session.clock
        if self._clock != kind:
            clock._driver, self._clock = parse_clock(kind, monotonic=session.time), kind
        clock._base = base
        driver = clock._driver
        if isinstance(driver, ManualClock):
            driver._now = at
        else:
            _runner(driver)._began = at

    def _take_piece(self, session: SharedSession, name: bytes, value: bytes | None) -> None:
        budget = session._budget
        part = None if value is None else load(value, clock=session.clock, budget=budget)
        match name:
            case b"models":
                session._lives, session._states = ({}, OrderedDict()) if part is None else part
            case b"quotas":
                session._quotas = part
            case b"faults":
                session._faults = part
            case b"findings":
                session.findings = Findings(budget) if part is None else part
            case b"retries":
                session.retries = RetryWatch(budget=budget) if part is None else part
            case b"memories":
                session.memories = {} if part is None else part
            case b"rules" if part is not None:
                session.rules.restore(*part)
                self._edition = session.rules.edition

    def _take_answer(self, session: SharedSession, name: bytes, value: bytes) -> None:
        key, kept_at, answer = load(value)
        entries = session.cache._entries
        entries.pop(key, None)
        entry = entries[key] = (kept_at, answer)
        self._answers[name] = (key, entry)

    def _lose_answer(self, session: SharedSession, name: bytes) -> None:
        key, _ = self._answers.pop(name, (None, None))
        if session._cache is not None and key is not None:
            session._cache._entries.pop(key, None)

    def _take_exchanges(
        self, session: SharedSession, values: dict[bytes, bytes], gone: Iterable[bytes]
    ) -> None:
        lost = [_exchange_number(name) for name in gone if name.startswith(b"j")]
        numbers = sorted(_exchange_number(name) for name in values if name.startswith(b"j"))
        new = [load(values[_exchange_name(number)]) for number in numbers]
        known = self._exchanges
        for number in lost:
            known.pop(number, None)
        known.update(zip(numbers, new, strict=True))
        if session._journal is None:
            return
        kept, sizes = session._journal._kept, session._journal._sizes
        for number in lost:
            if kept and kept[0].number == number:
                kept.popleft()
                sizes.popleft()
        for exchange in new:
            if kept and kept[-1].number == exchange.number:
                kept[-1] = exchange
            elif not kept or kept[-1].number < exchange.number:
                kept.append(exchange)
                sizes.append(exchange.size)
        # Where numbers began anew, neither end was the one that has changed.
        if len(kept) != len(known) or (new and kept[-1] is not new[-1]):
            self._exchanges = OrderedDict(sorted(known.items()))
            kept.clear()
            kept.extend(self._exchanges.values())
            sizes.clear()
            sizes.extend(exchange.size for exchange in kept)


def _is_empty(part: object) -> bool:
    match part:
        case Findings():
            return not len(part) and not part.dropped
        case RetryWatch():
            return not part._loops
        case (lives, states):
            return not lives and not states
        case dict():
            return not part
    return False


def _journal_state(journal: Journal) -> dict[str, object]:
    state = {name: value for name, value in vars(journal).items() if name not in _JOURNAL_OWN}
    return {**state, "held": journal.bytes_held}


def _runner(driver: Clock) -> RealClock:
    """What makes a clock run that runs by itself."""
    clock = driver._base if isinstance(driver, ScaledClock) else driver
    assert isinstance(clock, RealClock)  # noqa: S101  # parse_clock() makes no others.
    return clock


def _blank(session: SharedSession, server: Settings) -> None:
    """Make the copy one of a new session; what refers to it and its clock goes on to."""
    budget = session._budget
    session.endpoint = session.endpoint.in_settings(server)
    session.clock._driver = parse_clock(server.clock, monotonic=session.time)
    session._cache = session._journal = session._quotas = session._faults = None
    session._lives, session._states = {}, OrderedDict()
    session.memories, session.away = {}, {}
    session.findings, session.retries = Findings(budget), RetryWatch(budget=budget)
    session.rules.reset()
    session.requests = 0
    session.touched.clear()


def _exchange_name(number: int) -> bytes:
    return b"j%d" % number


def _exchange_number(name: bytes) -> int:
    return int(name[1:])
