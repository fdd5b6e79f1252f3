"""Core: the piece of a session that nearly every call changes: settings, time and counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ..clock import Clock, ManualClock, RealClock, ScaledClock, parse_clock
from ..settings import SESSION_KEYS, Settings
from ..tokens import TokenDigest
from .changed import Changed
from .exchanges import journal_state, restore_journal
from .pickles import dump, load
from .session import SharedSession

#: What the piece is called.
CORE = b"state"


class Core:
    """What Redis has of it, as far as this server knows."""

    def __init__(self, server: Settings, digest: Callable[[str], TokenDigest]) -> None:
        self.time = 0.0  #: When Redis was told of the session last.
        self._server = server
        self._digest = digest
        self._clock = server.clock
        self._piece = b""
        self._settings: Settings | None = None  # What `_changes` was found in.
        self._changes: dict[str, Any] = {}

    def compare(self, session: SharedSession, changed: Changed) -> None:
        """Tell what is other in the copy, which from now on is the same."""
        piece = dump(self._render(session), clock=session.clock)
        if piece != self._piece:
            self._piece = piece
            changed.put(CORE, piece)

    def _render(self, session: SharedSession) -> dict[str, object]:
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
            "journal": None if journal is None else journal_state(journal),
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

    def take(self, session: SharedSession, piece: bytes) -> int:
        """Bring the copy up to date; gives the bytes that the session holds.

        Raises:
            Unreadable: Something else was written there.
        """
        self._piece = piece
        core = load(piece)
        self._take_settings(session, core["settings"])
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
        restore_journal(session, core["journal"])
        held: int = core["held"]
        return held

    def _take_settings(self, session: SharedSession, written: dict[str, Any]) -> None:
        if written == self._changes:
            return
        ttl = session.settings.cache_ttl
        self._changes = written
        changes = dict(written)
        if "token" in changes:
            changes["token"] = TokenDigest(written["token"][1])
        settings = self._settings = replace(self._server, **changes)
        session.endpoint = session.endpoint.in_settings(settings)
        if settings.cache_ttl != ttl:
            session._cache = None

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


def _runner(driver: Clock) -> RealClock:
    """What makes a clock run that runs by itself."""
    clock = driver._base if isinstance(driver, ScaledClock) else driver
    assert isinstance(clock, RealClock)  # noqa: S101  # parse_clock() makes no others.
    return clock
