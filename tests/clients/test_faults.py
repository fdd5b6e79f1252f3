"""What released clients make of each fault: requests, and any huggingface_hub."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from support.hurting import TEXT, Hurting, hurting_server

from nertwin.mockserver.faults import STATUS_KINDS, Fault

huggingface_hub = pytest.importorskip("huggingface_hub")
huggingface_hub_errors = pytest.importorskip("huggingface_hub.errors")

VERSION = tuple(map(int, huggingface_hub.__version__.split(".")[:2]))
WORDS = ["Sarah Jessica Parker", "Jessica"]
HARMLESS = ["dribble", "gzip", "wrong-type", "evolve", "latency"]
# Before 0.29 it asks again each second for as long as it takes, which is for ever.
ONE_REQUEST = pytest.mark.skipif(VERSION < (0, 29), reason="huggingface_hub repeats a 503 itself")


@pytest.fixture(scope="module")
def server() -> Iterator[Hurting]:
    with hurting_server() as running:
        yield running


@pytest.fixture
def hurting(server: Hurting) -> Iterator[Hurting]:
    yield server
    server.plan.clear()


def post(hurting: Hurting, kind: Any, **how: Any) -> requests.Response:
    """The response to requests when every call is hurt like that."""
    hurting.plan.add(Fault(kind=kind, **how))
    return requests.post(hurting.model, json={"inputs": TEXT}, timeout=10)


def classify(hurting: Hurting, kind: Any, **how: Any) -> Any:
    """The entities that ``InferenceClient`` gives when every call is hurt like that."""
    hurting.plan.add(Fault(kind=kind, **how))
    client = huggingface_hub.InferenceClient(model=hurting.model, api_key="hf_not_a_token")
    return client.token_classification(TEXT)


def calls(hurting: Hurting) -> int:
    """How many calls the client has made."""
    (planned,) = hurting.plan
    return planned.seen


@pytest.mark.parametrize("kind", STATUS_KINDS)
def test_requests_sees_the_status(hurting: Hurting, kind: str) -> None:
    assert post(hurting, kind).status_code == int(kind[:3])


@pytest.mark.parametrize(
    ("kind", "how", "error"),
    [
        pytest.param("reset", {}, requests.exceptions.ConnectionError, id="reset"),
        pytest.param("empty", {}, requests.exceptions.ConnectionError, id="empty"),
        pytest.param("truncated", {}, requests.exceptions.ChunkedEncodingError, id="truncated"),
        pytest.param("garbage", {}, requests.exceptions.ChunkedEncodingError, id="garbage"),
        pytest.param(
            "wrong-length", {}, requests.exceptions.ChunkedEncodingError, id="wrong length"
        ),
        pytest.param("redirect", {}, requests.exceptions.TooManyRedirects, id="redirect"),
    ],
)
def test_requests_raises_what_the_wire_gives_it(
    hurting: Hurting, kind: str, how: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        post(hurting, kind, **how)


@pytest.mark.parametrize(
    ("kind", "how"), [("truncated", {"length": "true"}), ("wrong-length", {"length": "shorter"})]
)
def test_requests_gets_a_body_that_is_no_json(
    hurting: Hurting, kind: str, how: dict[str, Any]
) -> None:
    response = post(hurting, kind, **how)

    assert response.status_code == 200
    with pytest.raises(requests.exceptions.JSONDecodeError):
        response.json()


@pytest.mark.parametrize("kind", HARMLESS)
def test_requests_gets_the_entities_all_the_same(hurting: Hurting, kind: str) -> None:
    assert [entity["word"] for entity in post(hurting, kind).json()] == WORDS


def test_requests_takes_an_ok_error_for_an_answer(hurting: Hurting) -> None:
    response = post(hurting, "ok-error")

    assert response.ok
    assert "error" in response.json()


def test_requests_follows_a_redirect_back(hurting: Hurting) -> None:
    response = post(hurting, "redirect", times=1)

    assert [earlier.status_code for earlier in response.history] == [307]
    assert [entity["word"] for entity in response.json()] == WORDS


def test_client_s_time_out_is_shorter_than_the_latency() -> None:
    with hurting_server(clock="real") as slow:
        slow.plan.add(Fault(kind="latency", seconds=3600))

        with pytest.raises(requests.exceptions.ReadTimeout):
            requests.post(slow.model, json={"inputs": TEXT}, timeout=0.2)


@pytest.mark.parametrize("form", ["string", "list"])
def test_hub_raises_a_bad_request_with_the_words_of_either_form(
    hurting: Hurting, form: str
) -> None:
    with pytest.raises(huggingface_hub_errors.BadRequestError, match="out of tea"):
        classify(hurting, "400", message="out of tea", error_form=form)


@pytest.mark.parametrize("kind", ["401", "402", "404", "410", "429", "500", "504"])
def test_hub_raises_its_error_with_the_response(hurting: Hurting, kind: str) -> None:
    with pytest.raises(huggingface_hub_errors.HfHubHTTPError) as caught:
        classify(hurting, kind, message="out of tea")

    assert caught.value.response.status_code == int(kind)
    assert "out of tea" in str(caught.value)
    assert calls(hurting) == 1


@ONE_REQUEST
def test_hub_leaves_the_estimated_time_of_a_503_to_its_user(hurting: Hurting) -> None:
    with pytest.raises(huggingface_hub_errors.HfHubHTTPError) as caught:
        classify(hurting, "503", estimated_time=7.5)

    assert caught.value.response.json()["estimated_time"] == 7.5
    assert calls(hurting) == 1


@ONE_REQUEST
def test_hub_keeps_the_page_of_a_front_out_of_its_message(hurting: Hurting) -> None:
    with pytest.raises(huggingface_hub_errors.HfHubHTTPError) as caught:
        classify(hurting, "503-html")

    assert "nginx" not in str(caught.value)


@pytest.mark.skipif(VERSION >= (0, 29), reason="huggingface_hub from 0.29 asks once")
def test_old_hub_repeats_a_503_until_it_is_answered(hurting: Hurting) -> None:
    entities = classify(hurting, "503", times=1)

    assert [entity["word"] for entity in entities] == WORDS
    assert calls(hurting) == 2


@pytest.mark.parametrize("kind", ["reset", "empty", "truncated", "garbage", "wrong-length"])
def test_hub_lets_the_error_of_its_http_library_through(hurting: Hurting, kind: str) -> None:
    names = "ReadError|RemoteProtocolError|ConnectionError|ChunkedEncodingError"

    with pytest.raises(Exception) as caught:  # noqa: PT011  # The library is the version's own.
        classify(hurting, kind)

    assert type(caught.value).__name__ in names.split("|")
    assert type(caught.value).__module__.partition(".")[0] in ("httpx2", "httpx", "requests")


@pytest.mark.parametrize(
    ("kind", "how"), [("truncated", {"length": "true"}), ("wrong-length", {"length": "shorter"})]
)
def test_hub_raises_on_a_body_that_is_no_json(
    hurting: Hurting, kind: str, how: dict[str, Any]
) -> None:
    with pytest.raises(json.JSONDecodeError):
        classify(hurting, kind, **how)


def test_hub_loses_the_words_of_an_ok_error(hurting: Hurting) -> None:
    with pytest.raises(ValueError, match="Expected a list") as caught:
        classify(hurting, "ok-error", message="out of tea")

    assert "out of tea" not in str(caught.value)


def test_hub_follows_a_redirect_back(hurting: Hurting) -> None:
    entities = classify(hurting, "redirect", times=1)

    assert [entity["word"] for entity in entities] == WORDS


@pytest.mark.parametrize("kind", HARMLESS)
def test_hub_gets_the_entities_all_the_same(hurting: Hurting, kind: str) -> None:
    assert [entity["word"] for entity in classify(hurting, kind)] == WORDS
