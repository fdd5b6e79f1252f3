"""Grades: what counts, what nobody can tell, and how it reads."""

import json
from typing import Any

import pytest
from support.told import told

from nertwin.contract_tests.manners.grade import UnknownManner, grade, impoliteness
from nertwin.contract_tests.manners.seen import a_visit

WAIT: dict[str, Any] = {"headers": {"x-wait-for-model": "true"}}


def standing(clause: str, *journal: dict[str, Any], **how: Any) -> str:
    (mark,) = grade(a_visit(journal, **how), select=[clause]).marks
    return mark.standing


def test_clauses_of_other_profiles_are_not_judged() -> None:
    ids = [mark.clause.id for mark in grade(a_visit([], profile="router")).marks]

    assert "client.options-read" in ids
    assert "client.wait-flag-after-loading" not in ids


def test_selected_clauses_are_judged_and_ignored_ones_are_not() -> None:
    found = grade(a_visit([]), select=["client.token-*"], ignore=["*-body"])

    assert [mark.clause.id.partition(".")[2] for mark in found.marks] == [
        "token-in-authorization",
        "token-not-in-url",
        "token-not-to-look-ups",
    ]


@pytest.mark.parametrize("given", [{"select": ["client.bearr"]}, {"ignore": ["client.bearr"]}])
def test_misspelt_clause_is_an_error_with_a_guess(given: dict[str, Any]) -> None:
    with pytest.raises(UnknownManner, match=r"Did you mean 'client\.bearer'"):
        grade(a_visit([]), **given)


def test_clause_that_is_named_must_have_been_tried() -> None:
    visit = a_visit([told(1)])

    found = impoliteness(grade(visit, select=["client.bearer"]), ["client.bearer"])

    assert "nothing that came tried this" in found
    assert impoliteness(grade(visit, select=["client.b*"]), ["client.b*"]) == ""


def test_clause_that_is_named_must_be_decided() -> None:
    name = "client.waits-estimated-time"
    visit = a_visit([told(1, 503, at=0), told(2, at=0)], clock="frozen")

    assert "nertwin_sleep" in impoliteness(grade(visit, select=[name]), [name])
    assert impoliteness(grade(visit)) == ""


def test_grade_tells_what_nobody_can_tell() -> None:
    visit = a_visit([told(1, 503, at=0), told(2, at=0)], clock="frozen")

    assert "can't tell client.waits-estimated-time" in grade(visit).to_text()


def test_many_remarks_of_a_clause_are_counted() -> None:
    journal = [told(number, body=f"{number}") for number in range(1, 8)]

    (mark,) = grade(a_visit(journal), select=["client.json-object"]).marks

    assert [*mark.lines()][-1] == "  and 4 times more"


def test_grade_is_json() -> None:
    found = grade(a_visit([told(1), told(2, 400, body="1", answer={})]))

    document = json.loads(json.dumps(found.to_json()))

    assert (document["polite"], document["requests"]) == (False, 2)
    (told_clause,) = [each for each in document["clauses"] if each["standing"] == "broken"]
    assert told_clause["remarks"][0]["lines"] == ["#2 POST /models/acme/ner '1' -> 400"]


def test_wait_is_not_judged_where_the_beginning_is_lost() -> None:
    clause = "client.wait-flag-after-loading"

    assert standing(clause, told(1, **WAIT)) == "broken"
    assert standing(clause, told(7, **WAIT)) == "unclear"


def test_other_token_may_follow_a_refused_one_once() -> None:
    clause, refused = "client.keeps-refusals", [told(number, 401) for number in range(1, 4)]

    assert standing(clause, *refused[:2]) == "untried"
    assert standing(clause, *refused) == "broken"


def test_repeats_that_the_journal_folded_are_repeats() -> None:
    journal = told(1001, 400, repeats=300, last_at=9000, last_real_time=9000)

    assert standing("client.keeps-refusals", journal) == "broken"


def test_call_with_a_token_at_last_is_no_repeat() -> None:
    journal = told(1, 401), told(2, headers={"authorization": "bearer-hf"})

    assert standing("client.keeps-refusals", *journal) == "untried"


def test_retry_with_the_option_to_wait_is_the_same_call() -> None:
    journal = told(1, 503), told(2, body={"inputs": "Ada", "options": {"wait_for_model": True}})

    assert standing("client.waits-estimated-time", *journal, clock="frozen") == "kept"


def test_body_that_is_cut_is_not_called_broken_json() -> None:
    journal = told(1, body='{"inputs": "A', is_cut=True)

    assert standing("client.json-object", journal) == "untried"
    assert standing("client.long-text-strides", journal) == "unclear"


def test_text_as_it_is_may_be_sent_to_the_toolkit() -> None:
    journal = told(1, body="Ada", headers={"content-type": "text/plain"})

    assert standing("client.json-object", journal, profile="dedicated") == "untried"
    assert standing("client.content-type", journal, profile="dedicated") == "untried"
    assert standing("client.json-object", journal) == "broken"


def test_window_of_the_model_decides_what_is_long() -> None:
    journal = told(1, body={"inputs": "word " * 600})

    assert standing("client.long-text-strides", journal) == "broken"
    assert standing("client.long-text-strides", journal, windows={"acme/ner": 8192}) == "untried"


def test_short_error_is_no_text_that_comes_back() -> None:
    journal = told(1, 500, answer={"error": "Ada"}), told(2)

    assert standing("client.error-not-reposted", *journal) == "untried"
