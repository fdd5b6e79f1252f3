"""Room: a session as this server has it, which calls enter one after the other."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from itertools import count
from time import monotonic
from typing import Protocol

from ..errors import StateLost
from .mirror import Mirror
from .pickles import Unreadable
from .session import SharedSession
from .store import Action, Entered, Store, Written
from .turn import Turn

_LOG = logging.getLogger("nertwin")
# What calls that wait here have done together, before all of it is kept in one go.
_MOST_TOGETHER = 64
_LONGEST_TOGETHER = 0.02  # Seconds.
# Seconds until another server's call is looked for again, at first and at most.
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.001, 0.01
# Seconds for which calls that wait believe what one of them has heard.
_HEARD_FOR = 0.02
# Who has just left lets others enter that wait elsewhere.
_COURTESY = 0.003
_NAMES = count(1)
_WAITS_FOR = 10.0  # Longer than a lease, after which nobody is in a session.


class NewSession(Protocol):
    """Makes a session that begins with a note, by a clock that tells the seconds since 1970."""

    def __call__(
        self, session_id: str, first_note: str, time: Callable[[], float]
    ) -> SharedSession:
        """The session of that id."""


class Room:
    """One session, by its id: whether it is there, and a copy of it.

    Calls queue here. Those that come while Redis is asked are let in together, one after the
    other, so that a busy session costs two questions a batch and not two a call.
    """

    def __init__(
        self,
        session_id: str,
        store: Store,
        *,
        server: str,
        new_session: NewSession,
        new_mirror: Callable[[], Mirror],
        secret: Callable[[], bytes],
        agree: Callable[[bytes], None],
    ) -> None:
        self.id = session_id
        self.server = server  #: Names this process among all that share the state.
        self.session: SharedSession | None = None  #: None while there is none.
        self.visits = 0  #: Calls that are in it or will be.
        self._store = store
        self._new_session = new_session
        self._new_mirror = new_mirror
        self._secret = secret
        self._agree = agree
        self._mirror = new_mirror()
        self._born = self._obituary = ""
        self._seq = "0"
        self._name = self._new_name()  # What it enters under next.
        self._is_contended = self._is_removed = False
        self._time = (0.0, 0.0)  # Redis's, and this machine's at that moment.
        self._left = 0.0  # When it was left last.
        self._heard: bytes | None = None  # How often it was rung, and when that was asked.
        self._heard_at = 0.0
        self._turns: deque[Turn] = deque()
        self._serving: asyncio.Task[None] | None = None

    def time(self) -> float:
        """Redis's time in seconds since 1970, never ahead of it."""
        theirs, ours = self._time
        return theirs + monotonic() - ours

    async def take_turn(self) -> Turn:
        """Wait for a turn and begin it; nobody else is in the session until it ends.

        Raises:
            StateLost: There can't be one.
        """
        turn = Turn()
        self._turns.append(turn)
        if self._serving is None:
            self._serving = asyncio.create_task(self._serve())
        await turn.begin()
        return turn

    def make(self) -> SharedSession:
        """Begin the session, which isn't there; who does has the turn."""
        self._is_removed = False
        self.session = self._new_session(self.id, self._first_note(), self.time)
        return self.session

    def remove(self) -> None:
        """Forget the session; who does has the turn."""
        self._is_removed = self.session is not None

    @property
    def is_idle(self) -> bool:
        """Whether nobody would miss it."""
        return not self.visits and self._serving is None

    async def rings(self) -> bytes | None:
        """How often calls that wait were told to look again, anywhere.

        Raises:
            StateLost: Redis doesn't answer.
        """
        if monotonic() - self._heard_at > _HEARD_FOR:  # Many may wait for one session.
            self._heard = await self._store.rings(self.id)
            self._heard_at = monotonic()
        return self._heard

    async def _serve(self) -> None:
        """Let calls in until none waits."""
        while self._turns:
            taken: list[Turn] = []
            lost: StateLost | None = None
            try:
                await self._serve_together(taken)
            except StateLost as error:
                lost = error
            except Exception as error:
                _LOG.exception("session %r can't be shared", self.id)
                lost = StateLost(
                    f"nertwin itself failed with {type(error).__name__} to share the session; its"
                    " log has the traceback. This is a bug in nertwin, not in your request."
                )
            if lost is not None:
                self._distrust()
                if not taken:  # Nobody got in, and who waits has waited as long.
                    taken.extend(self._turns)
                    self._turns.clear()
            for turn in taken:
                turn.settle(lost)
        self._serving = None

    async def _serve_together(self, taken: list[Turn]) -> None:
        entered = await self._enter()
        try:
            self._bring(entered)
            await self._let_in(taken)
            action, written = self._outcome()
        except BaseException:  # A cancelled task, too, must not keep others out.
            await self._store.leave(self.id, entered, "look")
            raise
        new_born = entered.owner if action == "write" and not self._born else ""
        self._seq, self._is_contended = await self._store.leave(
            self.id, entered, action, written, new_born=new_born
        )
        self._left = self.time()
        self._born = new_born or self._born
        if self._is_removed:
            self._is_removed, self._born = False, ""
            self._replace(None)

    async def _let_in(self, taken: list[Turn]) -> None:
        ends = monotonic() + _LONGEST_TOGETHER
        while self._turns and len(taken) < _MOST_TOGETHER and not self._is_removed:
            turn = self._turns.popleft()
            if turn.is_given_up:
                continue
            taken.append(turn)
            await turn.take_place()
            if monotonic() > ends:
                break

    def _outcome(self) -> tuple[Action, Written | None]:
        """What becomes of the session in Redis."""
        if self.session is None:
            return "look", None
        if self._is_removed:
            return ("remove" if self._born else "look"), None
        return "write", self._mirror.changes(self.session)

    async def _enter(self) -> Entered:
        pause, ends = _SHORTEST_PAUSE, monotonic() + _WAITS_FOR
        if self._is_contended:
            await asyncio.sleep(_COURTESY)
        while True:
            # The same name until it is let in: a question whose answer was lost may have done it.
            entered = await self._store.enter(
                self.id,
                self._name,
                born=self._born,
                seq=self._seq,
                secret=self._secret(),
            )
            if entered is not None:
                self._name = self._new_name()
                return entered
            if monotonic() > ends:
                raise StateLost(
                    f"other servers have been in session {self.id!r} for {_WAITS_FOR:g} s; nothing"
                    " was done. Repeat the call."
                )
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE)

    def _bring(self, entered: Entered) -> None:
        """Bring the copy up to date."""
        self._time = (entered.time, monotonic())
        self._agree(entered.secret)
        if not entered.born:
            self._obituary = entered.obituary or ("- lost" if self._born else "")
        if entered.born != self._born:
            self._replace(self._new_session(self.id, "", self.time) if entered.born else None)
        self._born, self._seq = entered.born, entered.seq
        if self.session is None:
            return
        try:
            self._mirror.bring(
                self.session, entered.written, entered.gone, is_whole=entered.is_whole
            )
        except Exception as error:  # Whoever may write there may have written anything.
            if not isinstance(error, Unreadable):
                _LOG.exception("session %r can't be read", self.id)
            why = error if isinstance(error, Unreadable) else type(error).__name__
            raise Unreadable(
                f"what the Redis at {self._store.address.shown} has of session {self.id!r} can't be"
                f" read: {why}. Remove the session with DELETE /_nertwin/sessions/{self.id}; or its"
                f" keys, which begin {self._store.prefix} and end :{self.id}; or name another"
                " namespace in state."
            ) from error
        # Whoever sets Redis's clock back does not turn back a session's time.
        behind = max(self._mirror.time, self._left) - self.time()
        if behind > 0:
            self._time = (entered.time + behind, self._time[1])

    def _new_name(self) -> str:
        return f"{self.server}:{next(_NAMES)}"

    def _distrust(self) -> None:
        """Take the copy for one that nobody has."""
        self._seq = "-1"
        self._is_removed = False
        if not self._born:
            self._replace(None)

    def _replace(self, session: SharedSession | None) -> None:
        """Go on with another copy; calls of a session that is no more go on with its own."""
        if self.session is not None:
            self.session.detach()
        self.session = session
        self._mirror = self._new_mirror()
        self._left = 0.0

    def _first_note(self) -> str:
        when, _, why = self._obituary.partition(" ")
        self._obituary = ""
        if not why or why == "removed":
            return ""
        anew = "its clock, models, answers and journal began anew"
        if why == "lost":
            return f"the Redis no longer has the session of this id that there was; {anew}"
        ago, limit = self.time() - float(when), self._store.limits[why]
        return f"a session of this id was forgotten {ago:.3g} s ago, because {limit}; {anew}"
