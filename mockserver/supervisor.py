"""Supervisor: several server processes on one port, or one that starts again on changes."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterable
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from types import FrameType
from typing import Protocol

from .errors import NertwinError

_LOG = logging.getLogger("nertwin")
_LOOK_EVERY = 0.25  # Seconds between looks at the children and the files.
_ENDS_WITHIN = 5.0  # Seconds that a child has to answer what it has begun.
_MOST_RESTARTS = 10
_SPAWN = multiprocessing.get_context("spawn")


class Ready(Protocol):
    """What a child sets when it answers requests."""

    def set(self) -> None:
        """Say so."""


class ChildrenKeepDying(NertwinError):
    """Children ended again and again without being told to."""


def _live(
    work: Callable[[socket.socket, Ready], None], listener: socket.socket, ready: Ready
) -> None:
    """A child's life: ``work``, and an end when the parent is gone, however it went."""
    threading.Thread(target=_follow_parent, daemon=True).start()
    work(listener, ready)


def _follow_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)


class Supervisor:
    """Keeps ``count`` processes alive that run ``work(listener, ready)``, until told to stop.

    ``work`` is pickled into each child. With ``watched``, a child whose files have changed is
    ended and started anew, and a child that fails is left until the next change.
    """

    def __init__(
        self,
        work: Callable[[socket.socket, Ready], None],
        listener: socket.socket,
        *,
        count: int,
        watched: Callable[[], Iterable[Path]] | None = None,
    ) -> None:
        self._work = work
        self._listener = listener
        self._count = count
        self._watched = watched
        self._stop = threading.Event()
        self._ready = _SPAWN.Event()
        self._children: list[SpawnProcess] = []
        self._restarts = 0

    def run(self, *, announce: Callable[[], None]) -> None:
        """Run until SIGTERM or SIGINT; ``announce`` is called when the first child is ready.

        Raises:
            ChildrenKeepDying: More than ten children ended on their own.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._note_signal)
        seen = self._times()
        announced = False
        try:
            self._children = [self._start() for _ in range(self._count)]
            while not self._stop.wait(_LOOK_EVERY):
                if not announced and self._ready.is_set():
                    announced = True
                    announce()
                now = self._times()
                if now != seen:
                    seen = now
                    _LOG.info("settings or rules have changed; starting again")
                    self._end_all()
                    self._children = [self._start() for _ in range(self._count)]
                elif self._watched is None:
                    self._revive()
        finally:
            self._end_all()

    def stop(self) -> None:
        """End the children and let :meth:`run` return."""
        self._stop.set()

    def _note_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.stop()

    def _start(self) -> SpawnProcess:
        child = _SPAWN.Process(target=_live, args=(self._work, self._listener, self._ready))
        child.start()
        return child

    def _revive(self) -> None:
        for place, child in enumerate(self._children):
            if child.is_alive():
                continue
            self._restarts += 1
            if self._restarts > _MOST_RESTARTS:
                raise ChildrenKeepDying(
                    f"worker processes have ended {_MOST_RESTARTS} times on their own, the last"
                    f" with exit code {child.exitcode}; the log above says why"
                )
            _LOG.error("worker %s ended with exit code %s", child.pid, child.exitcode)
            self._children[place] = self._start()

    def _end_all(self) -> None:
        for child in self._children:
            child.terminate()
        for child in self._children:
            child.join(_ENDS_WITHIN)
            if child.is_alive():
                child.kill()
                child.join()
        self._children = []

    def _times(self) -> dict[Path, int]:
        """When each watched file was changed last; a file that is gone counts as a change."""
        if self._watched is None:
            return {}
        return {path: path.stat().st_mtime_ns for path in self._watched() if path.is_file()}
