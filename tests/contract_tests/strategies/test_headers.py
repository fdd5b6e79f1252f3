from typing import Any

import h11
import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator
from mutants import Recorded

from nertwin.contract_tests.endpoint import Endpoint
from nertwin.contract_tests.exchange import HeaderLines
from nertwin.contract_tests.strategies import headers
from nertwin.schemas import PROFILES, Profile, openapi

Stands = dict[Profile, tuple[Endpoint, Recorded]]

COMPONENTS: Any = openapi()["components"]
DOCUMENTED: dict[str, Any] = {
    parameter["name"].lower(): Draft202012Validator(parameter["schema"])
    for parameter in COMPONENTS["parameters"].values()
    if parameter["in"] == "header"
}


@given(headers())
def test_documented_headers_have_documented_values(lines: HeaderLines) -> None:
    assert all(
        DOCUMENTED[name.lower()].is_valid(value)
        for name, value in lines
        if name.lower() in DOCUMENTED
    )


@given(headers())
def test_headers_can_be_sent(lines: HeaderLines) -> None:
    h11.Request(method="POST", target="/", headers=[("host", "localhost"), *lines])


@given(headers())
def test_no_header_is_there_twice(lines: HeaderLines) -> None:
    assert len({name.lower() for name, _ in lines}) == len(lines)


@pytest.mark.parametrize("profile", PROFILES)
@settings(max_examples=20)
@given(lines=headers())
def test_every_profile_answers_a_call_with_them(
    profile: Profile, lines: HeaderLines, stands: Stands
) -> None:
    endpoint, transport = stands[profile]

    exchange = transport.send(endpoint.classify("Angela Merkel", headers=lines))

    assert exchange.status == 200
