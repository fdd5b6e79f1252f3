"""State machine: an endpoint asked in any order, which must never contradict itself.

Hypothesis runs it, finds a contradiction and shrinks it to the shortest conversation::

    TestMyEndpoint = machine(endpoint, Client(endpoint)).TestCase
"""

from __future__ import annotations

import math
import unittest
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar, NoReturn

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, precondition, rule
from hypothesis.strategies import SearchStrategy

from nertwin.schemas import JSON

from .checks.answers import STRATEGIES, show
from .checks.comparison import differences
from .client import Transport
from .curl import as_curl
from .endpoint import Endpoint
from .etiquette import (
    LOCAL_RATE,
    REMOTE_RATE,
    Etiquette,
    Stopped,
    describe_obstacle,
    is_in_the_way,
)
from .exchange import Exchange, HeaderLines, Request
from .strategies import proses, texts
from .violations import Violation

__all__ = ["ClauseBroken", "machine"]

#: More than any search of Hypothesis sends; its settings are the limit.
_NO_LIMIT = 10**9
_MOST_OBSTACLES = 3  # In a row.
_FRESH: HeaderLines = (("x-use-cache", "false"),)
_WAITING: HeaderLines = (("x-wait-for-model", "true"),)


class ClauseBroken(AssertionError):
    """An answer contradicts a clause, or an earlier answer."""

    def __init__(self, clause: str, violation: Violation, told: str) -> None:
        super().__init__(f"{clause}: {violation.render()}\n{told}")
        self.clause = clause
        self.violation = violation


def machine(
    endpoint: Endpoint,
    transport: Transport,
    *,
    begin: Callable[[], None] | None = None,
    etiquette: Etiquette | None = None,
) -> type[RuleBasedStateMachine]:
    """A state machine that calls an endpoint, for ``.TestCase`` or ``run_state_machine_as_test``.

    ``begin`` is called before each conversation; where it makes the endpoint forget what it
    has been asked, each begins with its cold model cold, and what is found can be repeated.
    Without an ``etiquette`` other people's machines are asked five times a second at most.
    An endpoint that only refuses for lack of permission, patience or capacity skips the test.
    """
    rate = LOCAL_RATE if endpoint.is_local else REMOTE_RATE
    given = _Given(
        endpoint=endpoint,
        transport=transport,
        begin=begin,
        etiquette=etiquette or Etiquette(max_requests=_NO_LIMIT, rate=rate),
        course=_Course(),
    )
    return type("EndpointMachine", (_Conversation,), {"given": given})


@dataclass(slots=True)
class _Course:
    """How the search goes, over all conversations."""

    learned: int = 0  #: Answers that could be judged.
    obstacles: int = 0  #: Since the last of them.


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    endpoint: Endpoint
    transport: Transport
    begin: Callable[[], None] | None
    etiquette: Etiquette
    course: _Course


@dataclass(frozen=True, slots=True)
class _Call:
    """What is asked, apart from how the service is to go about it."""

    model: str
    text: str
    strategy: str | None


def _any_text() -> SearchStrategy[str]:
    # Few different ones, so that a conversation comes back to what was said.
    return st.one_of(st.sampled_from(("Ada in Rome", "Bob in Paris")), proses(), texts())


class _Conversation(RuleBasedStateMachine):
    """Calls, and what the endpoint has said so far."""

    given: ClassVar[_Given]
    calls: Bundle[Any] = Bundle("calls")

    def __init__(self) -> None:
        super().__init__()
        if self.given.begin:
            self.given.begin()
        self._endpoint = self.given.endpoint
        self._said: dict[_Call, dict[HeaderLines, Exchange]] = {}
        self._ready: set[str] = set()

    @rule(target=calls, text=_any_text(), strategy=st.sampled_from((None, *STRATEGIES)))
    def classify(self, text: str, strategy: str | None) -> _Call:
        """Call the model."""
        call = _Call(self._endpoint.model, text, strategy)
        self._ask(call)
        return call

    @precondition(lambda self: self.given.endpoint.cold_model is not None)
    @rule(target=calls, text=_any_text())
    def classify_cold(self, text: str) -> _Call:
        """Call the model that nobody has called."""
        call = _Call(self._endpoint.cold_model or "", text, None)
        self._ask(call)
        return call

    @rule(call=calls)
    def repeat(self, call: _Call) -> None:
        """Make the same call again."""
        self._ask(call)

    @rule(call=calls)
    def bypass_cache(self, call: _Call) -> None:
        """Have the same call computed anew."""
        self._ask(call, _FRESH)

    @rule(call=calls)
    def wait(self, call: _Call) -> None:
        """Make the same call with patience."""
        self._ask(call, _WAITING, clause="availability.wait-when-ready")

    @rule(target=calls, call=calls, strategy=st.sampled_from(STRATEGIES))
    def ask_otherwise(self, call: _Call, strategy: str) -> _Call:
        """Call with the same text and other parameters, and see that this is what counts."""
        other = replace(call, strategy=strategy)
        self._ask(other, clause="cache.parameters-apart")
        self._ask(other, _FRESH, clause="cache.parameters-apart")
        return other

    def _ask(
        self, call: _Call, flags: HeaderLines = (), *, clause: str = "relation.repeated"
    ) -> None:
        try:
            exchange = self._send(self._request(call, flags))
        except Stopped as reason:
            if not self.given.course.learned:
                raise unittest.SkipTest(str(reason)) from None
            return
        if _is_loading(exchange):
            self._judge_loading(call, exchange, is_waiting=flags == _WAITING)
        elif is_in_the_way(exchange):
            self._stumble(exchange)
            return
        else:
            self._judge_answer(call, flags, exchange, clause)
        self.given.course.learned += 1
        self.given.course.obstacles = 0

    def _stumble(self, exchange: Exchange) -> None:
        """Go on, unless the endpoint seems to be in no state to be tested."""
        self.given.course.obstacles += 1
        if self.given.course.obstacles >= _MOST_OBSTACLES:
            raise unittest.SkipTest(describe_obstacle(exchange))

    def _request(self, call: _Call, flags: HeaderLines) -> Request:
        payload: dict[str, JSON] = {"inputs": call.text}
        if call.strategy:
            payload["parameters"] = {"aggregation_strategy": call.strategy}
        return self._endpoint.call(payload, headers=flags, model=call.model)

    def _send(self, request: Request) -> Exchange:
        """The exchange; one that asks to come later is made again then."""
        etiquette, waited = self.given.etiquette, 0.0
        while True:
            etiquette.claim()
            exchange = self.given.transport.send(request)
            etiquette.heed(exchange)
            seconds = etiquette.wait_wanted(exchange, waited) if exchange.status == 429 else None
            if seconds is None:
                return exchange
            waited += seconds
            etiquette.sleep(seconds)

    def _judge_loading(self, call: _Call, exchange: Exchange, *, is_waiting: bool) -> None:
        document = exchange.document if isinstance(exchange.document, dict) else {}
        error, seconds = document.get("error"), document.get("estimated_time")
        is_number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
        is_in_form = isinstance(error, str) and error and is_number
        if not is_in_form or not 0 <= float(str(seconds)) < math.inf:
            self._fail(
                "availability.loading-form",
                exchange,
                expected="a string error and a number estimated_time, finite and not negative",
            )
        if self._endpoint.profile == "router":
            self._fail("availability.warm-only", exchange, expected="no model that is loading")
        if is_waiting:
            self._fail("availability.wait", exchange, expected="an answer, after however long")
        if call.model in self._ready:
            self._fail(
                "availability.no-relapse", exchange, expected="an answer, as to a call before"
            )

    def _judge_answer(
        self, call: _Call, flags: HeaderLines, exchange: Exchange, clause: str
    ) -> None:
        if exchange.status != 200:
            self._fail("request.any-text", exchange, expected="200 for any text")
        is_kept = exchange.header("x-compute-type") == "cache"
        if self._endpoint.profile == "classic" and flags == _FRESH and is_kept:
            self._fail("cache.bypass", exchange, expected="an answer that is computed anew")
        self._ready.add(call.model)
        said = self._said.setdefault(call, {})
        # First what was asked in the same words: its difference has nothing to do with others.
        for words in sorted(said, key=lambda words: words != flags):
            named = "relation.repeated" if words == flags else self._named(clause)
            for difference in differences(said[words], exchange, expected="an earlier answer"):
                raise ClauseBroken(named, difference, self._tell(said[words], exchange))
        said.setdefault(flags, exchange)

    def _fail(self, clause: str, exchange: Exchange, *, expected: str) -> NoReturn:
        actual = f"{exchange.status}, {show(exchange.document)}"
        violation = Violation(where="answer", expected=expected, actual=actual)
        raise ClauseBroken(clause, violation, self._tell(exchange))

    def _named(self, clause: str) -> str:
        """The clause that says so in the endpoint's profile."""
        return clause if self._endpoint.profile == "classic" else "header.ignored-flags"

    def _tell(self, *exchanges: Exchange) -> str:
        return "\n".join(as_curl(each.request, self._endpoint) for each in exchanges)


def _is_loading(exchange: Exchange) -> bool:
    """Whether a model that is not ready is told of, in whichever form."""
    if exchange.status != 503 or exchange.response is None:
        return False
    return any(word in exchange.response.content for word in (b"estimated_time", b"loading"))
