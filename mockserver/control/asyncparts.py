"""Async parts: those of :mod:`.parts` for coroutines."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Awaitable

from nertwin.schemas import JSON

from ..authoring import Rule
from ..faults import Fault
from ..life import Life
from .parts import (
    ControlledClock,
    ControlledFaults,
    ControlledModel,
    ControlledModels,
    ControlledRules,
)


class AsyncControlledClock:
    """The clock of a session."""

    def __init__(self, clock: ControlledClock) -> None:
        self._clock = clock

    @property
    def now(self) -> Awaitable[float]:
        """As :attr:`ControlledClock.now`."""
        return to_thread(lambda: self._clock.now)

    @property
    def kind(self) -> Awaitable[str]:
        """As :attr:`ControlledClock.kind`."""
        return to_thread(lambda: self._clock.kind)

    async def advance(self, seconds: float) -> float:
        """As :meth:`ControlledClock.advance`."""
        return await to_thread(self._clock.advance, seconds)


class AsyncControlledModels:
    """The models of a session, by id."""

    def __init__(self, models: ControlledModels) -> None:
        self._models = models

    def __getitem__(self, model_id: str) -> AsyncControlledModel:
        return AsyncControlledModel(self._models[model_id])

    async def states(self) -> dict[str, str]:
        """As :meth:`ControlledModels.states`."""
        return await to_thread(self._models.states)


class AsyncControlledModel:
    """A model of a session; each method gives the state it is in then."""

    def __init__(self, model: ControlledModel) -> None:
        self._model = model
        self.id = model.id

    def __repr__(self) -> str:
        return f"AsyncControlledModel({self.id!r})"

    @property
    def state(self) -> Awaitable[str]:
        """As :attr:`ControlledModel.state`."""
        return to_thread(lambda: self._model.state)

    @property
    def max_length(self) -> Awaitable[int]:
        """As :attr:`ControlledModel.max_length`."""
        return to_thread(lambda: self._model.max_length)

    async def evict(self) -> str:
        """As :meth:`ControlledModel.evict`."""
        return await to_thread(self._model.evict)

    async def load(self) -> str:
        """As :meth:`ControlledModel.load`."""
        return await to_thread(self._model.load)

    async def warm(self) -> str:
        """As :meth:`ControlledModel.warm`."""
        return await to_thread(self._model.warm)

    async def set_life(self, life: Life) -> str:
        """As :meth:`ControlledModel.set_life`."""
        return await to_thread(self._model.set_life, life)


class AsyncControlledFaults:
    """The planned faults of a session."""

    def __init__(self, faults: ControlledFaults) -> None:
        self._faults = faults

    async def all(self) -> list[dict[str, JSON]]:
        """As :meth:`ControlledFaults.all`."""
        return await to_thread(self._faults.all)

    async def add(self, fault: Fault) -> int:
        """As :meth:`ControlledFaults.add`."""
        return await to_thread(self._faults.add, fault)

    async def add_profile(self, name: str) -> list[int]:
        """As :meth:`ControlledFaults.add_profile`."""
        return await to_thread(self._faults.add_profile, name)

    async def post(self, body: dict[str, JSON]) -> list[int]:
        """As :meth:`ControlledFaults.post`."""
        return await to_thread(self._faults.post, body)

    async def remove(self, fault_id: int) -> None:
        """As :meth:`ControlledFaults.remove`."""
        await to_thread(self._faults.remove, fault_id)

    async def clear(self) -> int:
        """As :meth:`ControlledFaults.clear`."""
        return await to_thread(self._faults.clear)


class AsyncControlledRules:
    """What authors want found in a session."""

    def __init__(self, rules: ControlledRules) -> None:
        self._rules = rules

    async def all(self) -> list[dict[str, JSON]]:
        """As :meth:`ControlledRules.all`."""
        return await to_thread(self._rules.all)

    async def add(self, rule: Rule) -> int:
        """As :meth:`ControlledRules.add`."""
        return await to_thread(self._rules.add, rule)

    async def post(self, rule: Rule, *, utf16: bool = False) -> dict[str, JSON]:
        """As :meth:`ControlledRules.post`."""
        return await to_thread(self._rules.post, rule, utf16=utf16)

    async def remove(self, rule_id: int) -> None:
        """As :meth:`ControlledRules.remove`."""
        await to_thread(self._rules.remove, rule_id)

    async def clear(self) -> int:
        """As :meth:`ControlledRules.clear`."""
        return await to_thread(self._rules.clear)
