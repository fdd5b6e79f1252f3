"""Kit: exchanges that are judged in a second against the stand-in, and payloads that are drawn."""

from __future__ import annotations

import time

from hypothesis import HealthCheck, Phase, given, settings

from nertwin.contract_tests.client import Client
from nertwin.contract_tests.endpoint import Endpoint
from nertwin.contract_tests.reporters.events import Event, Exchanged
from nertwin.contract_tests.runner import run as judge
from nertwin.contract_tests.strategies.payloads import payloads
from nertwin.schemas import clauses

from .processes import SERVE, Server, cores, pin, python, started
from .samples import collect, print_table

_DRAWN = 1000


def run(*, rounds: int, seconds: float) -> dict[str, object]:
    """Measure both in turns, print it and give it as JSON."""
    del seconds
    with started(python(*SERVE, "--any-model")) as server:
        pair = cores()
        if pair:
            pin(pair[1])
        measured = [{**_judge_all(server), "ms a payload": _draw()} for _ in range(rounds)]
        if pair:
            pin(*pair)
    figures = collect(measured)
    print_table("The kit", ("", "figure"), [(name, str(each)) for name, each in figures.items()])
    return {name: samples.to_json() for name, samples in figures.items()}


def _judge_all(server: Server) -> dict[str, float]:
    """One run of all checks: exchanges a second, and of computing on the kit's side alone."""
    exchanges = 0

    def count(event: Event) -> None:
        nonlocal exchanges
        exchanges += isinstance(event, Exchanged)

    endpoint = Endpoint(base=server.url)
    began, computed = time.perf_counter(), time.process_time()
    with Client(endpoint) as client:
        judge(endpoint, client, clauses=clauses(), reporters=[count])
    return {
        "exchanges": exchanges,
        "exchanges/s": exchanges / (time.perf_counter() - began),
        "exchanges/s of computing": exchanges / (time.process_time() - computed),
    }


def _draw() -> float:
    """Milliseconds of computing that a payload takes to draw."""

    @settings(
        max_examples=_DRAWN,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=[*HealthCheck],
    )
    @given(payloads())
    def draw(_payload: object) -> None:
        return None

    began = time.process_time()
    draw()
    return (time.process_time() - began) / _DRAWN * 1000
