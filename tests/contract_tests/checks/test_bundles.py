"""What each bundle holds, so that it may spare what is tried alone."""

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from support.endpoints import ENDPOINT

from nertwin.contract_tests.checks import CHECKS, Plan
from nertwin.contract_tests.checks.bundles import (
    ACCEPTS_OF_CLASSIC,
    BODY,
    CARRIAGE,
    CODINGS,
    CONTENT_TYPES,
    OPTION_VALUES,
    OPTIONS,
    OTHER_KEYS,
    VALUES,
    bundle,
)
from nertwin.contract_tests.exchange import Request

BUNDLED = [
    (check.clause, each)
    for check in CHECKS
    if not check.clause.startswith("label.")
    for each in check.examples(ENDPOINT)
    if each.bundle and len(each.bundle.steps) == 2
]


def bundled(number: int) -> Request:
    """The bundle of a number."""
    request = bundle(ENDPOINT, number).steps[-1]
    assert isinstance(request, Request)
    return request


def headers(number: int, name: str) -> str | None:
    return bundled(number).header(name)


@pytest.mark.parametrize(
    ("name", "first", "values"),
    [
        ("content-type", CARRIAGE, CONTENT_TYPES),
        ("accept", CARRIAGE, ACCEPTS_OF_CLASSIC),
        ("accept-encoding", CARRIAGE, CODINGS),
    ],
)
def test_each_value_of_a_header_is_in_a_bundle(
    name: str, first: int, values: Sequence[str | None]
) -> None:
    found = [headers(number, name) for number in range(first, first + len(values))]

    assert found == list(values)


@pytest.mark.parametrize(
    ("first", "values"), [(BODY, OPTIONS), (VALUES, OPTION_VALUES)], ids=["options", "their values"]
)
def test_each_value_of_options_is_in_a_bundle(first: int, values: Sequence[object]) -> None:
    payloads = [bundled(first + place).payload for place in range(len(values))]

    assert [each["options"] for each in payloads] == list(values)  # type: ignore[index,call-overload]


@pytest.mark.parametrize("place", range(len(OTHER_KEYS)))
def test_keys_that_mean_nothing_are_in_a_bundle(place: int) -> None:
    payload = bundled(BODY + place).payload

    assert isinstance(payload, dict)
    assert payload.items() >= OTHER_KEYS[place].items()


def test_body_is_turned_escaped_and_says_no_to_a_stream() -> None:
    body = bundled(BODY).body

    assert body.isascii()
    assert b"\\u0041\\u006E\\u0067" in body
    assert next(iter(json.loads(body))) == "parameters"
    assert json.loads(body)["stream"] is False


def test_carriage_is_chunked_on_a_new_connection_with_names_in_odd_case() -> None:
    request = bundled(CARRIAGE)

    assert request.is_chunked
    assert request.on_new_connection
    assert ("x-wait-for-model", "true") in request.headers
    assert "CONTENT-TYPE" in dict(request.headers)


@pytest.mark.parametrize(("clause", "tried"), BUNDLED)
def test_bundle_asks_what_its_base_asks(clause: str, tried: Plan) -> None:
    base, many = tried.bundle.steps  # type: ignore[union-attr]

    assert isinstance(base, Request)
    assert isinstance(many, Request)
    assert (many.inputs, many.parameters) == (base.inputs, base.parameters), clause


def test_toolkit_is_sent_no_other_content_type() -> None:
    router = replace(ENDPOINT, profile="router")

    assert bundle(router, CARRIAGE).steps[-1].header("content-type") == "application/json"  # type: ignore[union-attr]
