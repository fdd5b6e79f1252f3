"""Each breach against an exchange that it breaks, and what all of them have in common."""

from functools import cache

import pytest
from support.deeds import Case, a_deed, a_visit, entries, header
from support.violations import CASES

from nertwin.mockserver.breaches import (
    UNBREAKABLE,
    Memory,
    UnknownBreach,
    breakable,
    describe_breach,
    find_breach,
    needs,
    withheld,
)
from nertwin.mockserver.profiles import PROFILES
from nertwin.schemas import PROFILES as PROFILE_NAMES
from nertwin.schemas import Clause, clauses, validator

#: Schemas and headers are what these are about.
ABOUT_SCHEMAS = {"shape.group-fields", "shape.token-fields", "shape.one-kind", "shape.no-label"}
ABOUT_RANGE = {"score.probability"}
#: Clauses that can be broken, with the profiles that they are not about.
FOREIGN = [
    (clause.id, profile)
    for clause in clauses()
    for profile in PROFILE_NAMES
    if clause.id in breakable() and profile not in clause.profiles
]


def ids_of(cases: tuple[Case, ...]) -> list[str]:
    return [f"{case.clause}-{number}" for number, case in enumerate(cases)]


played = cache(Case.play)
each_case = pytest.mark.parametrize("case", CASES, ids=ids_of(CASES))


def test_every_clause_is_breakable_or_told_why_not() -> None:
    known = [clause.id for clause in clauses()]

    assert sorted([*breakable(), *UNBREAKABLE]) == sorted(known)


def test_every_breakable_clause_has_a_case() -> None:
    assert {case.clause for case in CASES} == set(breakable())


@pytest.mark.parametrize("clause", [c for c in clauses() if c.level == "MAY"], ids=lambda c: c.id)
def test_permission_can_not_be_broken(clause: Clause) -> None:
    assert "permission" in UNBREAKABLE[clause.id]


@each_case
def test_broken_reply_violates_the_clause(case: Case) -> None:
    broken, deed = played(case)

    assert broken != deed.reply
    assert case.violates(broken, deed)


@each_case
def test_faithful_reply_does_not_violate_the_clause(case: Case) -> None:
    _, deed = played(case)

    assert not case.violates(deed.reply, deed)


@each_case
def test_same_exchanges_are_broken_alike(case: Case) -> None:
    assert case.play()[0] == case.play()[0]


@each_case
def test_broken_answer_still_fits_its_schema(case: Case) -> None:
    broken, deed = played(case)
    is_about_form = case.clause in ABOUT_SCHEMAS | ABOUT_RANGE
    must_fit = deed.answer is not None and broken.status == 200 and not is_about_form

    assert not must_fit or validator("answer").is_valid(entries(broken))


@each_case
def test_length_stays_true_unless_the_clause_is_about_it(case: Case) -> None:
    broken, _ = played(case)
    lengths = {header(broken, "content-length"), None} - {str(len(broken.body))}

    assert lengths == {None} or case.clause == "shape.length-is-true"


@pytest.mark.parametrize(("clause_id", "profile"), FOREIGN)
def test_breach_leaves_profiles_alone_that_its_clause_is_not_about(
    clause_id: str, profile: str
) -> None:
    deed = a_deed(None, profile=profile, headers={"x-use-cache": "false"})

    assert find_breach(clause_id)(deed) is deed.reply


@pytest.mark.parametrize("clause_id", sorted(set(breakable()) - {"auth.look-ups-are-public"}))
def test_list_of_models_is_no_concern_of_any_breach(clause_id: str) -> None:
    visit = a_visit(path="/api/models")

    assert find_breach(clause_id)(visit) is visit.reply


@pytest.mark.parametrize(
    "clause_id", [id_ for id_ in breakable() if id_.startswith(("request.", "long-input."))]
)
def test_plain_call_is_no_concern_of_what_requests_may_hold(clause_id: str) -> None:
    deed = a_deed()

    assert find_breach(clause_id)(deed).body == deed.reply.body


@pytest.mark.parametrize(
    "clause_id", [id_ for id_ in breakable() if id_.startswith(("span.", "score.", "label."))]
)
def test_refusal_is_no_concern_of_what_entities_are_like(clause_id: str) -> None:
    deed = a_deed(None)

    assert find_breach(clause_id)(deed) is deed.reply


def test_every_breach_says_what_it_does() -> None:
    sentences = [describe_breach(clause_id) for clause_id in breakable()]

    assert all(sentence.endswith(".") for sentence in sentences)


def test_misspelt_clause_is_guessed() -> None:
    with pytest.raises(UnknownBreach, match=r"Did you mean 'span\.slice-is-word'\?") as caught:
        find_breach("span.slice-is-wrd")

    assert caught.value.why == ""


def test_unbreakable_clause_says_why_and_which_can_be_broken() -> None:
    with pytest.raises(UnknownBreach, match=r"permission.*span\.half-open") as caught:
        find_breach("span.null-pair")

    assert caught.value.clause_id == "span.null-pair"


def test_description_of_no_breach_is_none() -> None:
    with pytest.raises(UnknownBreach):
        describe_breach("auth.colon")


def test_false_length_needs_the_wire() -> None:
    assert needs("shape.length-is-true") == "wire"
    assert needs("span.half-open") is None


def test_server_with_shared_ids_adds_none_of_its_own() -> None:
    assert withheld("header.request-id") == {b"x-request-id"}
    assert withheld("span.half-open") == frozenset()


def test_memory_is_bounded() -> None:
    memory = Memory()

    for key in range(5000):
        memory.keep(key, key)

    assert memory.size == 1000
    assert memory.recall(4999) == 4999
    assert memory.recall(0) is None


def test_profiles_are_those_of_the_contract() -> None:
    assert set(PROFILES) == set(PROFILE_NAMES)


def test_deed_shows_no_token() -> None:
    assert "hf_secret" not in repr(a_deed(headers={"authorization": "Bearer hf_secret"}))
