from typing import Any

import pytest
from support.endpoints import ENDPOINT, reply

from nertwin.contract_tests.checks import CHECKS, Trial, Undecided
from nertwin.contract_tests.checks.soundness import is_sound
from nertwin.schemas import JSON

ADA = {"entity_group": "PER", "score": 0.9, "word": "Ada", "start": 0, "end": 3}
ROME = {"entity_group": "LOC", "score": 0.8, "word": "Rome", "start": 7, "end": 11}
TOKEN = {"entity": "B-LOC", "score": 0.8, "index": 3, "word": "Rome", "start": 7, "end": 11}
NOWHERE = {"start": None, "end": None}
NOTHING: list[JSON] = []
OUTSIDE: list[JSON] = ["O"]
KEEPS = next(check.judge for check in CHECKS if check.clause == "label.ignore-keeps-the-rest")


def judged(*documents: Any) -> list[object]:
    """What is said of answers that ignore nothing, then O."""
    exchanges = tuple(
        reply(ENDPOINT.classify("Ada in Rome", ignore_labels=ignored), 200, document)
        for ignored, document in zip((NOTHING, OUTSIDE), documents, strict=True)
    )
    return list(KEEPS(Trial(exchanges=exchanges, endpoint=ENDPOINT)))


@pytest.mark.parametrize(
    "document",
    [[], [ADA], [ADA, ROME], [ADA | NOWHERE, ROME | NOWHERE]],
    ids=["empty", "one", "two", "no offsets"],
)
def test_plain_answers_are_sound(document: Any) -> None:
    assert is_sound(reply(ENDPOINT.classify("Ada in Rome"), 200, document), ENDPOINT)


@pytest.mark.parametrize(
    "document",
    [[ADA, TOKEN], [ADA, ROME | NOWHERE], [ADA, ROME, ROME], [ADA, ROME | {"start": 6, "end": 9}]],
    ids=["two kinds", "some without offsets", "overlap", "another stretch"],
)
def test_answer_that_contradicts_itself_is_not_sound(document: Any) -> None:
    assert not is_sound(reply(ENDPOINT.classify("Ada in Rome"), 200, document), ENDPOINT)


def test_entry_that_is_lost_beside_those_ignored_is_told() -> None:
    (found,) = judged([ADA, ROME], [ADA])

    assert not isinstance(found, Undecided)


def test_entry_given_twice_is_not_told_of_ignored_labels() -> None:
    (found,) = judged([ADA, ROME], [ADA, ROME, ROME])

    assert isinstance(found, Undecided)


def test_equal_answers_keep_the_rest_though_they_are_wrong() -> None:
    assert judged([ADA, ROME, ROME], [ADA, ROME, ROME]) == []
