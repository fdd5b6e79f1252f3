"""Model state: where a model is in its life, in a session."""

from __future__ import annotations

from typing import Literal, TypeAlias

from .clock import Clock
from .errors import NertwinError
from .life import Life

Stage: TypeAlias = Literal["cold", "loading", "ready", "too-big", "failed"]
StatusState: TypeAlias = Literal["Loadable", "Loaded", "TooBig", "error"]

#: Less than this many seconds before its end a load is over. A clock that has waited for the
#: rest of a load may miss the end by a rounding.
GRAIN = 1e-6
_STATUS: dict[Stage, StatusState] = {
    "cold": "Loadable",
    "loading": "Loadable",
    "ready": "Loaded",
    "too-big": "TooBig",
    "failed": "error",
}


class NeverLoads(NertwinError):
    """A model that is too big, or whose load fails, was to be loaded."""


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
        if self._stage == "loading" and not self.life.after_calls and self._left <= GRAIN:
            self._stage = "ready"
        return self._stage

    @property
    def status(self) -> StatusState:
        """The ``state`` that ``/status/{id}`` tells."""
        return _STATUS[self.stage]

    def copy(self) -> ModelState:
        """Another that is where this one is."""
        other = ModelState(self.life, self._clock)
        other._stage, other._since, other._calls = self._stage, self._since, self._calls
        return other

    def hold(self) -> float:
        """Seconds until a call that waits for a loading model is served; 0.0 is now."""
        # Calls stand for time here, and a request that waits lets all of them go by.
        if self.life.after_calls or self._left <= GRAIN:
            self._stage = "ready"
            return 0.0
        return self._left

    def refuse(self) -> float:
        """Count a call that a loading model refuses; the seconds that are announced to it."""
        self._calls += 1
        if self._calls == self.life.after_calls:
            self._stage = "ready"
        estimate = float(self.life.estimated_time)
        if self.life.counts_down:
            estimate = max(0.0, estimate - (self._clock.now - self._since))
        return estimate

    def load(self) -> None:
        """Begin to load a cold model as a call would, without refusing one.

        Raises:
            NeverLoads: It is too big or has failed.
        """
        self._check_loads()
        if self.stage == "cold":
            self._stage = "loading"
            self._since = self._clock.now
            self._calls = 0

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

    def _check_loads(self) -> None:
        if self._stage in ("too-big", "failed"):
            raise NeverLoads(
                f"the model is {self._stage} and never loads; give it a life that starts"
                " cold or ready"
            )
