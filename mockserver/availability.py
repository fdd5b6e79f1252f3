"""Availability: what a model's life in a session means for each request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from .bell import Bell
from .clock import Clock
from .modelstate import GRAIN, ModelState


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


def decide(state: ModelState, *, wait: bool = False, load_model: bool = True) -> Decision:
    """What becomes of a call, which counts from then on.

    Args:
        state: Where the model is that it calls.
        wait: The request would rather wait than be refused.
        load_model: A cold model may be loaded for it (``X-Load-Model: 0`` says no).
    """
    stage = state.stage
    if stage == "ready":
        return _SERVE
    if stage == "too-big":
        return TooBig(state.life.size, state.life.size_limit)
    if stage == "failed":
        return Failed(state.life.failure)
    # Who forbids a load may still wait for one that somebody else has started.
    if not load_model and (stage == "cold" or not wait):
        return _NOT_LOADED
    if stage == "cold":
        state.load()
    if not wait:
        return Loading(state.refuse())
    seconds = state.hold()
    return Hold(seconds) if seconds else _SERVE


def look(state: ModelState, *, wait: bool = False, load_model: bool = True) -> Decision:
    """What would become of a call now; nothing counts."""
    return decide(state.copy(), wait=wait, load_model=load_model)


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
    while isinstance(decision := decide(state, wait=wait, load_model=load_model), Hold):
        step = min(decision.seconds, longest - waited)
        if step <= GRAIN:
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
    decision = look(state, wait=wait, load_model=load_model)
    if not isinstance(decision, Hold):
        return 0.0, decision
    if longest <= GRAIN:
        return 0.0, TimedOut(0.0)
    if decision.seconds - longest > GRAIN:
        return longest, TimedOut(longest)
    return min(decision.seconds, longest), _SERVE
