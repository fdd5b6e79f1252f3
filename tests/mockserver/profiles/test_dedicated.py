"""A dedicated endpoint: the table of what the toolkit's main branch answers, row by row."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from support.toolkits import (
    ACCEPTED_PARAMETERS,
    AT_LEAST_ONE,
    GROUP_KEYS,
    JSON_HEADERS,
    SENTENCE,
    TOKEN_KEYS,
    keys,
    post,
)

from nertwin.mockserver import Settings, running_server
from nertwin.mockserver.app import create_endpoint
from nertwin.mockserver.profiles import find_profile

PATH = "/"
ENDPOINT = create_endpoint(Settings(profile="dedicated"))
MODEL = ENDPOINT.models.model("dslim/bert-base-NER")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running_server(Settings(port=0, profile="dedicated")) as server:
        yield server.url


@pytest.fixture
def client(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, trust_env=False) as client:
        yield client


@pytest.mark.parametrize("parameters", ACCEPTED_PARAMETERS.values(), ids=ACCEPTED_PARAMETERS)
def test_default_strategy_answers(client: httpx.Client, parameters: Any) -> None:
    response = post(client, PATH, {"inputs": SENTENCE, "parameters": parameters})

    assert response.status_code == 200
    assert keys(response) == TOKEN_KEYS


@pytest.mark.parametrize(
    ("content_type", "error"),
    [
        (None, 'Content type "None" not supported.'),
        ("text/plain", "'NoneType' object has no attribute 'deserialize'"),
        ("text/csv", "'NoneType' object has no attribute 'deserialize'"),
        (
            "application/json; charset=utf-8",
            'Content type "application/json; charset=utf-8" not supported.',
        ),
        ("APPLICATION/JSON", 'Content type "APPLICATION/JSON" not supported.'),
        ("image/png", "cannot identify image file"),
        ("audio/flac", AT_LEAST_ONE),
    ],
)
def test_refused_content_type_gets_the_toolkits_words(
    client: httpx.Client, content_type: str | None, error: str
) -> None:
    headers = {"content-type": content_type} if content_type else {}

    response = client.post(PATH, content=b'{"inputs": "Ada"}', headers=headers)

    assert response.status_code == 400
    assert response.json()["error"].strip().startswith(error)


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=UTF-8"])
def test_content_type_of_json_is_read(client: httpx.Client, content_type: str) -> None:
    headers = {"content-type": content_type}

    response = client.post(PATH, content=b'{"inputs": "Ada"}', headers=headers)

    assert response.status_code == 200


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("*/*", "application/json"),
        ("application/json; charset=UTF-8", "application/json; charset=UTF-8"),
    ],
)
def test_accepted_type_comes_back(client: httpx.Client, accept: str, content_type: str) -> None:
    headers = {"accept": accept, **JSON_HEADERS}

    response = client.post(PATH, content=b'{"inputs": "Ada"}', headers=headers)

    assert response.status_code == 200
    assert response.headers["content-type"] == content_type


@pytest.mark.parametrize(
    ("accept", "error"),
    [
        (
            "application/json, text/plain, */*",
            'Accept type "application/json, text/plain, */*" not supported.',
        ),
        ("text/plain", "'NoneType' object has no attribute 'serialize'"),
        ("text/html", 'Accept type "text/html" not supported.'),
        ("image/png", "image/png can't hold"),
    ],
)
def test_type_that_is_not_listed_is_refused(client: httpx.Client, accept: str, error: str) -> None:
    headers = {"accept": accept, **JSON_HEADERS}

    response = client.post(PATH, content=b'{"inputs": "Ada"}', headers=headers)

    assert response.status_code == 400
    assert response.json()["error"].strip().startswith(error)


@pytest.mark.parametrize("parameters", [None, [], "simple"], ids=repr)
def test_parameters_that_are_no_object_are_refused(client: httpx.Client, parameters: Any) -> None:
    response = post(client, PATH, {"inputs": "Ada", "parameters": parameters})

    assert response.status_code == 400
    assert "argument after ** must be a mapping, not " in response.json()["error"]


def test_strategy_may_stand_in_an_object_of_arguments(client: httpx.Client) -> None:
    inputs = {"inputs": SENTENCE, "aggregation_strategy": "first"}

    assert keys(post(client, PATH, {"inputs": inputs})) == GROUP_KEYS


def test_argument_given_twice_is_refused(client: httpx.Client) -> None:
    payload = {"inputs": {"inputs": "Ada", "stride": 1}, "parameters": {"stride": 1}}

    error = post(client, PATH, payload).json()["error"]

    assert error.endswith("got multiple values for keyword argument 'stride'")


@pytest.mark.parametrize("text", ["hello there", ""])
def test_string_of_labels_fails_only_where_a_token_is_not_in_it(
    client: httpx.Client, text: str
) -> None:
    payload = {"inputs": text, "parameters": {"ignore_labels": "O"}}

    assert post(client, PATH, payload).json() == []


def test_answer_has_the_containers_headers_and_no_others(client: httpx.Client) -> None:
    response = post(client, PATH, {"inputs": SENTENCE})

    assert set(response.headers) == {"content-length", "content-type", "date", "server"}
    assert response.headers["server"] == "uvicorn"


def test_model_answers_under_predict(client: httpx.Client) -> None:
    answer = post(client, "/predict", {"inputs": SENTENCE})

    assert answer.content == post(client, "/", {"inputs": SENTENCE}).content


@pytest.mark.parametrize("path", ["/", "/health"])
def test_container_is_well(client: httpx.Client, path: str) -> None:
    response = client.get(path)

    assert (response.status_code, response.text) == (200, "Ok")


@pytest.mark.parametrize(
    "path", ["/models/dslim/bert-base-NER", "/api/models", "/status/x", "/predict/"]
)
def test_other_paths_are_not_found_in_plain_text(client: httpx.Client, path: str) -> None:
    response = post(client, path, {"inputs": "Ada"})

    assert (response.status_code, response.text) == (404, "Not Found")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", "/"), ("OPTIONS", "/"), ("GET", "/predict"), ("POST", "/health")]
)
def test_other_methods_are_not_allowed_in_plain_text(
    client: httpx.Client, method: str, path: str
) -> None:
    response = client.request(method, path)

    assert (response.status_code, response.text) == (405, "Method Not Allowed")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert method not in response.headers["allow"].split(", ")


def test_refusal_of_a_token_is_a_401() -> None:
    profile = find_profile("dedicated")

    assert [profile.missing_token().status, profile.invalid_token().status] == [401, 401]


def test_model_that_is_not_there_is_a_path_that_is_not_there() -> None:
    assert find_profile("dedicated").unknown_model("a/b").status == 404
