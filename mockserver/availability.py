"""Availability: a model's life in a session, and what it means for each request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from .bell import Bell
from .clock import Clock
from .errors import NertwinError
from .life import Life

Stage: TypeAlias = Literal["cold", "loading", "ready", "too-big", "failed"]
StatusState: TypeAlias = Literal["Loadable", "Loaded", "TooBig", "error"]

#: Less than this many seconds before its end a load is over. A clock that has waited for the
#: rest of a load may miss the end by a rounding.
_GRAIN = 1e-6
_STATUS: dict[Stage, StatusState] = {
    "cold": "Loadable",
    "loading": "Loadable",
    "ready": "Loaded",
    "too-big": "TooBig",
    "failed": "error",
}


class NeverLoads(NertwinError):
    """A model that is too big, or whose load fails, was to be loaded."""


@dataclass(frozen=True, slots=True)
class Serve:
    """The model is ready."""


@dataclass(frozen=True, slots=True)
class Loading:
    """Refuse: the model is loading."""

    estimated_time: float  #: Seconds to announce.

    def __str__(self) -> str:
        return f"it is loading, and {self.estimated_time:g} s are announced"


@dataclass(frozen=True, slots=True)
class Hold:
    """Wait that long on the session's clock, then decide again."""

    seconds: float


@dataclass(frozen=True, slots=True)
class NotLoaded:
    """Say so: the request wants an answer only from a model that is loaded."""

    def __str__(self) -> str:
        return "it is not loaded, and the call forbids to load it (x-load-model: 0)"


@dataclass(frozen=True, slots=True)
class TooBig:
    """Refuse: the model is too big to be loaded."""

    size: str
    size_limit: str

    def __str__(self) -> str:
        return f"it is too big ({self.size} > {self.size_limit})"


@dataclass(frozen=True, slots=True)
class Failed:
    """Refuse: the model can't be loaded."""

    reason: str

    def __str__(self) -> str:
        return f"it has failed to load: {self.reason}"


@dataclass(frozen=True, slots=True)
class TimedOut:
    """Refuse: the request has waited as long as it may."""

    waited: float  #: Seconds on the session's clock.

    def __str__(self) -> str:
        return f"the call has waited for {self.waited:g} s, and may for no longer"


@dataclass(frozen=True, slots=True)
class SessionGone:
    """Refuse: there is no session any more for which the request could wait."""

    def __str__(self) -> str:
        return "its session was removed while the call waited"


Decision: TypeAlias = Serve | Loading | Hold | NotLoaded | TooBig | Failed
#: Why a call is not served, for good.
Refused: TypeAlias = Loading | NotLoaded | TooBig | Failed | TimedOut

_SERVE = Serve()
_NOT_LOADED = NotLoaded()


class ModelState:
    """Where a model is in its life. One per session and model, for one thread."""

    __slots__ = ("_calls", "_clock", "_since", "_stage", "life")

    def __init__(self, life: Life, clock: Clock) -> None:
        self.life = life
        self._clock = clock
        self._stage: Stage = life.starts
        self._since = 0.0  # When the load began.
        self._calls = 0  # Calls refused since then.

    @property
    def stage(self) -> Stage:
        """The stage on the clock's present time."""
        if self._stage == "loading" and not self.life.after_calls and self._left <= _GRAIN:
            self._stage = "ready"
        return self._stage

    @property
    def status(self) -> StatusState:
        """The ``state`` that ``/status/{id}`` tells."""
        return _STATUS[self.stage]

    def decide(self, *, wait: bool = False, load_model: bool = True) -> Decision:
        """What becomes of a call, which counts from then on.

        Args:
            wait: The request would rather wait than be refused.
            load_model: A cold model may be loaded for it (``X-Load-Model: 0`` says no).
        """
        stage = self.stage
        if stage == "ready":
            return _SERVE
        if stage == "too-big":
            return TooBig(self.life.size, self.life.size_limit)
        if stage == "failed":
            return Failed(self.life.failure)
        # Who forbids a load may still wait for one that somebody else has started.
        if not load_model and (stage == "cold" or not wait):
            return _NOT_LOADED
        if stage == "cold":
            self._begin()
        return self._hold() if wait else self._refuse()

    def look(self, *, wait: bool = False, load_model: bool = True) -> Decision:
        """What would become of a call now; nothing counts."""
        other = ModelState(self.life, self._clock)
        other._stage, other._since, other._calls = self._stage, self._since, self._calls
        return other.decide(wait=wait, load_model=load_model)

    def load(self) -> None:
        """Begin to load a cold model as a call would, without refusing one.

        Raises:
            NeverLoads: It is too big or has failed.
        """
        self._check_loads()
        if self.stage == "cold":
            self._begin()

    def warm(self) -> None:
        """Make the model ready at once.

        Raises:
            NeverLoads: It is too big or has failed.
        """
        self._check_loads()
        self._stage = "ready"

    def evict(self) -> None:
        """Make a loading or ready model cold; its next load begins anew."""
        if self._stage in ("loading", "ready"):
            self._stage = "cold"

    @property
    def _left(self) -> float:
        return self._since + self.life.after_seconds - self._clock.now

    def _begin(self) -> None:
        self._stage = "loading"
        self._since = self._clock.now
        self._calls = 0

    def _hold(self) -> Serve | Hold:
        # Calls stand for time here, and a request that waits lets all of them go by.
        if self.life.after_calls or self._left <= _GRAIN:
            self._stage = "ready"
            return _SERVE
        return Hold(self._left)

    def _refuse(self) -> Loading:
        self._calls += 1
        if self._calls == self.life.after_calls:
            self._stage = "ready"
        estimate = float(self.life.estimated_time)
        if self.life.counts_down:
            estimate = max(0.0, estimate - (self._clock.now - self._since))
        return Loading(estimate)

    def _check_loads(self) -> None:
        if self._stage in ("too-big", "failed"):
            raise NeverLoads(
                f"the model is {self._stage} and never loads; give it a life that starts"
                " cold or ready"
            )


async def settle(
    state: ModelState,
    clock: Clock,
    *,
    wait: bool = False,
    load_model: bool = True,
    longest: float,
    bell: Bell | None = None,
    find_state: Callable[[], ModelState] | None = None,
    find_longest: Callable[[], float] | None = None,
) -> Serve | Refused | SessionGone:
    """The decision on a call, which is held for at most ``longest`` seconds if it may wait.

    Nothing is left behind when the call is given up while it waits. A model that is evicted
    meanwhile is loaded again within the same limit. When the ``bell`` rings, the call looks
    again at once: at what ``find_state`` gives where the state itself was replaced, and at what
    ``find_longest`` gives where the limit was.
    """
    bell = Bell() if bell is None else bell
    waited = 0.0  # A sum: so late on a clock that small steps don't move it, this still ends.
    while isinstance(decision := state.decide(wait=wait, load_model=load_model), Hold):
        step = min(decision.seconds, longest - waited)
        if step <= _GRAIN:
            return TimedOut(waited)
        waited += await bell.wait(clock, step)
        if bell.is_over:
            return SessionGone()
        longest = longest if find_longest is None else find_longest()
        state = state if find_state is None else find_state()
    return decision


def foresee_settling(
    state: ModelState, *, wait: bool = False, load_model: bool = True, longest: float
) -> tuple[float, Serve | Refused]:
    """The seconds that :func:`settle` would take now, and its decision; nothing counts."""
    decision = state.look(wait=wait, load_model=load_model)
    if not isinstance(decision, Hold):
        return 0.0, decision
    if longest <= _GRAIN:
        return 0.0, TimedOut(0.0)
    if decision.seconds - longest > _GRAIN:
        return longest, TimedOut(longest)
    return min(decision.seconds, longest), _SERVE
