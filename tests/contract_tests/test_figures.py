"""How many requests a run takes, and how much few of them decide."""

import pytest

from nertwin.contract_tests.checks import select_clauses
from nertwin.contract_tests.client import Client
from nertwin.contract_tests.endpoint import find_endpoint
from nertwin.contract_tests.etiquette import Etiquette
from nertwin.contract_tests.outcomes import Outcome, Verdict
from nertwin.contract_tests.runner import run
from nertwin.mockserver import Settings, running_server
from nertwin.schemas import PROFILES, Profile


def check(profile: Profile, etiquette: Etiquette, *, seed: int = 0) -> Verdict:
    """The verdict on a stand-in as it comes, by the clauses that are the default."""
    with running_server(Settings(port=0, profile=profile)) as server:
        endpoint = find_endpoint(server.url, profile=profile)
        with Client(endpoint) as client:
            return run(
                endpoint,
                client,
                clauses=select_clauses(profile),
                etiquette=etiquette,
                seed=seed,
            )


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("seed", [0, 1])
def test_default_run_is_done_within_400_requests(profile: Profile, seed: int) -> None:
    verdict = check(profile, Etiquette(), seed=seed)

    assert verdict.requests <= 400
    assert verdict.stopped == ""
    assert verdict.count(Outcome.FAILED) == 0
    assert verdict.count(Outcome.INCONCLUSIVE) <= 1  # auth.wrong-token: everybody is let in.


@pytest.mark.parametrize("profile", PROFILES)
def test_40_requests_decide_four_fifths_of_the_musts(profile: Profile) -> None:
    verdict = check(profile, Etiquette(max_requests=40))

    musts = [each for each in verdict.results if each.clause.level == "MUST"]
    decided = [each for each in musts if each.outcome.is_decided]
    assert verdict.requests == 40
    assert len(decided) >= 0.8 * len(musts)  # Those too that nobody could decide here.
