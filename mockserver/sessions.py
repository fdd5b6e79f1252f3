"""Sessions: all that a server remembers, apart for each test that uses it."""

from __future__ import annotations

import math
import re
from collections import OrderedDict
from collections.abc import Callable

from .availability import ModelState
from .cache import AnswerCache
from .clock import Clock, RealClock
from .errors import NertwinError, quote
from .life import Life

DEFAULT_SESSION = "default"
_SESSION_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}\Z")
# With `any_model` a client may name new models for ever.
_MOST_MODELS = 1000


class BadSession(NertwinError):
    """A request names a session in a way that no session can be named."""


class Session:
    """The state of one test: its clock, where its models are in their lives, its cache."""

    __slots__ = ("_cache", "_states", "_ttl", "clock", "id")

    def __init__(self, session_id: str, clock: Clock, *, ttl: float = math.inf) -> None:
        self.id = session_id
        self.clock = clock
        self._ttl = ttl
        self._states: OrderedDict[str, ModelState] = OrderedDict()
        self._cache: AnswerCache | None = None

    @property
    def cache(self) -> AnswerCache:
        """The answers that this session has computed; made when first asked for."""
        if self._cache is None:
            self._cache = AnswerCache(self.clock, ttl=self._ttl)
        return self._cache

    def state(self, model_id: str, life: Life) -> ModelState:
        """Where the model is in its ``life``, which begins when it is first asked for."""
        found = self._states.get(model_id)
        if found is None:
            found = self._states[model_id] = ModelState(life, self.clock)
            if len(self._states) > _MOST_MODELS:
                self._states.popitem(last=False)
        else:
            self._states.move_to_end(model_id)
        return found


class Sessions:
    """The sessions by id, made on first use; when there are too many, the idlest one goes."""

    def __init__(
        self,
        new_clock: Callable[[], Clock] = RealClock,
        *,
        most: int = 10_000,
        ttl: float = math.inf,
    ) -> None:
        self._new_clock = new_clock
        self._most = most
        self._ttl = ttl  # Of cached answers, in seconds.
        self._sessions: OrderedDict[str, Session] = OrderedDict()

    def __len__(self) -> int:
        return len(self._sessions)

    def find(self, session_id: str = DEFAULT_SESSION) -> Session:
        """The session of that id, new if it is not there, or no longer."""
        found = self._sessions.get(session_id)
        if found is None:
            found = Session(session_id, self._new_clock(), ttl=self._ttl)
            self._sessions[session_id] = found
            if len(self._sessions) > self._most:
                self._sessions.popitem(last=False)
        else:
            self._sessions.move_to_end(session_id)
        return found


def check_session_id(text: str, *, source: str, is_secret: bool = False) -> str:
    """The text if it can be a session's id.

    Raises:
        BadSession: It can't; the message names its ``source``, but no secret.
    """
    if _SESSION_ID.match(text):
        return text
    shown = "" if is_secret else f" {quote(text)}"
    raise BadSession(
        f"the session id{shown} in {source} is malformed; write 1 to 64 of the characters"
        " A-Z, a-z, 0-9, '_', '.' and '-'"
    )
