"""What the checks of relations say, and when they say nothing."""

from dataclasses import replace
from typing import Any

import pytest
from support.endpoints import ENDPOINT, reply

from nertwin.contract_tests.checks import CHECKS, Trial, Undecided
from nertwin.contract_tests.exchange import Exchange, Request
from nertwin.contract_tests.violations import Violation

ADA = {"entity_group": "PER", "score": 0.9, "word": "Ada", "start": 0, "end": 3}
BOB = {"entity_group": "PER", "score": 0.8, "word": "Bob", "start": 0, "end": 3}
ROME = {"entity_group": "LOC", "score": 0.8, "word": "Rome", "start": 7, "end": 11}
BY_CLAUSE = {check.clause: check for check in CHECKS}
REQUEST = ENDPOINT.classify("Ada in Rome")


def answer(*entries: Any, request: Request = REQUEST, status: int = 200) -> Exchange:
    return reply(request, status, list(entries))


def judged(clause: str, *exchanges: Exchange, about: object = None) -> list[Violation | Undecided]:
    trial = Trial(exchanges=exchanges, endpoint=ENDPOINT, about=about)
    return list(BY_CLAUSE[clause].judge(trial))


def violation(clause: str, *exchanges: Exchange, about: object = None) -> Violation:
    (found,) = judged(clause, *exchanges, about=about)
    assert isinstance(found, Violation)
    return found


def kinds(found: list[Violation | Undecided]) -> list[type]:
    return [type(each) for each in found]


def test_swapped_answer_is_traced_to_the_call_it_is_of() -> None:
    other = ENDPOINT.classify("Bob in Rome")
    alone = answer(ADA), answer(BOB, request=other)
    together = answer(BOB), answer(BOB, request=other)

    found = violation("relation.concurrent", *alone, *together, about=2)

    assert "the answer to a call under way" in found.hint
    assert "Bob in Rome" in found.hint


def test_part_of_another_answer_is_named() -> None:
    other = ENDPOINT.classify("Bob in Rome")
    alone = answer(ADA), answer(BOB, request=other)
    together = answer(ADA, BOB), answer(BOB, request=other)

    assert (
        "'Bob' is of another call"
        in violation("relation.concurrent", *alone, *together, about=2).hint
    )


def test_entries_that_are_nobodys_have_no_hint() -> None:
    assert violation("relation.concurrent", answer(ADA), answer(ROME), about=1).hint == ""


def test_crowd_without_entries_shows_nothing() -> None:
    assert kinds(judged("relation.concurrent", answer(), answer(), about=1)) == [Undecided]


def test_connections_without_entries_show_nothing() -> None:
    assert kinds(judged("relation.connections", answer(), answer())) == [Undecided]


def test_few_lost_entries_are_no_violation() -> None:
    assert judged("relation.tail", answer(ADA, ROME), answer(ADA)) == []


def test_most_entries_lost_are_shown() -> None:
    found = violation("relation.tail", answer(ADA, ROME), answer())

    assert "2 of them are gone" in found.actual
    assert "nothing is left" in found.actual


def test_refused_tail_shows_nothing() -> None:
    assert kinds(judged("relation.tail", answer(ADA), answer(status=400))) == [Undecided]


def test_refused_batch_of_answered_texts_is_a_violation() -> None:
    batch = ENDPOINT.classify(["Ada in Rome"])

    found = violation("relation.batch-is-singles", answer(ADA), answer(request=batch, status=400))

    assert found.where == "status"


@pytest.mark.parametrize("lists", [[], [[ADA], [ADA]], [ADA]], ids=["none", "two", "flat"])
def test_batch_of_other_shape_is_left_to_its_clause(lists: list[Any]) -> None:
    batch = ENDPOINT.classify(["Ada in Rome", "", ""])
    singles = answer(ADA), answer(), answer()

    found = judged("relation.batch-is-singles", *singles, answer(*lists, request=batch))

    assert kinds(found) == [Undecided]


def test_texts_without_entries_show_nothing_of_batches() -> None:
    batch = ENDPOINT.classify(["Ada in Rome"])

    found = judged("relation.batch-is-singles", answer(), answer([], request=batch))

    assert kinds(found) == [Undecided]


def test_missing_address_is_left_to_its_clause() -> None:
    elsewhere = replace(REQUEST, target="/pipeline/token-classification/a", is_call=False)

    found = judged("relation.addresses", answer(ADA), answer(request=elsewhere, status=404))

    assert kinds(found) == [Undecided]
