"""Fault plan: which calls of a session are hurt, and how."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple

from .errors import quote
from .exchange import Body
from .faultheader import parse_faults
from .faults import SIDE_KINDS, BadFault, Fault

NORMAL = "200"  #: The step of a script that is no fault.
_MOST_FAULTS = 1000
_MOST_STEPS = 1000
_MOST_SCRIPTS = 100


class TooManyFaults(BadFault):
    """A plan holds as many faults, or a script as many steps, as it may."""


class Planned(NamedTuple):
    """A fault of a plan with what has come of it so far."""

    id: int
    fault: Fault
    seen: int = 0  #: Calls that its model and text matched.
    hits: int = 0  #: Calls that it hurt.


class _Choice(NamedTuple):
    """What a call gets, and the plan after it."""

    faults: tuple[Fault, ...]
    planned: tuple[Planned, ...]
    script: str | None  #: The model of the script that loses its first step.


class FaultPlan:
    """The faults of one session, for one thread. Equal plans hurt equal calls in a row alike."""

    __slots__ = ("_last_id", "_planned", "_scripts")

    def __init__(self) -> None:
        self._planned: dict[int, Planned] = {}
        self._scripts: dict[str, tuple[str, ...]] = {}
        self._last_id = 0

    def __bool__(self) -> bool:
        return bool(self._planned or self._scripts)

    def __len__(self) -> int:
        return len(self._planned)

    def __iter__(self) -> Iterator[Planned]:
        return iter(tuple(self._planned.values()))

    @property
    def scripts(self) -> Mapping[str, tuple[str, ...]]:
        """The steps that each script still has, by its model; that of any model has ""."""
        return MappingProxyType(self._scripts)

    def add(self, fault: Fault) -> int:
        """Put the fault behind the others; the number is its id.

        Raises:
            TooManyFaults: There are a thousand.
        """
        return self.extend([fault])[0]

    def extend(self, faults: Sequence[Fault]) -> list[int]:
        """Put all these faults behind the others, or none; the numbers are their ids.

        Raises:
            TooManyFaults: There would be more than a thousand.
        """
        if len(self._planned) + len(faults) > _MOST_FAULTS:
            raise TooManyFaults(
                f"the plan has {len(self._planned)} faults and may have {_MOST_FAULTS}; remove"
                " some, or let one fault hurt several calls with times"
            )
        ids = [*range(self._last_id + 1, self._last_id + 1 + len(faults))]
        for fault_id, fault in zip(ids, faults, strict=True):
            self._planned[fault_id] = Planned(id=fault_id, fault=fault)
        self._last_id += len(faults)
        return ids

    def remove(self, fault_id: int) -> Planned:
        """Take a fault out of the plan.

        Raises:
            BadFault: It is not there.
        """
        if fault_id not in self._planned:
            there = ", ".join(map(str, list(self._planned)[:20])) or "none"
            raise BadFault(f"the plan has no fault {quote(fault_id)}; it has {there}")
        return self._planned.pop(fault_id)

    def clear(self) -> None:
        """Take out all faults and scripts."""
        self._planned.clear()
        self._scripts.clear()

    def set_script(self, steps: Sequence[str], model: str = "") -> None:
        """Answer the next calls of ``model``, or of any, one after the other as the steps say.

        A step is ``200`` for the normal answer, or faults as a header has them:
        ``["503", "503; estimated_time=7.5", "200"]``. After the last one calls are normal
        again. It takes the place of the model's former script; no steps end that.

        Raises:
            BadFault: A step is none.
            TooManyFaults: There are more than a thousand, or scripts for a hundred models.
        """
        if isinstance(steps, str):
            raise BadFault(f"the script is {quote(steps)}; it must be a list, as ['503', '200']")
        if len(steps) > _MOST_STEPS:
            raise TooManyFaults(f"the script has {len(steps)} steps; it may have {_MOST_STEPS}")
        for step in steps:
            _read_step(step)
        self._scripts.pop(model, None)
        if len(self._scripts) >= _MOST_SCRIPTS:
            raise TooManyFaults(f"there are scripts for {_MOST_SCRIPTS} models already; clear some")
        if steps:
            self._scripts[model] = tuple(steps)

    def steps_left(self, model: str = "") -> int:
        """How many steps the model's script still has."""
        return len(self._scripts.get(model, ()))

    def take(self, model: str, body: bytes) -> tuple[Fault, ...]:
        """The faults that hurt this call, which counts from then on.

        A script's step comes first, then the others in the order they were added. Of several
        that change the answer the first one wins; what loses has seen the call, no more.
        """
        if not self:
            return ()
        choice = self._choose(model, body)
        if choice.script is not None:
            self._scripts[choice.script] = self._scripts[choice.script][1:]
            if not self._scripts[choice.script]:
                del self._scripts[choice.script]
        self._planned.update({planned.id: planned for planned in choice.planned})
        return choice.faults

    def look(self, model: str, body: bytes) -> tuple[Fault, ...]:
        """The faults that would hurt this call now; nothing counts."""
        return self._choose(model, body).faults if self else ()

    def _choose(self, model: str, body: bytes) -> _Choice:
        script = next((name for name in (model, "") if name in self._scripts), None)
        step = () if script is None else _read_step(self._scripts[script][0])
        faults = _first_of_each(step)
        # A step that is the normal answer keeps the others from changing it.
        is_decided = script is not None
        counted: list[Planned] = []
        sent = Body(body, len(body))
        for planned in self._planned.values():
            fault = planned.fault
            if fault.model not in ("", model) or not (not fault.text or sent.holds(fault.text)):
                continue
            seen = planned._replace(seen=planned.seen + 1)
            is_over = bool(fault.times) and planned.hits >= fault.times
            loses = is_decided and fault.kind not in SIDE_KINDS
            if not is_over and not loses and fault.falls_on(seen.seen):
                seen = seen._replace(hits=seen.hits + 1)
                faults.append(_drawn(fault, seen.seen))
                is_decided = is_decided or fault.kind not in SIDE_KINDS
            counted.append(seen)
        return _Choice(tuple(faults), tuple(counted), script)


def _read_step(step: str) -> tuple[Fault, ...]:
    return () if step == NORMAL else parse_faults(step)


def _first_of_each(faults: Sequence[Fault]) -> list[Fault]:
    """The faults without those that lose against an earlier one."""
    changing = [fault for fault in faults if fault.kind not in SIDE_KINDS]
    return [fault for fault in faults if fault.kind in SIDE_KINDS or fault is changing[0]]


def _drawn(fault: Fault, number: int) -> Fault:
    """The fault with the delay of that call in place of its distribution."""
    if not fault.sigma:
        return fault
    return replace(fault, seconds=fault.delay(number), sigma=0.0)
