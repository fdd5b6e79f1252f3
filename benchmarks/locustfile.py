"""Locustfile: load of the kit's payloads on any endpoint of the API, each answer judged.

    locust -f benchmarks/locustfile.py --host URL --headless --users 50 --run-time 1m

The statistics have a line for each status, and for each way in which exchanges broke. Failures
are violated clauses, and whatever is neither 200 nor a refusal for the day (429, 503). Where a
fault is planned only answers can fail.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from random import Random
from threading import RLock

import gevent
import hypothesis
from hypothesis import HealthCheck, Phase, given, settings
from locust import User, events, task
from locust.argument_parser import LocustArgumentParser
from locust.env import Environment
from locust.runners import MasterRunner, Runner, WorkerRunner

from nertwin.contract_tests.checking import NoToken
from nertwin.contract_tests.checks import Check, Trial, checks_for, select_clauses
from nertwin.contract_tests.client import Client
from nertwin.contract_tests.endpoint import Endpoint, find_endpoint
from nertwin.contract_tests.exchange import Exchange, Request, redact
from nertwin.contract_tests.strategies import payloads
from nertwin.contract_tests.tally import judge
from nertwin.mockserver import Control, NertwinError
from nertwin.schemas import JSON

_EXPECTED = (200, 429, 503)
# A run may begin while its worker still draws.
_drawing = RLock()
_log = logging.getLogger("nertwin")


class Violated(Exception):
    """An answer violates a clause."""


class Unexpected(Exception):
    """No answer, or a refusal that nobody has planned."""


@dataclass(kw_only=True)
class Load:
    """What one process sends, and how it judges what comes."""

    endpoint: Endpoint
    requests: tuple[Request, ...]
    checks: tuple[Check, ...]
    fault: str  #: The header that asks for it; empty asks for none.
    fault_rate: float
    is_planned: bool  #: Whether a fault profile hurts calls too.
    judge_every: int
    chance: Random
    sent: int = 0
    told: set[str] = field(default_factory=set)

    def next_request(self) -> tuple[Request, bool]:
        """What is sent next, and whether it asks for a fault."""
        request = self.requests[self.sent % len(self.requests)]
        self.sent += 1
        if not self.fault or self.chance.random() >= self.fault_rate:
            return request, False
        return request.with_headers(("x-nertwin-fault", self.fault)), True

    def find_problem(self, exchange: Exchange, *, is_hurt: bool) -> Exception | None:
        """What is wrong with an exchange, or nothing; what was planned is not."""
        is_hurt = is_hurt or self.is_planned
        is_answer = exchange.status == HTTPStatus.OK and not exchange.breakage
        if self.sent % self.judge_every == 0 and (is_answer or not is_hurt):
            for clause, shown in self._violations(exchange):
                if clause not in self.told:
                    self.told.add(clause)
                    _log.error(
                        "%s is violated by the answer to %r\n%s", clause, exchange.request, shown
                    )
                return Violated(clause)
        if is_hurt or (exchange.status in _EXPECTED and not exchange.breakage):
            return None
        return Unexpected(outcome(exchange))

    def _violations(self, exchange: Exchange) -> Iterator[tuple[str, str]]:
        trial = Trial(exchanges=(exchange,), endpoint=self.endpoint)
        for check in self.checks:
            if check.watches(exchange):
                for violation in judge(check, trial)[0]:
                    yield check.clause, violation.render()


def outcome(exchange: Exchange) -> str:
    """The status, or how the exchange broke."""
    return exchange.breakage or str(exchange.status)


class Caller(User):
    """A user of the endpoint who calls again as soon as there is an answer."""

    def on_start(self) -> None:
        """Have connections of one's own."""
        self.load = _loads[self.environment]
        timeout = self.environment.parsed_options.nertwin_timeout
        self.transport = Client(self.load.endpoint, timeout=timeout)

    def on_stop(self) -> None:
        """Close them."""
        self.transport.close()

    @task
    def call(self) -> None:
        """Send the next payload, judge the answer and count it."""
        request, is_hurt = self.load.next_request()
        exchange = self.transport.send(request)
        self.environment.events.request.fire(
            request_type="classify",
            name=outcome(exchange),
            response_time=exchange.seconds * 1000,
            response_length=len(exchange.response.body) if exchange.response else 0,
            exception=self.load.find_problem(exchange, is_hurt=is_hurt),
            context={},
        )


_loads: dict[Environment, Load] = {}


@events.init_command_line_parser.add_listener
def add_options(parser: LocustArgumentParser) -> None:
    """Say what can be chosen; a master passes it on to its workers."""
    group = parser.add_argument_group("nertwin")
    add = group.add_argument
    add("--nertwin-model", help="Model to call, unless the URL names one")
    add("--nertwin-profile", choices=("classic", "router", "dedicated"), help="Dialect of the API")
    add("--nertwin-token-env", metavar="NAME", help="Variable that holds the token to send")
    add("--nertwin-timeout", type=float, default=30.0, help="Seconds for a whole exchange")
    add("--nertwin-payloads", type=int, default=100, help="How many each worker draws")
    add("--nertwin-seed", type=int, default=0, help="What they are drawn from, and the faults")
    add("--nertwin-level", choices=("MUST", "SHOULD", "MAY"), default="SHOULD", help="Of clauses")
    add("--nertwin-judge-every", type=int, default=1, help="Judge each n-th answer only")
    add("--nertwin-fault", default="", help="Fault of a stand-in: '503', 'latency; seconds=2'")
    add("--nertwin-fault-rate", type=float, default=0.1, help="How often it is asked for, 0 to 1")
    add("--nertwin-fault-profile", default="", help="Hard day of a stand-in: flaky, rush-hour, …")
    add("--nertwin-session", default="", help="Session of a stand-in to call in")
    add("--nertwin-control-token-env", metavar="NAME", help="Variable with the control API's token")


@events.init.add_listener
def draw_ahead(environment: Environment, runner: Runner | None, **_others: object) -> None:
    """Draw before the time of the run is counted, with the options that are known by then."""
    if not isinstance(runner, MasterRunner):
        options = environment.parsed_options
        with _drawing:
            draw_payloads(options.nertwin_payloads, seed=options.nertwin_seed)
        # gevent would count the time of the run from before.
        gevent.get_hub().loop.update_now()


@events.test_start.add_listener
def prepare(environment: Environment) -> None:
    """Let the stand-in have its hard day, and draw what this process will send."""
    options = environment.parsed_options
    session = options.nertwin_session or ("load" if options.nertwin_fault_profile else "")
    try:
        # A master starts before its workers do, and sends nothing.
        if options.nertwin_fault_profile and not isinstance(environment.runner, WorkerRunner):
            token = _secret(options.nertwin_control_token_env)
            with Control(environment.host or "", token) as control:
                faults = control.session(session).faults
                faults.clear()
                faults.add_profile(options.nertwin_fault_profile)
        if not isinstance(environment.runner, MasterRunner):
            _loads[environment] = _make_load(environment, session)
    except NertwinError as error:
        # Locust only notes exceptions of listeners, and goes on.
        _log.error("%s", error)
        sys.exit(2)


def _make_load(environment: Environment, session: str) -> Load:
    options = environment.parsed_options
    worker = environment.runner.worker_index if environment.runner else 0
    endpoint = find_endpoint(
        environment.host or "",
        model=options.nertwin_model,
        profile=options.nertwin_profile,
        token=_secret(options.nertwin_token_env),
    )
    headers = [("user-agent", f"nertwin-load/{worker}")]
    if session:
        headers.append(("x-nertwin-session", session))
    # Each worker has an order of its own, the same in each run.
    chance = Random(f"{options.nertwin_seed} {worker}")  # noqa: S311
    with _drawing:
        drawn = draw_payloads(options.nertwin_payloads, seed=options.nertwin_seed)
    clauses = select_clauses(endpoint.profile, level=options.nertwin_level)
    return Load(
        endpoint=endpoint,
        requests=tuple(
            endpoint.call(each, headers=tuple(headers)) for each in chance.sample(drawn, len(drawn))
        ),
        checks=tuple(check for check in checks_for(clauses) if check.watches and not check.is_soft),
        fault=options.nertwin_fault,
        fault_rate=options.nertwin_fault_rate,
        is_planned=bool(options.nertwin_fault_profile),
        judge_every=options.nertwin_judge_every,
        chance=chance,
    )


@cache
def draw_payloads(count: int, *, seed: int) -> tuple[dict[str, JSON], ...]:
    """So many payloads of the kit's strategy, the same for the same seed."""
    drawn: list[dict[str, JSON]] = []

    @hypothesis.seed(seed)
    @settings(
        max_examples=count,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=[*HealthCheck],
    )
    @given(payloads())
    def draw(payload: dict[str, JSON]) -> None:
        drawn.append(payload)
        gevent.sleep(0)  # A worker has to be heard of, or its master gives it up.

    draw()
    return tuple(drawn)


def _secret(variable: str | None) -> str | None:
    if variable is None:
        return None
    if not os.environ.get(variable):
        raise NoToken(f"the variable {redact(variable)} should hold a token, but is empty.")
    return os.environ[variable]


# The first draw takes much longer than others; nobody waits for this process yet.
draw_payloads(1, seed=0)
