"""Today's router: the table of what the toolkit's compatible branch answers, row by row."""

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
    keys,
    post,
)

from nertwin.mockserver import Settings, running_server
from nertwin.mockserver.app import create_endpoint
from nertwin.mockserver.profiles import find_profile

PATH = "/hf-inference/models/dslim/bert-base-NER"
ENDPOINT = create_endpoint(Settings(profile="router"))
MODEL = ENDPOINT.models.model("dslim/bert-base-NER")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running_server(Settings(port=0, profile="router")) as server:
        yield server.url


@pytest.fixture
def client(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, trust_env=False) as client:
        yield client


@pytest.mark.parametrize("parameters", ACCEPTED_PARAMETERS.values(), ids=ACCEPTED_PARAMETERS)
def test_default_strategy_answers(client: httpx.Client, parameters: Any) -> None:
    response = post(client, PATH, {"inputs": SENTENCE, "parameters": parameters})

    assert response.status_code == 200
    assert keys(response) == GROUP_KEYS


@pytest.mark.parametrize(
    ("content_type", "error"),
    [
        (None, "No content type provided and no default one configured."),
        ("text/plain", 'Content type "text/plain" not supported.'),
        ("text/csv", 'Content type "text/csv" not supported.'),
        ("application/octet-stream", 'Content type "application/octet-stream" not supported for'),
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


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "APPLICATION/JSON"])
def test_content_type_of_json_is_read(client: httpx.Client, content_type: str) -> None:
    headers = {"content-type": content_type}

    response = client.post(PATH, content=b'{"inputs": "Ada"}', headers=headers)

    assert response.status_code == 200


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("*/*", "application/json"),
        ("application/json, text/plain, */*", "application/json, text/plain, */*"),
        ("text/x,application/json", "text/x,application/json; charset=utf-8"),
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
        ("text/plain", 'Accept type "text/plain" not supported.'),
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
    assert "object has no attribute 'setdefault'" in response.json()["error"]


def test_strategy_beside_an_object_of_arguments_is_given_twice(client: httpx.Client) -> None:
    inputs = {"inputs": SENTENCE, "aggregation_strategy": "first"}

    error = post(client, PATH, {"inputs": inputs}).json()["error"]

    assert error.endswith("got multiple values for keyword argument 'aggregation_strategy'")


def test_answer_has_the_fronts_headers(client: httpx.Client) -> None:
    response = post(client, PATH, {"inputs": SENTENCE})

    assert set(response.headers) == {
        "access-control-allow-origin",
        "access-control-expose-headers",
        "content-length",
        "content-type",
        "cross-origin-opener-policy",
        "date",
        "referrer-policy",
        "server",
        "vary",
        "via",
        "x-amz-cf-id",
        "x-amz-cf-pop",
        "x-cache",
        "x-inference-id",
        "x-powered-by",
        "x-request-id",
        "x-robots-tag",
    }
    assert response.headers["x-cache"] == "Miss from cloudfront"


def test_request_id_ends_with_the_clients_trace(client: httpx.Client) -> None:
    response = client.get("/health", headers={"x-amzn-trace-id": "my-trace"})

    name, _, trace = response.headers["x-request-id"].partition(";")
    assert name.startswith("Root=1-")
    assert len(name) == 40
    assert trace == "my-trace"


def test_unknown_model_is_not_supported_by_the_provider(client: httpx.Client) -> None:
    response = post(client, "/hf-inference/models/nobody/nothing", {"inputs": "Ada"})

    assert response.status_code == 400
    assert response.content == b'{"error":"Model not supported by provider hf-inference"}'
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.headers["x-cache"] == "Error from cloudfront"


@pytest.mark.parametrize(
    "path",
    [
        "/hf-inference/models/dslim%2Fbert-base-NER",
        "/hf-inference/models/dslim/bert-base-NER/pipeline/token-classification",
        "/hf-inference/pipeline/token-classification/dslim/bert-base-NER",
    ],
)
def test_model_answers_under_its_other_paths(client: httpx.Client, path: str) -> None:
    assert post(client, path, {"inputs": SENTENCE}).status_code == 200


@pytest.mark.parametrize("path", ["/hf-inference/v1/chat/completions", "/models/dslim/x", "/x"])
def test_unknown_path_is_told_the_right_one(client: httpx.Client, path: str) -> None:
    response = post(client, path, {"inputs": "Ada"})

    assert response.status_code == 404
    assert "/hf-inference/models/" in response.json()["error"]


def test_index_names_the_path_of_models(client: httpx.Client) -> None:
    assert client.get("/").json()["classify"].startswith("POST /hf-inference/models/{id}")


@pytest.mark.parametrize("path", ["/api/models/dslim/bert-base-NER", "/api/models", "/api/tasks"])
def test_hub_answers_look_ups(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 200


def test_preflight_is_granted(client: httpx.Client) -> None:
    response = client.options(PATH, headers={"origin": "http://app.test"})

    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == "*"


def test_refusal_of_a_token_names_the_scheme() -> None:
    profile = find_profile("router")

    reply = ENDPOINT.refuse(profile.missing_token())

    assert reply.status == 401
    assert reply.body == b'{"error":"Invalid username or password."}'
    assert (b"x-error-message", b"Invalid username or password.") in reply.headers
    assert b"www-authenticate" in dict(reply.headers)
    assert profile.invalid_token().body == {"error": "Invalid credentials in Authorization header"}
