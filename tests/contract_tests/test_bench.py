import pytest
from support.endpoints import ENDPOINT, Scripted, good, reply

from nertwin.contract_tests.bench import Bench
from nertwin.contract_tests.checks import Plan, plan
from nertwin.contract_tests.etiquette import Etiquette
from nertwin.contract_tests.exchange import Exchange, Request

ALONE = plan(ENDPOINT.classify("a"))
TOGETHER = plan((ENDPOINT.classify("a"), ENDPOINT.classify("b")))


def a_bench(transport: Scripted, heard: list[Exchange] | None = None) -> Bench:
    listener = heard.append if heard is not None else lambda _: None
    return Bench(ENDPOINT, transport, Etiquette(sleep=lambda _: None), listener)


def test_requests_of_one_step_are_sent_together_and_heard_of_each() -> None:
    heard: list[Exchange] = []
    requests = tuple(ENDPOINT.classify("a").again(number) for number in range(3))
    bench = a_bench(Scripted(good), heard)

    trial = bench.carry_out(plan(requests))

    assert tuple(exchange.request for exchange in trial.exchanges) == requests
    assert heard == list(trial.exchanges)
    assert bench.etiquette.sent == 3


def test_requests_that_were_sent_together_are_kept() -> None:
    transport = Scripted(good)
    steps = plan((ENDPOINT.classify("a"), ENDPOINT.classify("b")))
    bench = a_bench(transport)

    first, second = bench.carry_out(steps), bench.carry_out(steps)

    assert first == second
    assert len(transport.sent) == 2


def test_new_attempt_is_sent_anew_and_kept_as_well() -> None:
    transport = Scripted(good)
    bench = a_bench(transport)
    steps = plan(ENDPOINT.classify("a"))

    bench.carry_out(steps)
    bench.carry_out(steps, attempt=1)
    bench.carry_out(steps, attempt=1)

    assert [request.attempt for request in transport.sent] == [0, 1]


def test_answers_that_are_waited_out_are_heard_of() -> None:
    heard: list[Exchange] = []
    statuses = iter([503, 200])
    transport = Scripted(
        lambda request: reply(request, next(statuses), {"error": "loading", "estimated_time": 1})
    )

    a_bench(transport, heard).carry_out(ALONE)

    assert [exchange.status for exchange in heard] == [503, 200]


def test_request_that_is_told_to_wait_counts_each_time() -> None:
    statuses = iter([429, 429, 200])
    transport = Scripted(
        lambda request: reply(request, next(statuses), headers={"retry-after": "1"})
    )
    bench = a_bench(transport)

    trial = bench.carry_out(plan(ENDPOINT.classify("a")))

    assert trial.exchange.status == 200
    assert bench.etiquette.sent == 3


def test_what_is_known_of_a_plan_reaches_the_judge() -> None:
    trial = a_bench(Scripted(good)).carry_out(plan(ENDPOINT.classify("a"), about="a fault"))

    assert trial.about == "a fault"


@pytest.mark.parametrize("steps", [ALONE, TOGETHER], ids=["alone", "together"])
def test_exchange_of_an_earlier_run_is_heard_of_and_not_sent(steps: Plan) -> None:
    transport, earlier = Scripted(good), dict[Request, Exchange]()
    heard: list[Exchange] = []
    first = Bench(ENDPOINT, transport, Etiquette(), earlier=earlier).carry_out(steps)
    second = Bench(ENDPOINT, transport, Etiquette(), heard.append, earlier)

    trial = second.carry_out(steps)

    assert trial == first
    assert heard == list(first.exchanges)
    assert len(transport.sent) == len(first.exchanges)
    assert second.etiquette.sent == 0
