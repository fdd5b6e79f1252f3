"""A model's life, the cache and the clock together, against a small model of the contract."""

import asyncio
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from nertwin.mockserver.availability import (
    Loading,
    NotLoaded,
    Serve,
    TimedOut,
    decide,
    settle,
)
from nertwin.mockserver.cache import AnswerCache, CachedAnswer, cache_key
from nertwin.mockserver.clock import ManualClock
from nertwin.mockserver.life import Life
from nertwin.mockserver.modelstate import ModelState
from nertwin.mockserver.payload import parse_request

WHOLE_SECONDS = st.integers(min_value=0, max_value=40)
TEXTS = st.sampled_from(["Ada", "Bo", "Cy"])
TTL, LONGEST = 25, 15


class SessionLife(RuleBasedStateMachine):
    """Calls a model as a server would; ``cold_for`` and ``answers`` are what must come of it.

    All times are whole seconds, so that the model needs no tolerance.
    """

    @initialize(
        starts=st.sampled_from(["ready", "cold"]),
        end=st.one_of(
            st.just({}),
            st.builds(lambda calls: {"after_calls": calls}, st.integers(1, 4)),
            st.builds(lambda seconds: {"after_seconds": seconds}, st.integers(1, 30)),
        ),
        counts_down=st.booleans(),
    )
    def begin(self, starts: Any, end: dict[str, Any], counts_down: bool) -> None:
        self.life = Life(starts=starts, counts_down=counts_down, **end)
        self.clock = ManualClock()
        self.state = ModelState(self.life, self.clock)
        self.cache = AnswerCache(self.clock, ttl=TTL, max_entries=2)
        self.computed = 0
        # The contract's side: time, stage, what is left of a load, and answers by age.
        self.now = 0
        self.stage = starts
        self.began = 0
        self.refused = 0
        self.answers: dict[str, tuple[int, int]] = {}

    # What a call does, on the contract's side.

    def pass_time(self, seconds: int) -> None:
        self.now += seconds
        self.end_load_by_clock()

    def end_load_by_clock(self) -> None:
        over = self.now >= self.began + self.life.after_seconds
        if self.stage == "loading" and not self.life.after_calls and over:
            self.stage = "ready"

    def start_load(self) -> None:
        if self.stage == "cold":
            self.stage, self.began, self.refused = "loading", self.now, 0

    def expect_refusal(self) -> Loading:
        self.start_load()
        self.refused += 1
        shown = 20.0 - (self.now - self.began if self.life.counts_down else 0)
        if self.refused == self.life.after_calls:
            self.stage = "ready"
        self.end_load_by_clock()
        return Loading(max(0.0, shown))

    def expect_wait(self) -> Serve | TimedOut:
        self.start_load()
        self.end_load_by_clock()
        if self.life.after_calls:
            self.stage = "ready"
        left = 0 if self.stage == "ready" else self.began + self.life.after_seconds - self.now
        self.pass_time(int(min(left, LONGEST)))
        return Serve() if self.stage == "ready" else TimedOut(LONGEST)

    def expect(self, *, wait: bool, load_model: bool) -> object:
        if self.stage == "ready":
            return Serve()
        if not load_model and (self.stage == "cold" or not wait):
            return NotLoaded()
        return self.expect_wait() if wait else self.expect_refusal()

    def expect_hit(self, text: str) -> int | None:
        kept_at, number = self.answers.get(text, (-TTL, 0))
        if self.now - kept_at >= TTL:
            self.answers.pop(text, None)
            return None
        self.answers[text] = self.answers.pop(text)
        return number

    # What happens in a session.

    @rule(text=TEXTS, wait=st.booleans(), load_model=st.booleans(), use_cache=st.booleans())
    def call(self, text: str, wait: bool, load_model: bool, use_cache: bool) -> None:
        key = cache_key("acme/ner", "", parse_request(b'{"inputs":"%s"}' % text.encode()))
        hit = self.cache.find(key) if use_cache else None
        wanted = self.expect_hit(text) if use_cache else None

        assert (hit and int(hit.body)) == wanted

        if hit is not None:
            return
        decision = asyncio.run(
            settle(self.state, self.clock, wait=wait, load_model=load_model, longest=LONGEST)
        )

        assert decision == self.expect(wait=wait, load_model=load_model)

        if decision == Serve() and use_cache:
            self.computed += 1
            self.cache.keep(key, CachedAnswer(body=b"%d" % self.computed, seconds=0.1))
            self.answers.pop(text, None)
            self.answers[text] = (self.now, self.computed)
            self.answers = dict(list(self.answers.items())[-2:])

    @rule(seconds=WHOLE_SECONDS)
    def advance(self, seconds: int) -> None:
        self.clock.advance(seconds)
        self.pass_time(seconds)

    @rule()
    def evict(self) -> None:
        self.state.evict()
        self.stage = "cold"

    @rule()
    def load(self) -> None:
        self.state.load()
        self.start_load()
        self.end_load_by_clock()

    @rule()
    def warm(self) -> None:
        self.state.warm()
        self.stage = "ready"

    @rule()
    def clear_cache(self) -> None:
        self.cache.clear("acme/ner")
        self.answers = {}

    @precondition(lambda self: self.stage == "loading")
    @rule()
    def loading_ends(self) -> None:
        """Whoever keeps calling, and lets time go by, is served in the end."""
        calls = max(1, self.life.after_calls)
        for _ in range(calls):
            decide(self.state)
        self.clock.advance(self.life.after_seconds)
        self.now += int(self.life.after_seconds)
        self.stage = "ready"

        assert decide(self.state) == Serve()

    @invariant()
    def stage_is_the_contracts(self) -> None:
        if hasattr(self, "state"):
            assert self.state.stage == self.stage
            assert self.clock.now == self.now
            assert len(self.cache) <= 2


def test_session_keeps_the_contract_whatever_happens() -> None:
    run_state_machine_as_test(
        SessionLife, settings=settings(max_examples=100, stateful_step_count=40, deadline=None)
    )
