"""A machine that does to a session what comes to its mind, and holds it to the contract."""

import json
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from nertwin.mockserver.life import Life
from support.lifecontract import MODELS, SECRET, WAIT_LIMIT, Asked, Contract, ModelContract
from support.lifedrivers import Driver

TTL = 25
TEXTS = ("Ada Lovelace", "Jessica met Sarah in Paris", "Bob")
BASE = {"clock": "frozen", "wait_limit": WAIT_LIMIT, "cache_ttl": TTL}
MODEL = st.sampled_from(MODELS)
CALLS = st.builds(
    Asked,
    model=MODEL,
    text=st.sampled_from([*TEXTS, *TEXTS, ""]),
    wait=st.sampled_from(["", "", "header", "one", "body", "denied"]),
    cache=st.sampled_from(["", "", "", "header", "body", "granted"]),
    load=st.booleans(),
    token=st.sampled_from(["none", "given", "given", "other", "colon", "bare"]),
    fault=st.sampled_from([*[""] * 18, "500", "404"]),
)
LIVES = st.builds(
    lambda end, **others: {**others, **end},
    starts=st.sampled_from(["ready", "cold", "cold", "cold", "too-big", "failed"]),
    end=st.one_of(
        st.just({}),
        st.builds(lambda calls: {"after_calls": calls}, st.integers(1, 4)),
        st.builds(lambda seconds: {"after_seconds": seconds}, st.integers(1, 30)),
    ),
    counts_down=st.booleans(),
    estimated_time=st.sampled_from([5.0, 20.0]),
)
QUOTAS = st.fixed_dictionaries(
    {
        "calls": st.integers(0, 3) | st.none(),
        "anonymous_calls": st.integers(0, 3) | st.none(),
        "window": st.sampled_from([10, 60]),
        "retry_after": st.booleans(),
    }
)
AUTH = st.sampled_from(
    [
        *[{"auth": "open", "token": ""}] * 3,
        {"auth": "required", "token": ""},
        {"auth": "token", "token": SECRET},
        {"auth": "read-only", "token": ""},
    ]
)
CHANGES = st.builds(
    lambda auth, others: {**auth, **others},
    auth=AUTH,
    others=st.fixed_dictionaries(
        {"quota": st.none() | QUOTAS},
        optional={
            "cache": st.sampled_from([True, True, False]),
            "cache_ttl": st.sampled_from([TTL, TTL, 0, None]),
        },
    ),
)


class LifeMachine(RuleBasedStateMachine):
    """Two sessions: one that everything is done to, and one that must not notice."""

    def __init__(self, connect: Callable[..., Driver], seen: set[str]) -> None:
        super().__init__()
        self.driver = connect(**BASE)
        self.bystander = connect(clock="frozen", cache=False)
        self.contract = Contract(TTL)
        self.seen = seen  #: Which gates have decided a call.
        self.answers: dict[tuple[str, str], tuple[bytes, str]] = {}
        self.request_ids: set[str] = set()
        self.looks = 0

    def teardown(self) -> None:
        assert self.driver.gates() == self.contract.gates
        assert self.bystander.now == 0
        assert self.bystander.gates() == ["rule"] * self.looks
        self.driver.close()
        self.bystander.close()

    @initialize(lives=st.fixed_dictionaries(dict.fromkeys(MODELS, LIVES)), change=CHANGES)
    def begin(self, lives: dict[str, dict[str, Any]], change: dict[str, Any]) -> None:
        for model, life in lives.items():
            self.change_model(model, life)
        self.change_settings(change)

    @rule(calls=st.lists(CALLS, min_size=1, max_size=8))
    def call(self, calls: list[Asked]) -> None:
        for asked in calls:
            self._call(asked)

    @rule(model=MODEL, cache=st.sampled_from(["", "header"]), times=st.integers(2, 6))
    def call_again_and_again(self, model: str, cache: str, times: int) -> None:
        for _ in range(times):
            self._call(Asked(model, TEXTS[0], cache=cache, token="given"))  # noqa: S106

    def _call(self, asked: Asked) -> None:
        promised = self.contract.call(asked)

        body = json.dumps(asked.body).encode()
        answer = self.driver.ask("POST", f"/models/{asked.model}", asked.headers, body)

        assert (answer.status, self.driver.now) == (promised.status, self.contract.now)
        self.seen.add(promised.gate)
        headers = answer.headers
        assert headers["content-type"] == "application/json"
        assert headers.get("retry-after") == promised.headers.get("retry-after")
        assert headers["x-request-id"] not in self.request_ids
        self.request_ids.add(headers["x-request-id"])
        if promised.compute_type is not None:
            made = (answer.body, headers["x-compute-time"])
            assert headers["x-compute-type"] == promised.compute_type
            assert self.answers.setdefault((asked.model, asked.text), made) == made
            spans = [asked.text[each["start"] : each["end"]] for each in answer.json]
            assert spans == [each["word"] for each in answer.json]
        elif promised.error is not None:
            assert answer.json == promised.error
        else:
            assert answer.json["error"]

    @rule(model=MODEL)
    def look_up_status(self, model: str) -> None:
        state = self.contract.status(model)

        answer = self.driver.ask("GET", f"/status/{model}", {})

        assert answer.status == 200
        assert (answer.json["state"], answer.json["loaded"]) == (state, state == "Loaded")

    @rule(seconds=st.integers(0, 30))
    def advance(self, seconds: int) -> None:
        self.driver.advance(seconds)
        self.contract.now += seconds

    @rule(choice=st.integers(0, 7), early=st.sampled_from([0, 0, 1]))
    def advance_to_a_border(self, choice: int, early: int) -> None:
        borders = [border - early for border in self.contract.borders()]
        ahead = [border for border in borders if border > self.contract.now]
        if ahead:
            self.advance(ahead[choice % len(ahead)] - self.contract.now)

    # Few rules that do much: of many, Hypothesis leaves out most in each run.
    @rule(model=MODEL, what=LIVES | st.sampled_from(["cold", "loading", "ready", "forgotten"]))
    def change_model(self, model: str, what: dict[str, Any] | str) -> None:
        if isinstance(what, dict):
            self.driver.set_life(model, Life(**what))
            self.contract.models[model] = ModelContract(what, what["starts"])
        elif what == "forgotten":
            self.driver.forget_models()
            self.contract.forget_models()
        elif not self.contract.never_loads(model):
            self.driver.bring(model, what)
            self.contract.bring(model, what)

    @rule(model=MODEL, seconds=st.integers(1, 30), later=st.integers(0, 30))
    def load_twice(self, model: str, seconds: int, later: int) -> None:
        life = {"starts": "cold", "estimated_time": 20.0, "after_seconds": seconds}
        self.change_model(model, life | {"counts_down": True})
        asked = Asked(model, TEXTS[0], cache="header")
        self._call(asked)
        self.advance(seconds)
        self.look_up_status(model)
        self.change_model(model, "cold")
        self._call(asked)
        self.advance(later)
        self._call(asked)

    @rule(change=CHANGES)
    def change_settings(self, change: dict[str, Any]) -> None:
        self.driver.change(**change)
        self.contract.change(**change)

    @rule(what=st.sampled_from(["calls", *MODELS, None]))
    def forget(self, what: str | None) -> None:
        if what == "calls":
            self.driver.forget_calls()
            self.contract.made = {}
        else:
            assert self.driver.clear_cache(what) == self.contract.clear_cache(what)

    @rule(model=MODEL)
    def look_at_the_bystander(self, model: str) -> None:
        self.looks += 1
        body = json.dumps({"inputs": TEXTS[0]}).encode()

        answer = self.bystander.ask("POST", f"/models/{model}", {}, body)

        assert (answer.status, answer.headers["x-compute-type"]) == (200, "cpu")
