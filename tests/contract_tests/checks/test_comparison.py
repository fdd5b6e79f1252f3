from typing import Any

import pytest
from support.endpoints import ENDPOINT, reply

from nertwin.contract_tests.checks import Trial, Undecided
from nertwin.contract_tests.checks.comparison import judge_same
from nertwin.contract_tests.violations import Violation

ADA = {"entity_group": "PER", "score": 0.9, "word": "Ada", "start": 0, "end": 3}
ROME = {"entity_group": "LOC", "score": 0.8, "word": "Rome", "start": 7, "end": 11}
JUDGE = judge_same("the first answer")


def judged(*documents: Any, status: int = 200) -> list[Violation | Undecided]:
    request = ENDPOINT.classify("Ada in Rome")
    first, *others = (reply(request, 200, document) for document in documents)
    last = [reply(request, status, other.document) for other in others]
    return list(JUDGE(Trial(exchanges=(first, *last), endpoint=ENDPOINT)))


def violation(*documents: Any, status: int = 200) -> Violation:
    (found,) = judged(*documents, status=status)
    assert isinstance(found, Violation)
    return found


def test_equal_answers_are_right() -> None:
    assert judged([ADA, ROME], [ADA, ROME]) == []


def test_last_digits_of_scores_may_differ() -> None:
    assert judged([ADA], [ADA | {"score": 0.900000001}]) == []


@pytest.mark.parametrize(
    "change",
    [{"score": 0.91}, {"entity_group": "ORG"}, {"start": 1}, {"word": "ada"}, {"score": None}],
    ids=["score", "label", "start", "word", "no score"],
)
def test_changed_entry_is_shown_with_the_one_wanted(change: dict[str, Any]) -> None:
    found = violation([ADA, ROME], [ADA | change, ROME])

    assert found.where == "body[0]"
    assert "PER 'Ada' [0, 3) 0.9, as in the first answer" in found.expected


def test_missing_entry_is_marked_in_the_text() -> None:
    found = violation([ADA, ROME], [ADA])

    assert "Rome" in found.expected
    assert "^^^^" in found.render()


def test_surplus_entry_is_named() -> None:
    assert violation([ADA], [ADA, ROME]).where == "body[1]"


def test_refusal_is_not_the_same() -> None:
    assert violation([ADA], {"error": "no"}, status=400).where == "status"


def test_nothing_shows_nothing() -> None:
    assert [type(found) for found in judged([], [])] == [Undecided]
