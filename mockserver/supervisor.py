"""Supervisor: several server processes on one port, or one that starts again on changes."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from multiprocessing.synchronize import Event
from pathlib import Path
from types import FrameType
from typing import Protocol, TypeAlias

from .errors import NertwinError
from .inboxes import Inboxes, Seat

_LOG = logging.getLogger("nertwin")
_LOOK_EVERY = 0.25  # Seconds between looks at the children and the files.
_ENDS_WITHIN = 5.0  # Seconds that a child has to answer what it has begun.
_FORWARDS_EVERY = 0.05  # Seconds, while children end.
_MOST_DEATHS = 10
_WITHIN = 60.0  # Seconds in which so many deaths are too many.
_SPAWN = multiprocessing.get_context("spawn")


class Ready(Protocol):
    """What a child sets when it answers requests."""

    def set(self) -> None:
        """Say so."""


#: What a child does with the listener, what it sets when it is ready, and its seat, if any.
Work: TypeAlias = Callable[..., None]


class ChildrenKeepDying(NertwinError):
    """Children ended again and again without being told to."""


def _live(work: Work, listener: socket.socket, ready: Ready, *seat: Seat) -> None:
    """A child's life: ``work``, and an end when the parent is gone, however it went."""
    threading.Thread(target=_follow_parent, daemon=True).start()
    work(listener, ready, *seat)


def _follow_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)


class Supervisor:
    """Keeps ``count`` processes alive that run ``work(listener, ready)``, until told to stop.

    ``work`` is pickled into each child. With ``watched``, new children replace the old ones when
    one of those files has changed; children that can't start leave the old ones in their place.
    With ``new_inboxes`` children hand connections over to each other: each gets its seat, too.
    What was on its way to a child that ends waits for the one that replaces it.
    """

    def __init__(
        self,
        work: Work,
        listener: socket.socket,
        *,
        count: int,
        watched: Callable[[], Iterable[Path] | None] | None = None,
        new_inboxes: Callable[[int], Inboxes] | None = None,
    ) -> None:
        self._work = work
        self._listener = listener
        self._count = count
        self._watched = watched
        self._new_inboxes = new_inboxes
        self._stop = threading.Event()
        self._crew = _Crew([], None)
        self._deaths: deque[float] = deque(maxlen=_MOST_DEATHS)
        self._files: set[Path] = set()

    def run(self, *, announce: Callable[[], None]) -> None:
        """Run until SIGTERM or SIGINT; ``announce`` is called when the first child is ready.

        Raises:
            ChildrenKeepDying: Ten children have ended on their own within a minute.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._note_signal)
        seen = self._times()
        announced = False
        try:
            self._crew = self._start_all()
            while not self._stop.wait(_LOOK_EVERY):
                if not announced and self._crew.is_any_ready:
                    announced = True
                    announce()
                self._revive()
                now = self._times()
                if now != seen:
                    seen = now
                    self._replace_all()
        finally:
            self._crew.end()

    def stop(self) -> None:
        """End the children and let :meth:`run` return."""
        self._stop.set()

    def _note_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.stop()

    def _start_all(self) -> _Crew:
        inboxes = None if self._new_inboxes is None else self._new_inboxes(self._count)
        crew = _Crew([], inboxes)
        for number in range(self._count):
            crew.children.append(self._start(number, crew))
        return crew

    def _start(self, number: int, crew: _Crew) -> _Child:
        seat = () if crew.inboxes is None else (crew.inboxes.seat(number),)
        return _Child.start(self._work, self._listener, *seat)

    def _replace_all(self) -> None:
        """Put new children in the place of the old ones, which serve until those are ready."""
        _LOG.info("settings or rules have changed; starting again")
        crew = self._start_all()
        while not all(child.ready.is_set() for child in crew.children):
            failed = any(not child.process.is_alive() for child in crew.children)
            if failed or self._stop.wait(_LOOK_EVERY):
                _LOG.error("what has changed can't be served; what was there before still is")
                crew.end(heir=self._crew)
                return
        self._crew.end(heir=crew)
        self._crew = crew

    def _revive(self) -> None:
        for number, child in enumerate(self._crew.children):
            if child.process.is_alive():
                continue
            process, now = child.process, time.monotonic()
            _LOG.error("worker %s ended with exit code %s", process.pid, process.exitcode)
            self._deaths.append(now)
            if len(self._deaths) == _MOST_DEATHS and now - self._deaths[0] < _WITHIN:
                raise ChildrenKeepDying(
                    f"{_MOST_DEATHS} worker processes have ended on their own within"
                    f" {_WITHIN:.0f} seconds, the last with exit code {process.exitcode};"
                    " the log above says why"
                )
            self._crew.children[number] = self._start(number, self._crew)

    def _times(self) -> dict[Path, int]:
        """When each watched file was changed last; a file that is gone counts as a change."""
        if self._watched is None:
            return {}
        files = self._watched()
        # While the settings can't be read, what was watched before still is.
        self._files = set(files) if files is not None else self._files
        return {path: path.stat().st_mtime_ns for path in self._files if path.is_file()}


@dataclass(frozen=True, slots=True)
class _Child:
    process: SpawnProcess
    ready: Event  #: Set by the child when it answers requests.

    @classmethod
    def start(cls, work: Work, listener: socket.socket, *seat: Seat) -> _Child:
        ready = _SPAWN.Event()
        process = _SPAWN.Process(target=_live, args=(work, listener, ready, *seat))
        process.start()
        return cls(process, ready)


@dataclass(frozen=True, slots=True)
class _Crew:
    """Children that answer together."""

    children: list[_Child]  #: By their number.
    inboxes: Inboxes | None

    @property
    def is_any_ready(self) -> bool:
        return any(child.ready.is_set() for child in self.children)

    def end(self, *, heir: _Crew | None = None) -> None:
        """End them all; what is in their inboxes goes to the heir."""
        for child in self.children:
            child.process.terminate()
        deadline = time.monotonic() + _ENDS_WITHIN
        while alive := [child.process for child in self.children if child.process.is_alive()]:
            if time.monotonic() > deadline:
                for process in alive:
                    process.kill()
            wait([process.sentinel for process in alive], timeout=_FORWARDS_EVERY)
            self._forward(heir)
        for child in self.children:
            child.process.join()
        self._forward(heir)
        if self.inboxes is not None:
            self.inboxes.close()

    def _forward(self, heir: _Crew | None) -> None:
        if self.inboxes is not None and heir is not None and heir.inboxes is not None:
            self.inboxes.forward(heir.inboxes)
