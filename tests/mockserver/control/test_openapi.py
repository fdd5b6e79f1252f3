"""The description of the control API, beside the answers that test_api.py holds to it."""

import re

import httpx
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from support.control import DOCUMENT

from nertwin.mockserver.control import PREFIX
from nertwin.mockserver.control.route import Route
from nertwin.mockserver.control.routes import ROUTES
from nertwin.mockserver.settings import SESSION_KEYS


def test_description_is_valid() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_description_is_served(control: httpx.Client) -> None:
    assert control.get("openapi.json").json() == DOCUMENT


def test_description_takes_get_alone(control: httpx.Client) -> None:
    assert control.post("openapi.json").headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_route_is_described_with_its_statuses(route: Route) -> None:
    operation = DOCUMENT["paths"][PREFIX + route.path][route.method.lower()]

    assert set(operation["responses"]) >= {str(route.status), "401", "403", "404"}
    assert re.fullmatch(r"[A-Z].*[^.]", operation["summary"])
    assert ("requestBody" in operation) == (route.body is not None)


def test_operations_have_names_of_their_own() -> None:
    names = [each["operationId"] for item in DOCUMENT["paths"].values() for each in item.values()]

    assert len(set(names)) == len(names) == len(ROUTES) + 1


def test_settings_of_a_session_are_described() -> None:
    body = DOCUMENT["paths"]["/_nertwin/sessions/{id}"]["patch"]["requestBody"]
    schema = body["content"]["application/json"]["schema"]["properties"]["settings"]

    assert set(schema["properties"]) == set(SESSION_KEYS)
    assert schema["properties"]["cache_ttl"] == {"anyOf": [{"type": "number"}, {"type": "null"}]}
    assert schema["additionalProperties"] is False
