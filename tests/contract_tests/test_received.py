"""Responses of other libraries, judged as they are."""

from typing import Any

import httpx
import pytest
import requests

from nertwin.contract_tests import NotConforming, assert_conforms
from nertwin.contract_tests.received import NoRequest
from nertwin.mockserver import RunningServer
from nertwin.schemas import JSON

MODEL = "dslim/bert-base-NER"
TEXT = "Angela Merkel lives in Berlin."
TOKEN = "hf_canary0123456789"  # noqa: S105
ENTITY: JSON = {"entity_group": "LOC", "score": 0.5, "word": "Berlin", "start": 23, "end": 29}


def ask_httpx(url: str, **payload: Any) -> httpx.Response:
    return httpx.post(f"{url}/models/{MODEL}", json=payload, headers={"authorization": TOKEN})


def ask_requests(url: str, **payload: Any) -> requests.Response:
    return requests.post(f"{url}/models/{MODEL}", json=payload, timeout=10)


@pytest.mark.parametrize("ask", [ask_httpx, ask_requests], ids=["httpx", "requests"])
@pytest.mark.parametrize(
    "payload",
    [
        {"inputs": TEXT},
        {"inputs": [TEXT, ""], "parameters": {"aggregation_strategy": "none"}},
        {"inputs": ""},
        {"inputs": 5},
    ],
    ids=["text", "batch", "nothing", "refusal"],
)
def test_good_response_conforms(server: RunningServer, ask: Any, payload: Any) -> None:
    ask(server.url, **payload)  # The next answer comes from the cache.

    verdict = assert_conforms(ask(server.url, **payload), level="MAY")

    assert verdict.results
    assert verdict.requests == 0


def test_response_of_a_broken_endpoint_is_told_with_its_evidence(server: RunningServer) -> None:
    response = ask_httpx(server.url, inputs=TEXT)
    response._content = response.content.replace(b'"end":13', b'"end":12')

    with pytest.raises(NotConforming, match=r"span\.slice-is-word|span\.half-open"):
        assert_conforms(response)


def test_document_is_judged_with_its_text() -> None:
    assert assert_conforms([ENTITY], request=TEXT).exit_status == 0


def test_document_is_judged_by_what_was_asked() -> None:
    payload = {"inputs": TEXT, "parameters": {"aggregation_strategy": "none"}}

    with pytest.raises(NotConforming, match=r"shape\.token-fields"):
        assert_conforms([ENTITY], request=payload)


def test_response_that_shows_nothing_does_not_conform(server: RunningServer) -> None:
    with pytest.raises(NotConforming, match="nothing that could be judged"):
        assert_conforms(httpx.get(f"{server.url}/api/tasks"), select=["span.*"])


def test_document_without_its_request_cannot_be_judged() -> None:
    with pytest.raises(NoRequest, match="Give request="):
        assert_conforms([ENTITY])


def test_token_of_the_request_is_in_no_failure(server: RunningServer) -> None:
    response = ask_httpx(server.url, inputs=TEXT)
    response._content = f'[{{"error": "{TOKEN}"}}]'.encode()

    with pytest.raises(NotConforming) as caught:
        assert_conforms(response)

    assert "security.token-stays-secret" in str(caught.value)
    assert "canary" not in str(caught.value)
