"""Mirror: a session's state as pieces, and which of them Redis and the copy here don't share.

What grows, exchanges and kept answers, is a piece each; the rest of the state is a few more. So a
call writes, and a server that was not asked for a while reads, no more than what has changed.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence

from ..clock import parse_clock
from ..findings import Findings
from ..retries import RetryWatch
from ..settings import Settings
from ..tokens import TokenDigest
from .answers import Answers, is_answer
from .changed import Changed
from .core import CORE, Core
from .exchanges import Exchanges, is_exchange
from .parts import Parts
from .pickles import Unreadable
from .session import SharedSession
from .store import Written


class Mirror:
    """What Redis has of a session, as far as this server knows."""

    def __init__(self, server: Settings, digest: Callable[[str], TokenDigest]) -> None:
        self._server = server
        self._digest = digest
        self._begin()

    def _begin(self) -> None:
        self._core = Core(self._server, self._digest)
        self._parts = Parts()
        self._exchanges = Exchanges()
        self._answers = Answers()

    @property
    def time(self) -> float:
        """When Redis was told of the session last."""
        return self._core.time

    def changes(self, session: SharedSession) -> Written:
        """What is other in the copy than in Redis, which from now on is the same."""
        changed = Changed()
        self._core.compare(session, changed)
        self._parts.compare(session, changed)
        self._exchanges.compare(session, changed)
        self._answers.compare(session, changed)
        return Written(
            leaves=changed.leaves,
            gone=changed.gone,
            size=session.bytes_held,
            rings=session.bell.rings,
            requests=session.requests,
        )

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
        values = dict(written)
        if is_whole:
            if CORE not in values:
                raise Unreadable("a part of it is missing; Redis must evict no keys")
            self._begin()
            _blank(session, self._server)
        held = session._budget.held
        if CORE in values:
            held = self._core.take(session, values[CORE])
        for name, value in written:
            if is_answer(name):
                self._answers.take(session, name, value)
            elif not is_exchange(name) and name != CORE:
                self._parts.take(session, name, value)
        for name in gone:
            if is_answer(name):
                self._answers.lose(session, name)
            elif not is_exchange(name):
                self._parts.lose(session, name)
        self._exchanges.take(session, values, gone)
        session._budget.add(held - session._budget.held)
        session.touched.clear()


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
