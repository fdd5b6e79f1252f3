"""What the toolkit's two branches answer alike, and so both profiles made of them do."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import pytest
from support.toolkits import (
    GROUP_KEYS,
    JSON_HEADERS,
    LONG,
    REFUSED_BODIES,
    REFUSED_PARAMETERS,
    SENTENCE,
    TOKEN_KEYS,
    keys,
    post,
)

from nertwin.mockserver import Settings, running_server

PATHS = {"router": "/hf-inference/models/dslim/bert-base-NER", "dedicated": "/"}


@pytest.fixture(params=PATHS)
def profile(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def path(profile: str) -> str:
    """Where the profile has its model."""
    return PATHS[profile]


@pytest.fixture(scope="module")
def urls() -> Iterator[dict[str, str]]:
    """Both servers at once: in random order, a profile's own would be started for each test."""
    with (
        running_server(Settings(port=0, profile="router")) as router,
        running_server(Settings(port=0, profile="dedicated")) as dedicated,
    ):
        yield {"router": router.url, "dedicated": dedicated.url}


@pytest.fixture
def client(urls: dict[str, str], profile: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=urls[profile], trust_env=False) as client:
        yield client


@pytest.mark.parametrize("name", ["simple", "SIMPLE", "first", "Average", "mAx"])
def test_named_strategy_groups_in_any_case(client: httpx.Client, path: str, name: str) -> None:
    parameters = {"aggregation_strategy": name}

    response = post(client, path, {"inputs": SENTENCE, "parameters": parameters})

    assert keys(response) == GROUP_KEYS


def test_null_strategy_gives_tokens(client: httpx.Client, path: str) -> None:
    parameters = {"aggregation_strategy": None}

    response = post(client, path, {"inputs": SENTENCE, "parameters": parameters})

    assert keys(response) == TOKEN_KEYS


@pytest.mark.parametrize(
    ("parameters", "error"), REFUSED_PARAMETERS.values(), ids=REFUSED_PARAMETERS
)
def test_refused_parameter_gets_the_exceptions_text(
    client: httpx.Client, path: str, parameters: Any, error: str
) -> None:
    response = post(client, path, {"inputs": SENTENCE, "parameters": parameters})

    assert response.status_code == 400
    assert response.headers["content-type"] == "application/json"
    assert response.json() == {"error": error}


@pytest.mark.parametrize(("body", "error"), REFUSED_BODIES.values(), ids=REFUSED_BODIES)
def test_refused_body_gets_the_exceptions_text(
    client: httpx.Client, path: str, body: bytes, error: str
) -> None:
    response = client.post(path, content=body, headers=JSON_HEADERS)

    assert response.status_code == 400
    assert list(response.json()) == ["error"]
    assert response.json()["error"].startswith(error)


@pytest.mark.parametrize("text", ["", "  \n"], ids=ascii)
@pytest.mark.parametrize(
    "parameters", [{}, {"ignore_labels": 5}, {"aggregation_strategy": 3}], ids=repr
)
def test_text_without_tokens_is_empty_whatever_would_fail_later(
    client: httpx.Client, path: str, text: str, parameters: Any
) -> None:
    response = post(client, path, {"inputs": text, "parameters": parameters})

    assert (response.status_code, response.content) == (200, b"[]")


def test_batch_of_one_stays_nested(client: httpx.Client, path: str) -> None:
    alone = post(client, path, {"inputs": SENTENCE}).json()

    assert post(client, path, {"inputs": [SENTENCE]}).json() == [alone]


def test_object_as_inputs_holds_keyword_arguments(client: httpx.Client, path: str) -> None:
    payload = {"inputs": {"inputs": SENTENCE, "ignore_labels": [None]}}

    assert post(client, path, payload).json() == []


def test_null_among_the_labels_drops_everything(client: httpx.Client, path: str) -> None:
    payload = {"inputs": SENTENCE, "parameters": {"ignore_labels": [None]}}

    assert post(client, path, payload).json() == []


def test_query_stands_in_for_absent_parameters(client: httpx.Client, path: str) -> None:
    response = post(client, f"{path}?stride=512", {"inputs": SENTENCE})

    assert "`stride` must be less than" in response.json()["error"]


def test_query_is_ignored_beside_parameters(client: httpx.Client, path: str) -> None:
    payload = {"inputs": SENTENCE, "parameters": {}}

    assert post(client, f"{path}?stride=512", payload).status_code == 200


def test_odd_number_in_the_query_is_refused(client: httpx.Client, path: str) -> None:
    response = post(client, f"{path}?stride=%C2%B2", {"inputs": SENTENCE})

    assert response.json()["error"].startswith("invalid literal for int()")


def test_stride_as_long_as_a_window_crashes_on_a_long_text(client: httpx.Client, path: str) -> None:
    response = post(client, path, {"inputs": LONG, "parameters": {"stride": 510}})

    assert response.status_code == 500
    assert response.text == "Internal Server Error"
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.headers["connection"] == "close"
    assert post(client, path, {"inputs": SENTENCE}).status_code == 200


def test_long_text_is_cut_without_a_word(client: httpx.Client, path: str) -> None:
    response = post(client, path, {"inputs": LONG})

    assert response.status_code == 200
    assert response.json()[-1]["end"] < len(LONG) / 2


def test_scores_are_the_shortest_decimals_of_a_float32(client: httpx.Client, path: str) -> None:
    scores = [entity["score"] for entity in post(client, path, {"inputs": SENTENCE}).json()]

    assert scores
    assert scores == [float(str(np.float32(score))) for score in scores]


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer hf_abc"},
        {"x-use-cache": "false"},
        {"x-wait-for-model": "1"},
        {"x-load-model": "0"},
    ],
    ids=str,
)
def test_classic_headers_change_nothing(
    client: httpx.Client, path: str, headers: dict[str, str]
) -> None:
    body = json.dumps({"inputs": SENTENCE}).encode()

    response = client.post(path, content=body, headers=JSON_HEADERS | headers)

    assert response.content == post(client, path, {"inputs": SENTENCE}).content


@pytest.mark.parametrize("more", [{"options": 5}, {"stream": True}, {"model": "x"}], ids=str)
def test_other_keys_of_the_body_change_nothing(client: httpx.Client, path: str, more: Any) -> None:
    response = post(client, path, {"inputs": SENTENCE, **more})

    assert response.content == post(client, path, {"inputs": SENTENCE}).content
