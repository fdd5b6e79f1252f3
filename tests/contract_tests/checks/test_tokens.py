from dataclasses import replace

import pytest
from support.standins import TOKEN, stand_in

from nertwin.contract_tests.checks import select_clauses
from nertwin.contract_tests.client import Client
from nertwin.contract_tests.endpoint import find_endpoint
from nertwin.contract_tests.outcomes import Outcome
from nertwin.contract_tests.runner import run
from nertwin.mockserver import running_server
from nertwin.schemas import Profile


@pytest.mark.parametrize("profile", ["classic", "router"])
def test_guarded_stand_in_keeps_what_tokens_are_about(profile: Profile) -> None:
    guarded = replace(stand_in(profile), auth="token", token=TOKEN)
    with running_server(guarded) as server:
        endpoint = find_endpoint(server.url, profile=profile, token=TOKEN)
        with Client(endpoint) as client:
            verdict = run(
                endpoint,
                client,
                clauses=select_clauses(profile, level="MAY", select=["auth.*"]),
            )

    undecided = {each.clause.id for each in verdict.results if not each.outcome.is_decided}
    assert verdict.count(Outcome.FAILED) == 0
    assert undecided == {"auth.token-changes-nothing"}
