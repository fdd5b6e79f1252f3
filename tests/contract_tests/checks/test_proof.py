"""Proof that checks pass what is good and fail what is not."""

import pytest
from mutants import MUTANTS
from support.proof import Stands, prove_in_topics
from support.standins import COLD, TOKEN, stand_in

from nertwin.contract_tests.checks import CHECKS, UNOBSERVABLE, checks_for, select_clauses
from nertwin.contract_tests.client import Client
from nertwin.contract_tests.endpoint import find_endpoint
from nertwin.contract_tests.outcomes import Outcome
from nertwin.contract_tests.runner import run
from nertwin.mockserver import running_server
from nertwin.schemas import PROFILES, Profile, clauses

CHECKED = {check.clause for check in CHECKS}
#: Clauses that a stand-in which lets everybody in can't show; test_tokens.py has another one.
GUARDED = {"auth.wrong-token"}


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("seed", [0, 1])
def test_stand_in_keeps_every_clause(profile: Profile, seed: int) -> None:
    with running_server(stand_in(profile)) as server:
        endpoint = find_endpoint(server.url, profile=profile, token=TOKEN, cold_model=COLD)
        client = Client(endpoint)

        verdict = run(endpoint, client, clauses=select_clauses(profile, level="MAY"), seed=seed)
        client.close()

    outcomes = {
        result.clause.id: result.why or result.outcome
        for result in verdict.results
        if result.clause.id in CHECKED - GUARDED and result.outcome is not Outcome.PASSED
    }
    assert outcomes == {}
    assert verdict.exit_status == 0


@pytest.mark.parametrize("name", MUTANTS)
def test_mutant_is_caught_by_its_clause(name: str, stands: Stands) -> None:
    mutant, clause = MUTANTS[name], name.partition("/")[0]

    failed, errors = prove_in_topics(mutant, stands, clause)

    assert clause in failed
    assert failed <= {clause, *mutant.also}
    assert errors == 0


def test_every_check_has_a_mutant() -> None:
    assert {name.partition("/")[0] for name in MUTANTS} >= CHECKED


def test_every_clause_is_checked_or_says_why_not() -> None:
    missing = {clause.id for clause in clauses() if clause.id not in CHECKED | set(UNOBSERVABLE)}

    assert missing == set()


def test_no_clause_is_both_checked_and_unobservable() -> None:
    assert set(UNOBSERVABLE) & CHECKED == set()


def test_checks_are_of_clauses() -> None:
    assert {clause.id for clause in clauses()} >= CHECKED


def test_checks_of_musts_come_first() -> None:
    chosen = select_clauses("classic", level="MAY")
    level = {clause.id: clause.level for clause in chosen}

    levels = [level[check.clause] for check in checks_for(chosen)]

    assert levels == sorted(levels, key=["MUST", "SHOULD", "MAY"].index)
