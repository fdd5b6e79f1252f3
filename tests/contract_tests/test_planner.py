from collections.abc import Callable

import pytest
from support.endpoints import BY_ID, ENDPOINT, a_check, a_plan

from nertwin.contract_tests.checks import Plan, Trial, plan
from nertwin.contract_tests.checks.cached import again, fresh_call
from nertwin.contract_tests.planner import in_order
from nertwin.contract_tests.tally import Tally

MUSTS = ("shape.no-label", "shape.one-kind", "score.probability")
SHOULD = "shape.key-order"


def a_tally(number: int = 0, *, clause: str = "") -> Tally:
    named = clause or MUSTS[number]
    return Tally(a_check(named), BY_ID[named])


def decide(tally: Tally, tried: Plan) -> None:
    tally.take(tried, Trial(exchanges=(), endpoint=ENDPOINT))


def leave_open(tally: Tally, tried: Plan) -> None:
    """What a trial does that shows nothing."""


def order_of(
    *columns: tuple[Tally, tuple[Plan, ...]],
    sent: tuple[str, ...] = (),
    then: Callable[[Tally, Plan], None] = decide,
) -> list[tuple[int, int]]:
    """Which plan of which tally comes when: its column and its row."""
    places = {
        id(each): (column, row)
        for column, (_, plans) in enumerate(columns)
        for row, each in enumerate(plans)
    }
    found = []
    for tally, tried in in_order(columns, map(ENDPOINT.classify, sent)):
        found.append(places[id(tried)])
        then(tally, tried)
    return found


def test_request_that_serves_two_clauses_comes_before_one_that_serves_one() -> None:
    found = order_of(
        (a_tally(0), (a_plan("own"),)),
        (a_tally(1), (a_plan("shared"),)),
        (a_tally(2), (a_plan("shared"),)),
    )

    assert found == [(1, 0), (2, 0), (0, 0)]


def test_plan_of_few_requests_comes_before_one_of_many() -> None:
    many = plan(ENDPOINT.classify("a"), ENDPOINT.classify("b"))

    assert order_of((a_tally(0), (many,)), (a_tally(1), (a_plan("c"),))) == [(1, 0), (0, 0)]


def test_what_was_sent_costs_nothing() -> None:
    found = order_of((a_tally(0), (a_plan("a"),)), (a_tally(1), (a_plan("b"),)), sent=("b",))

    assert found == [(1, 0), (0, 0)]


def test_equal_steps_that_follow_are_counted_once() -> None:
    shared = [plan(fresh_call(ENDPOINT), again(1)) for _ in range(3)]

    found = order_of(
        (a_tally(0), (a_plan("own"),)),
        *((a_tally(clause=name), (each,)) for name, each in zip(
            (MUSTS[1], MUSTS[2], "label.outside-hidden"), shared, strict=True
        )),
    )  # fmt: skip

    assert found == [(1, 0), (2, 0), (3, 0), (0, 0)]


def test_bundle_counts_in_place_of_its_plan() -> None:
    bundled = plan(*map(ENDPOINT.classify, "abc"), bundle=a_plan("d"))
    pair = plan(ENDPOINT.classify("e"), ENDPOINT.classify("f"))

    assert order_of((a_tally(0), (pair,)), (a_tally(1), (bundled,))) == [(1, 0), (0, 0)]


def test_must_comes_before_a_should_that_is_cheaper() -> None:
    many = plan(ENDPOINT.classify("a"), ENDPOINT.classify("b"))

    found = order_of((a_tally(clause=SHOULD), (a_plan("c"),)), (a_tally(0), (many,)))

    assert found == [(1, 0), (0, 0)]


def test_each_clause_is_decided_before_any_is_tried_again() -> None:
    found = order_of(
        (a_tally(0), (a_plan("a"), a_plan("b"))), (a_tally(clause=SHOULD), (a_plan("c"),))
    )

    assert found == [(0, 0), (1, 0), (0, 1)]


def test_clause_that_stays_open_gets_its_next_plan_at_once() -> None:
    found = order_of(
        (a_tally(0), (a_plan("a"), a_plan("b"))),
        (a_tally(clause=SHOULD), (a_plan("c"),)),
        then=leave_open,
    )

    assert found == [(0, 0), (0, 1), (1, 0)]


def test_first_plan_is_hoped_for_more_than_a_later_one_of_two_others() -> None:
    found = order_of(
        (a_tally(0), (a_plan("a"), a_plan("shared"))),
        (a_tally(1), (a_plan("b"), a_plan("shared"))),
        then=decide,
    )

    assert found == [(0, 0), (1, 0), (0, 1), (1, 1)]


def test_settled_check_is_tried_no_more() -> None:
    tally = a_tally(0)

    def fail(settled: Tally, _: Plan) -> None:
        settled.error = "a fault of ours"

    assert order_of((tally, (a_plan("a"), a_plan("b"))), then=fail) == [(0, 0)]


@pytest.mark.parametrize("then", [decide, leave_open])
def test_every_plan_comes_once(then: Callable[[Tally, Plan], None]) -> None:
    columns = [(a_tally(each), (a_plan("a"), a_plan(f"b{each}"))) for each in range(3)]

    found = order_of(*columns, then=then)

    assert sorted(found) == [(column, row) for column in range(3) for row in range(2)]
