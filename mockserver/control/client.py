"""Client: the control API for Python programs; :mod:`.asyncclient` has it for coroutines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from types import TracebackType
from typing import cast

from nertwin.schemas import JSON

from ..aggregation import Strategy
from ..authoring import Rule
from ..expected import Answer, Expected
from ..faults import Kind
from ..verification import Verdict, Wanted
from .parts import ControlledClock, ControlledFaults, ControlledModels, ControlledRules
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
        self.faults = ControlledFaults(wire, self._path)
        self.rules = ControlledRules(wire, self._path)

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
        """Clear what is named, or everything but the clock; gives how much each had.

        There are journal, findings, models, cache, quota, faults, rules and settings; the last
        three become those that the server gives a new session.
        """
        body: dict[str, JSON] = {"what": [*(what or ("everything",))]}
        cleared = self._wire.ask("POST", f"{self._path}/reset", body=body)["cleared"]
        return cast("dict[str, int]", cleared)

    def fail_next(self, kind: Kind, *, times: int = 1, **fields: JSON) -> int:
        """Hurt the next calls, after the faults there are; ``fields`` are those of a Fault.

        Gives the fault's id.
        """
        return self.faults.post({"kind": kind, "times": times, **fields})[0]

    def script(self, *steps: str, model: str = "") -> None:
        """Answer the next calls of the model, or of any, step by step; no steps end that.

        A step is ``200`` for the normal answer, or a fault: ``503``, ``503; retry_after=2``.
        """
        body: dict[str, JSON] = {"steps": [*steps], "model": model}
        self._wire.ask("PUT", f"{self._path}/script", body=body)

    def scripts(self) -> dict[str, list[str]]:
        """The steps that are left of each script, by model; that of any model has ""."""
        found = cast(
            "list[dict[str, JSON]]", self._wire.ask("GET", f"{self._path}/script")["scripts"]
        )
        return {cast("str", each["model"]): cast("list[str]", each["steps"]) for each in found}

    def say(self, markup: str, model: str = "", *, utf16: bool = False) -> Expected:
        """Have a text answered as its markup says, ``[Ada](PER) met [Bob](PER:0.97)``.

        Gives the text and its answers, of the default model where none is named. With
        ``utf16`` their offsets count UTF-16 code units.
        """
        said = self.rules.post(Rule(say=markup, model=model), utf16=utf16)
        answers = cast("Mapping[Strategy, Answer]", said["answers"])
        return Expected(cast("str", said["text"]), answers)

    def explain(
        self,
        inputs: JSON,
        model: str | None = None,
        *,
        parameters: Mapping[str, JSON] | None = None,
        options: Mapping[str, JSON] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, JSON]:
        """What each gate would do with a call and why; nothing is done.

        Gives the ``gate`` that would decide, the ``status``, all ``gates``, ``explanations``
        of the texts, and whether each of the ``settings`` is the session's or the server's.
        """
        body: dict[str, JSON] = {
            "inputs": inputs,
            "model": model,
            "parameters": None if parameters is None else {**parameters},
            "options": None if options is None else {**options},
            "headers": {**(headers or {})},
        }
        return self._wire.ask("POST", f"{self._path}/explain", body=body)

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


def _given(wanted: Wanted) -> dict[str, str | int]:
    return {key: value for key, value in asdict(wanted).items() if value is not None}


def _verdict(answer: Mapping[str, JSON]) -> Verdict:
    return Verdict(holds=answer["holds"] is True, difference=str(answer["difference"]))
