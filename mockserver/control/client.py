"""Client: the control API for Python programs; :mod:`.asyncclient` has it for coroutines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from types import TracebackType
from typing import cast

from nertwin.schemas import JSON

from ..life import Life
from ..verification import Verdict, Wanted
from .wire import ControlError, Wire

_CONFLICT = 409
_ANYTHING = Wanted()


class Control:
    """The control API of the stand-in at ``url``. May be shared by threads."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self._wire = Wire(url, token)

    def __repr__(self) -> str:
        return f"Control({self.url!r})"

    def __enter__(self) -> Control:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def url(self) -> str:
        """The stand-in's address, without a slash at the end."""
        return self._wire.url

    def health(self) -> dict[str, JSON]:
        """What the server says of itself: ``status``, ``nertwin`` (its version), ``workers``."""
        return self._wire.ask("GET", "health")

    def sessions(self) -> list[str]:
        """The ids of the sessions that are there."""
        found = cast("list[dict[str, str]]", self._wire.ask("GET", "sessions")["sessions"])
        return [each["id"] for each in found]

    def session(
        self, session_id: str | None = None, *, settings: Mapping[str, JSON] | None = None
    ) -> ControlledSession:
        """The session of that id, made if it isn't there; without an id a fresh one.

        Raises:
            ControlError: A setting is wrong, or ``settings`` are given for one that is there.
        """
        wanted: dict[str, JSON] = {"id": session_id, "settings": {**(settings or {})}}
        try:
            made = self._wire.ask("POST", "sessions", body=wanted)
        except ControlError as error:
            if error.status != _CONFLICT or session_id is None or settings is not None:
                raise
            # Several processes may mean the same session, so it is not asked for before.
            made = self._wire.ask("GET", f"sessions/{session_id}")
        return ControlledSession(self._wire, cast("str", made["id"]))

    def close(self) -> None:
        """Close the connections; sessions stay as they are."""
        self._wire.close()


class ControlledSession:
    """A session of a stand-in; leaving its ``with`` block removes it."""

    def __init__(self, wire: Wire, session_id: str) -> None:
        self._wire = wire
        self._path = f"sessions/{session_id}"
        self.id = session_id
        #: Where a client is sent so that its calls are of this session.
        self.url = f"{wire.url}/s/{session_id}"
        self.clock = ControlledClock(wire, self._path)
        self.models = ControlledModels(wire, self._path)

    def __repr__(self) -> str:
        return f"ControlledSession({self.url!r})"

    def __enter__(self) -> ControlledSession:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def settings(self) -> dict[str, JSON]:
        """The settings it has; of a token only that there is one."""
        return cast("dict[str, JSON]", self._wire.ask("GET", self._path)["settings"])

    def change(self, **settings: JSON) -> dict[str, JSON]:
        """Change settings, and give what they are then."""
        changed = self._wire.ask("PATCH", self._path, body={"settings": settings})
        return cast("dict[str, JSON]", changed["settings"])

    def reset(self, *what: str) -> dict[str, int]:
        """Clear what is named (journal, findings, models, cache, quota, settings), or all.

        Gives how much each had.
        """
        body: dict[str, JSON] = {"what": [*(what or ("everything",))]}
        cleared = self._wire.ask("POST", f"{self._path}/reset", body=body)["cleared"]
        return cast("dict[str, int]", cleared)

    def clear_cache(self, model: str | None = None) -> int:
        """Forget the kept answers of one model, or all, and give their number."""
        query = {} if model is None else {"model": model}
        return cast("int", self._wire.ask("DELETE", f"{self._path}/cache", query=query)["cleared"])

    def quota(self) -> dict[str, JSON]:
        """The plan, the number of keys that have made calls, and what is left without a token."""
        return self._wire.ask("GET", f"{self._path}/quota")

    def journal(
        self, wanted: Wanted = _ANYTHING, *, after: int = 0, limit: int = 1000
    ) -> list[dict[str, JSON]]:
        """The exchanges that are like that and whose number is above ``after``."""
        query: dict[str, str | int] = {**_given(wanted), "after": after, "limit": limit}
        page = self._wire.ask("GET", f"{self._path}/journal", query=query)
        return cast("list[dict[str, JSON]]", page["exchanges"])

    def findings(self) -> list[dict[str, JSON]]:
        """What its clients do wrong: ``id``, ``place``, ``message``, ``count`` and where."""
        found = self._wire.ask("GET", f"{self._path}/findings")["findings"]
        return cast("list[dict[str, JSON]]", found)

    def har(self) -> dict[str, JSON]:
        """The journal as an HTTP Archive 1.2."""
        return self._wire.ask("GET", f"{self._path}/journal.har")

    def verify(self, wanted: Wanted = _ANYTHING, *, count: int | None = None) -> Verdict:
        """Whether exactly ``count`` exchanges were like that; None is at least one."""
        body: dict[str, JSON] = {"wanted": {**_given(wanted)}, "count": count}
        return _verdict(self._wire.ask("POST", f"{self._path}/journal/verify", body=body))

    def verify_order(self, wanted: Sequence[Wanted]) -> Verdict:
        """Whether exchanges like these came one after the other."""
        body: dict[str, JSON] = {"order": [{**_given(each)} for each in wanted]}
        return _verdict(self._wire.ask("POST", f"{self._path}/journal/verify", body=body))

    def wait_for(
        self, wanted: Wanted = _ANYTHING, *, count: int = 1, timeout: float = 5.0
    ) -> Verdict:
        """Whether ``count`` exchanges were like that within ``timeout`` real seconds."""
        body: dict[str, JSON] = {
            "wanted": {**_given(wanted)},
            "count": count,
            "timeout": timeout,
        }
        path = f"{self._path}/journal/wait"
        return _verdict(self._wire.ask("POST", path, body=body, seconds=timeout))

    def close(self) -> None:
        """Remove the session; a call to it begins a new one."""
        self._wire.ask("DELETE", self._path)


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


def _given(wanted: Wanted) -> dict[str, str | int]:
    return {key: value for key, value in asdict(wanted).items() if value is not None}


def _verdict(answer: Mapping[str, JSON]) -> Verdict:
    return Verdict(holds=answer["holds"] is True, difference=str(answer["difference"]))
