"""Session: all state of one test."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, ParamSpec, TypeVar
from zlib import crc32

from .bell import Bell
from .budget import Budget
from .cache import AnswerCache
from .clock import Clock, parse_clock
from .endpoint import Endpoint
from .exchange import Exchange
from .findings import Findings
from .journal import Journal
from .life import Life
from .models import ModelCard
from .modelstate import ModelState
from .quota import Quotas
from .retries import RetryWatch
from .rulebook import Rulebook
from .sessionclock import SessionClock
from .settings import Settings

if TYPE_CHECKING:
    from .breaches import Memory
    from .faultplan import FaultPlan
    from .verification import Verdict, Wanted

_Asked = ParamSpec("_Asked")
_Result = TypeVar("_Result")

DEFAULT_SESSION = "default"
# With `any_model` a client may name new models for ever.
_MOST_MODELS = 1000
# What a session takes that has its cache and its journal, and a model's state in it.
_OVERHEAD = 4096
_MODEL_OVERHEAD = 512


class Session:
    """The state of one test: its clock and settings, its models' lives, its cache and journal."""

    __slots__ = (
        "_budget",
        "_cache",
        "_faults",
        "_first_note",
        "_journal",
        "_lives",
        "_monotonic",
        "_quotas",
        "_states",
        "bell",
        "clock",
        "endpoint",
        "findings",
        "id",
        "in_flight",
        "memories",
        "requests",
        "retries",
        "rules",
        "salt",
        "used",
    )

    def __init__(
        self,
        session_id: str,
        endpoint: Endpoint,
        *,
        budget: Budget | None = None,
        rules: Rulebook | None = None,
        first_note: str = "",
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.id = session_id
        self.endpoint = endpoint  #: How its calls are read and answered.
        self._monotonic = monotonic  # The machine's clock, or what stands for it.
        self.clock = self._new_clock()
        #: What authors want found; who changes it clears the cache.
        self.rules = Rulebook(endpoint.settings.rules) if rules is None else rules
        self.bell = Bell()  #: Rung where what calls wait for is changed from outside.
        self.memories: dict[str, Memory] = {}  #: What the breach of each clause remembers.
        self.in_flight = 0  #: Requests that are being answered.
        self.requests = 0  #: Requests that have come.
        #: What makes the ids of its requests other than those of another session.
        self.salt = 0 if session_id == DEFAULT_SESSION else crc32(session_id.encode()) << 32
        self.used = 0.0  #: When it was last found, on the machine's clock.
        self._budget = Budget() if budget is None else budget
        self._budget.add(_OVERHEAD)
        self.findings = Findings(self._budget)  #: What clients do wrong.
        self.retries = RetryWatch(budget=self._budget)
        self._first_note = first_note
        self._lives: dict[str, Life] = {}
        self._states: OrderedDict[str, ModelState] = OrderedDict()
        self._cache: AnswerCache | None = None
        self._journal: Journal | None = None
        self._quotas: Quotas | None = None
        self._faults: FaultPlan | None = None

    @property
    def settings(self) -> Settings:
        """The server's settings with what has been changed for this session."""
        return self.endpoint.settings

    @property
    def cache(self) -> AnswerCache:
        """The answers that this session has computed; made when first asked for."""
        if self._cache is None:
            ttl = self.settings.cache_ttl
            self._cache = self._new_cache(math.inf if ttl is None else ttl)
        return self._cache

    @property
    def journal(self) -> Journal:
        """What the session was asked; its first note may tell of one that was forgotten."""
        if self._journal is None:
            self._journal = Journal(self.clock, budget=self._budget, monotonic=self._monotonic)
            if self._first_note:
                self._journal.note(self._first_note)
        return self._journal

    @property
    def exchanges(self) -> tuple[Exchange, ...] | None:
        """What the journal holds, for other threads; None while a request is not in it yet."""
        journal = self._journal
        if journal is None:
            return None if self.requests else ()
        kept = journal.settled
        return kept if journal.total == self.requests else None

    @property
    def quotas(self) -> Quotas | None:
        """How many calls may still be made; None where there is no limit."""
        plan = self.settings.quota
        if plan is None:
            return None
        if self._quotas is None:
            self._quotas = Quotas(self.clock, plan)
        return self._quotas

    @property
    def faults(self) -> FaultPlan:
        """Which of its calls are hurt; begins as the settings have it."""
        if self._faults is None:
            self._faults = _first_plan(self.settings)
        return self._faults

    @property
    def may_be_hurt(self) -> bool:
        """Whether there is any fault to come."""
        if self._faults is None and not _has_faults(self.settings):
            return False
        return bool(self.faults)

    @property
    def bytes_held(self) -> int:
        """What the session takes with all that is in it, by a cautious estimate."""
        return self._budget.held

    def shed(self, share: float) -> bool:
        """Drop half of a journal that takes more than half of that many bytes, and say whether."""
        journal = self._journal
        if journal is None or not len(journal) or journal.bytes_held <= share / 2:
            return False
        journal.note(f"exchanges dropped to save memory, of all sessions: {journal.shed()}")
        return True

    def detach(self) -> None:
        """Count for no total any more; whoever still uses the session may go on."""
        self._budget.detach()

    async def aside(
        self,
        work: Callable[_Asked, Awaitable[_Result]],
        *args: _Asked.args,
        **kwargs: _Asked.kwargs,
    ) -> _Result:
        """What work gives that takes a while, during which others may change the session."""
        return await work(*args, **kwargs)

    async def wait_for_count(self, wanted: Wanted, count: int, *, longest: float) -> Verdict:
        """The verdict of :func:`~.verification.wait_for_count` on the journal."""
        from .verification import wait_for_count  # Most servers are never asked.

        return await wait_for_count(self.journal, wanted, count, longest=longest)

    def life(self, card: ModelCard) -> Life:
        """The life that the model has in this session."""
        return self._lives.get(card.id, card.life) if self._lives else card.life

    def state(self, model_id: str, life: Life) -> ModelState:
        """Where the model is in its ``life``, which begins when it is first asked for."""
        found = self._states.get(model_id)
        if found is None:
            found = self._states[model_id] = ModelState(life, self.clock)
            if len(self._states) > _MOST_MODELS:
                self._states.popitem(last=False)
            else:
                self._budget.add(_MODEL_OVERHEAD)
        else:
            self._states.move_to_end(model_id)
        return found

    def state_of(self, card: ModelCard) -> ModelState:
        """Where the model of that card is in its life here."""
        return self.state(card.id, self.life(card))

    def states(self) -> dict[str, ModelState]:
        """The models that have been asked for, by id, and where they are."""
        return dict(self._states)

    def set_life(self, model_id: str, life: Life) -> None:
        """Give the model another life, which begins anew."""
        self._lives[model_id] = life
        if self._states.pop(model_id, None) is not None:
            self._budget.add(-_MODEL_OVERHEAD)
        self.bell.ring()

    def begin(self, settings: Settings) -> None:
        """Take other settings before the first call, and begin the time by them."""
        self.change(settings)
        self.clock = self._new_clock()

    def change(self, settings: Settings) -> None:
        """Go on by other settings; what they don't touch stays as it is."""
        before = self.settings
        self.endpoint = self.endpoint.in_settings(settings)
        if settings.clock != before.clock:
            self.clock.become(self._new_driver())
        if settings.cache_ttl != before.cache_ttl:
            self._drop_cache()
        if settings.quota != before.quota:
            self._quotas = None
        if settings.wait_limit != before.wait_limit:
            self.bell.ring()

    def forget_models(self) -> int:
        """Let all models begin their lives anew, as the settings have them; gives their number."""
        count = len(self._states.keys() | self._lives.keys())
        self._budget.add(-_MODEL_OVERHEAD * len(self._states))
        self._states.clear()
        self._lives.clear()
        self.bell.ring()
        return count

    def forget_calls(self) -> int:
        """Give every key its whole quota again; gives the number of those that had made calls."""
        count = len(self._quotas) if self._quotas is not None else 0
        self._quotas = None
        return count

    def restore_faults(self) -> int:
        """Hurt calls as the settings have it; gives how many faults and scripts there were."""
        count = len(self.faults) + len(self.faults.scripts)
        self._faults = None
        self.memories.clear()
        return count

    def restore_rules(self) -> int:
        """Find what the settings' rules want found; gives the number of rules there were."""
        count = len(self.rules)
        self.rules.reset()
        self.cache.clear()
        return count

    def _new_driver(self) -> Clock:
        return parse_clock(self.settings.clock, monotonic=self._monotonic)

    def _new_clock(self) -> SessionClock:
        return SessionClock(self._new_driver())

    def _new_cache(self, ttl: float) -> AnswerCache:
        return AnswerCache(self.clock, ttl=ttl, budget=self._budget)

    def _drop_cache(self) -> None:
        if self._cache is not None:
            self._cache.clear()
            self._cache = None


def _has_faults(settings: Settings) -> bool:
    return bool(settings.faults or settings.script or settings.fault_profile)


def _first_plan(settings: Settings) -> FaultPlan:
    from .faultplan import FaultPlan  # Most sessions have no faults.
    from .faultprofiles import fault_profile

    plan = FaultPlan()
    plan.set_script(settings.script)
    named = fault_profile(settings.fault_profile) if settings.fault_profile else ()
    for fault in (*settings.faults, *named):
        plan.add(fault)
    return plan
