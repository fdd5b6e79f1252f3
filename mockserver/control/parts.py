"""Parts: what belongs to a session, for clients of the control API."""

from __future__ import annotations

from dataclasses import asdict
from typing import cast

from nertwin.schemas import JSON

from ..authoring import Rule
from ..faults import Fault
from ..life import Life
from .describing import only_given
from .wire import Wire


class ControlledClock:
    """The clock of a session."""

    def __init__(self, wire: Wire, session_path: str) -> None:
        self._wire = wire
        self._path = f"{session_path}/clock"

    @property
    def now(self) -> float:
        """Seconds since the session began."""
        return cast("float", self._wire.ask("GET", self._path)["now"])

    @property
    def kind(self) -> str:
        """What it goes by: ``real``, ``frozen`` or ``scaled:FACTOR``."""
        return cast("str", self._wire.ask("GET", self._path)["kind"])

    def advance(self, seconds: float) -> float:
        """Let seconds go by on a frozen clock, and give the time then."""
        body: dict[str, JSON] = {"seconds": seconds}
        return cast("float", self._wire.ask("POST", f"{self._path}/advance", body=body)["now"])


class ControlledModels:
    """The models of a session, by id."""

    def __init__(self, wire: Wire, session_path: str) -> None:
        self._wire = wire
        self._path = f"{session_path}/models"

    def __getitem__(self, model_id: str) -> ControlledModel:
        return ControlledModel(self._wire, self._path, model_id)

    def states(self) -> dict[str, str]:
        """Where each model that is served is in its life, by id."""
        found = cast("list[dict[str, str]]", self._wire.ask("GET", self._path)["models"])
        return {each["id"]: each["state"] for each in found}


class ControlledModel:
    """A model of a session; each method gives the state it is in then."""

    def __init__(self, wire: Wire, models_path: str, model_id: str) -> None:
        self._wire = wire
        self._path = f"{models_path}/{model_id}"
        self.id = model_id

    def __repr__(self) -> str:
        return f"ControlledModel({self.id!r})"

    @property
    def state(self) -> str:
        """``cold``, ``loading``, ``ready``, ``too-big`` or ``failed``."""
        return cast("str", self._wire.ask("GET", self._path)["state"])

    @property
    def max_length(self) -> int:
        """Tokens in its longest window, special ones counted."""
        return cast("int", self._wire.ask("GET", self._path)["max_length"])

    def evict(self) -> str:
        """Make it cold."""
        return self._change(state="cold")

    def load(self) -> str:
        """Begin to load it, also when it was ready."""
        return self._change(state="loading")

    def warm(self) -> str:
        """Make it ready at once."""
        return self._change(state="ready")

    def set_life(self, life: Life) -> str:
        """Give it another life, which begins anew."""
        return self._change(life=asdict(life))

    def _change(self, **body: JSON) -> str:
        return cast("str", self._wire.ask("PUT", self._path, body=body)["state"])


class ControlledFaults:
    """The planned faults of a session."""

    def __init__(self, wire: Wire, session_path: str) -> None:
        self._wire = wire
        self._path = f"{session_path}/faults"

    def all(self) -> list[dict[str, JSON]]:
        """Each with its ``id``, the ``fault``, the calls it has ``seen`` and its ``hits``."""
        return cast("list[dict[str, JSON]]", self._wire.ask("GET", self._path)["faults"])

    def add(self, fault: Fault) -> int:
        """Plan the fault behind the others, and give its id."""
        return self.post(only_given(fault))[0]

    def add_profile(self, name: str) -> list[int]:
        """Plan the faults of a hard day, as ``flaky``, and give their ids."""
        return self.post({"profile": name})

    def post(self, body: dict[str, JSON]) -> list[int]:
        """Plan what the body describes, and give the ids."""
        return cast("list[int]", self._wire.ask("POST", self._path, body=body)["ids"])

    def remove(self, fault_id: int) -> None:
        """Take the fault out of the plan."""
        self._wire.ask("DELETE", f"{self._path}/{fault_id}")

    def clear(self) -> int:
        """Take out all faults, and give their number; scripts stay."""
        return cast("int", self._wire.ask("DELETE", self._path)["cleared"])


class ControlledRules:
    """What authors want found in a session."""

    def __init__(self, wire: Wire, session_path: str) -> None:
        self._wire = wire
        self._path = f"{session_path}/rules"

    def all(self) -> list[dict[str, JSON]]:
        """Each with its ``id`` and the ``rule``."""
        return cast("list[dict[str, JSON]]", self._wire.ask("GET", self._path)["rules"])

    def add(self, rule: Rule) -> int:
        """Add the rule, and give its id."""
        return cast("int", self.post(rule)["id"])

    def post(self, rule: Rule, *, utf16: bool = False) -> dict[str, JSON]:
        """Add the rule, and give its ``id``, ``model``, ``text`` and ``answers``."""
        query = {"utf16": "true"} if utf16 else {}
        return self._wire.ask("POST", self._path, query=query, body=only_given(rule))

    def remove(self, rule_id: int) -> None:
        """Take the rule out."""
        self._wire.ask("DELETE", f"{self._path}/{rule_id}")

    def clear(self) -> int:
        """Take out all rules, those of the settings too, and give their number."""
        return cast("int", self._wire.ask("DELETE", self._path)["cleared"])
