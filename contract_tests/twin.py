"""Twin: a session of a stand-in that belongs to one test."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from nertwin.mockserver import Control, ControlError, Expected, Life, Settings
from nertwin.mockserver.control.client import ControlledSession
from nertwin.mockserver.control.parts import ControlledClock
from nertwin.mockserver.exchange import Exchange
from nertwin.mockserver.life import BadLife
from nertwin.mockserver.memory import Memory
from nertwin.mockserver.profiles import PROFILES
from nertwin.schemas import JSON

from .beginning import begin, known_settings
from .calls import WantedCall, account, difference, surprises_in
from .marking import Setup
from .mistakes import AtTheCallersLine

if TYPE_CHECKING:
    from .manners.grade import Grade
    from .manners.seen import Visit

# What a journal goes on changing in its last exchange.
_OF_REPEATS: dict[str, JSON] = {"repeats": 0, "last_time": 0, "last_real_time": 0}
_REFUSED = 400  # The least status of a call that is not answered.


class Twin:
    """A stand-in with nothing of other tests in it: their calls, models, faults and time."""

    __test__ = False  # pytest collects classes by their name.

    def __init__(
        self,
        control: Control,
        id_: str,
        setup: Setup,
        *,
        settings: Settings | None = None,
        memory: Memory | None = None,
    ) -> None:
        """Begin the session, or leave that to the first call where memory tells of it."""
        self._control = control
        self._memory = memory
        self._session: ControlledSession | None = None
        self.id = id_  #: Value of the header ``x-nertwin-session``.
        if memory is None or settings is None or setup.session or memory.peek(id_) != ():
            self._session = begin(control, id_, dict(setup.session))
        # Those of the server are asked for where nobody knows them: each request costs time.
        known = self.session.settings if settings is None else known_settings(settings, setup)
        self._profile = PROFILES[str(known["profile"])]
        self._is_strict = setup.strict
        self._kept: list[dict[str, JSON]] = []  # Of the journal, up to the last look.
        self._peeked: tuple[Exchange, ...] = ()  # The same, where it is read from memory.
        self._is_closed = False
        self._is_driven = False
        self._breaks: list[int] = []
        self.url = f"{control.url}/s/{id_}"  #: Of the stand-in, for this test; no slash at its end.
        self.default_model = str(known["default_model"])  #: Whose calls ``/`` answers.
        #: A bearer token that brings a call into this session whatever URL it is sent to.
        self.token = setup.token or f"hf_nertwin_{self.id}"
        self._plan(setup)

    def __repr__(self) -> str:
        return f"Twin({self.url!r})"

    @property
    def session(self) -> ControlledSession:
        """All that the control API can do with it."""
        if self._session is None:
            self._session = self._control.session(self.id)
        return self._session

    @property
    def clock(self) -> ControlledClock:
        """The session's time."""
        return self.session.clock

    @property
    def hub_url(self) -> str:
        """What ``HF_ENDPOINT`` should be, so that look-ups are answered too."""
        return self.url

    def model_url(self, model_id: str | None = None) -> str:
        """Where calls of that model go, or of the default one."""
        routes = self._profile.routes
        paths = [path for path in routes if "{model:path}" in path and "POST" in routes[path]]
        if paths:  # The shortest is the one that the hosted API's page has.
            path = min(paths, key=len)
            return self.url + path.replace("{model:path}", model_id or self.default_model)
        if model_id not in (None, self.default_model):
            raise ValueError(
                f"the profile {self._profile.name} serves one model, {self.default_model}, and not"
                f" {model_id}; mark the test with default_model={model_id!r}"
            )
        return f"{self.url}/"

    def say(self, markup: str, model: str = "", *, utf16: bool = False) -> Expected:
        """Have a text answered as ``[Ada](PER) met [Bob](PER:0.97)`` says.

        Gives the text and its answers, by strategy. With ``utf16`` their offsets count as those
        of strings in JavaScript do.
        """
        __tracebackhide__ = True
        with AtTheCallersLine():
            return self.session.say(markup, model, utf16=utf16)

    def cold(
        self,
        model: str | None = None,
        *,
        after_calls: int = 0,
        after_seconds: float = 0.0,
        estimated_time: float = 20.0,
    ) -> None:
        """Make the model cold until so many calls are refused, or its load has taken so long.

        With neither, the call that finds it cold is refused and the next one is answered.
        """
        __tracebackhide__ = True
        with AtTheCallersLine():
            life = Life(
                starts="cold",
                after_calls=after_calls,
                after_seconds=after_seconds,
                estimated_time=estimated_time,
            )
            self._set_life(model or self.default_model, life)

    def fail_next(self, kind: int | str, *, times: int = 1, **fields: JSON) -> None:
        """Hurt the next calls: a status, or another kind of fault, as ``truncated``.

        ``fields`` are those of a Fault, as ``retry_after=2``.
        """
        __tracebackhide__ = True
        with AtTheCallersLine():
            self.session.faults.post({"kind": str(kind), "times": times, **fields})

    def script(self, *steps: int | str, model: str = "") -> None:
        """Answer the next calls step by step: ``"503", "503; retry_after=2", "200"``."""
        __tracebackhide__ = True
        with AtTheCallersLine():
            self.session.script(*map(str, steps), model=model)

    @property
    def journal(self) -> list[dict[str, JSON]]:
        """What came and what was answered, the oldest first."""
        if not self._is_closed:
            return self.session.journal()
        return self._kept or [exchange.to_json() for exchange in self._peeked]

    def assert_called(
        self,
        *,
        times: int | None = None,
        model: str | None = None,
        inputs: str | Sequence[str] | None = None,
        status: int | None = None,
    ) -> None:
        """Demand ``times`` calls that are like that, or at least one.

        Raises:
            AssertionError: It was another number; the message says what came near.
        """
        __tracebackhide__ = True
        wanted = WantedCall(model=model, inputs=inputs, status=status)
        problem = difference(self.journal, wanted, times)
        if problem:
            raise AssertionError(f"nertwin: {problem}")

    def assert_not_called(
        self, *, model: str | None = None, inputs: str | Sequence[str] | None = None
    ) -> None:
        """Demand that no call was like that, or none came at all.

        Raises:
            AssertionError: There was one.
        """
        __tracebackhide__ = True
        self.assert_called(times=0, model=model, inputs=inputs)

    def assert_polite(
        self, *, select: str | Sequence[str] = (), ignore: str | Sequence[str] = ()
    ) -> None:
        """Demand that the code under test keeps the clauses of clients.

        ``select`` and ``ignore`` are globs of clauses. A clause that is selected by its whole
        name must have been tried, and it must be possible to tell.

        Raises:
            AssertionError: It broke one; the message names the exchanges that show it.
        """
        __tracebackhide__ = True
        from .manners.grade import impoliteness  # Most tests judge nobody.

        named = [select] if isinstance(select, str) else select
        found = self.grade(select=named, ignore=[ignore] if isinstance(ignore, str) else ignore)
        if problem := impoliteness(found, named):
            raise AssertionError(f"nertwin: {problem}")

    def grade(self, *, select: Sequence[str] = (), ignore: Sequence[str] = ()) -> Grade:
        """How the code under test stands with each clause of clients."""
        from .manners.grade import grade

        return grade(self.visits()[0], select=select, ignore=ignore)

    def again(self) -> None:
        """Say that what comes from now on is no retry: the test itself calls once more."""
        self._breaks.append(_number(self.journal[-1]) if self.journal else 0)

    def drive(self) -> None:
        """Say that sleeping advances the session's clock, so that it tells who has waited."""
        self._is_driven = True

    def visits(self) -> list[Visit]:
        """What the code under test was seen to do."""
        from .manners.report import visit_of

        return [visit_of(self.session, breaks=self._breaks, is_driven=self._is_driven)]

    def surprises(self) -> str:
        """What came since the last look that no test wants, or nothing; see the marker's strict."""
        came = self._read_on()
        return surprises_in(came) if self._is_strict else ""

    def account(self) -> str:
        """What happened, for the report of a test that fails."""
        if self._is_closed:
            return account(self.journal, ())
        try:
            return account(self.session.journal(), self.session.findings())
        except ControlError as error:
            return f"the journal can't be read: {error}"

    def close(self) -> None:
        """Remove the session; what was last seen of the journal is kept."""
        self._is_closed = True
        if self._memory is not None:
            self._memory.forget(self.id)
        else:
            self.session.close()

    def _read_on(self) -> list[dict[str, JSON]]:
        """The exchanges since the last look that somebody may be surprised by."""
        peeked = None if self._memory is None or self._kept else self._memory.peek(self.id)
        if peeked is not None:
            known = self._peeked[-1] if self._peeked else None
            # Else the journal has been cleared, and its numbers began anew.
            is_known = known is not None and any(_is_one(known, each) for each in peeked)
            last = known.number if known is not None and is_known else 0
            self._peeked = peeked
            # Nobody is surprised by an answer, and to tell of it as JSON would take a while.
            new = [each for each in peeked if each.number > last]
            return [each.to_json() for each in new if each.status >= _REFUSED]
        seen = _number(self._kept[-1]) if self._kept else 0
        # The last one is asked for again: others that equal it may stand behind it now.
        page = self.session.journal(after=max(0, seen - 1))
        if seen and not (page and _is_same(page[0], self._kept[-1])):  # It has been cleared.
            seen, self._kept, page = 0, [], self.session.journal()
        self._kept = self._kept[:-1] + page
        return [exchange for exchange in page if _number(exchange) > seen]

    def _plan(self, setup: Setup) -> None:
        for rule in setup.rules:
            self.session.rules.add(rule)
        for fault in setup.faults:
            self.session.faults.add(fault)
        if setup.fault_profile:
            self.session.faults.add_profile(setup.fault_profile)
        if setup.script:
            self.session.script(*setup.script)
        for model_id, life in setup.lives.items():
            self._set_life(model_id, life)

    def _set_life(self, model_id: str, life: Life) -> None:
        if self._profile.serverless is None:
            raise BadLife(
                f"models don't load on demand in the profile {self._profile.name}; mark the test"
                " with profile='classic', or say script('503', '200')"
            )
        self.session.models[model_id].set_life(life)


def _is_one(one: Exchange, other: Exchange) -> bool:
    """The same of exchanges in memory."""
    if one is other:
        return True
    return one.number == other.number and (
        one._replace(repeats=0, last_time=0.0, last_real_time=0.0)
        == other._replace(repeats=0, last_time=0.0, last_real_time=0.0)
    )


def _is_same(one: dict[str, JSON], other: dict[str, JSON]) -> bool:
    """Whether they are one exchange, of which more may have been folded meanwhile."""
    return {**one, **_OF_REPEATS} == {**other, **_OF_REPEATS}


def _number(exchange: dict[str, JSON]) -> int:
    return cast("int", exchange["number"])
