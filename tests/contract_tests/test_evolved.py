"""What the kit says of an endpoint that answers as a later release might."""

import pytest

from nertwin.contract_tests.checks import select_clauses
from nertwin.contract_tests.client import Client
from nertwin.contract_tests.endpoint import find_endpoint
from nertwin.contract_tests.outcomes import Outcome, Verdict
from nertwin.contract_tests.runner import run
from nertwin.mockserver import Fault, Settings, running_server
from nertwin.mockserver.faults import EVOLUTIONS
from nertwin.schemas import PROFILES, Profile

TOUCHED = ("shape.*", "score.*", "span.*", "header.*", "aggregation.simple-score")
#: Clauses of today's service that are no MUST, by what departs from them.
DEPARTS_FROM = {"extra-fields": {"shape.no-other-fields"}, "key-order": {"shape.key-order"}}
#: The router's service prints the shortest digits, so that more of them are a departure.
DEPARTURES = {"shape.no-other-fields", "shape.key-order", "score.single-precision"}


def verdict_on(profile: Profile, *evolutions: str) -> Verdict:
    faults = (Fault(kind="evolve", evolve=evolutions),)
    with running_server(Settings(port=0, profile=profile, faults=faults)) as server:
        endpoint = find_endpoint(server.url, profile=profile)
        with Client(endpoint) as client:
            clauses = select_clauses(profile, level="MAY", select=TOUCHED)
            return run(endpoint, client, clauses=clauses)


def failed(verdict: Verdict) -> dict[str, str]:
    return {
        each.clause.id: each.clause.level
        for each in verdict.results
        if each.outcome is Outcome.FAILED
    }


@pytest.mark.parametrize("profile", PROFILES)
def test_evolved_endpoint_departs_from_today_and_breaks_no_must(profile: Profile) -> None:
    found = failed(verdict_on(profile, *EVOLUTIONS))

    assert {"shape.no-other-fields", "shape.key-order"} <= set(found) <= DEPARTURES
    assert set(found.values()) == {"SHOULD"}


@pytest.mark.parametrize("evolution", EVOLUTIONS)
def test_each_evolution_departs_from_its_own_clause_alone(evolution: str) -> None:
    found = failed(verdict_on("classic", evolution))

    assert set(found) == DEPARTS_FROM.get(evolution, set())


def test_new_field_is_named_and_explained() -> None:
    verdict = verdict_on("classic", "extra-fields")

    (result,) = (each for each in verdict.results if each.outcome is Outcome.FAILED)
    told = result.findings[0].violation
    assert "besides" in told.actual
    assert "as today's service has them" in told.expected
    assert told.hint.startswith("A later release may add fields")
