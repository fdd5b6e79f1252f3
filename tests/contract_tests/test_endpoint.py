import json

import pytest

from nertwin.contract_tests.endpoint import BadEndpoint, Endpoint, find_endpoint
from nertwin.schemas import Profile


@pytest.mark.parametrize(
    ("url", "profile", "address"),
    [
        ("http://h", None, "/models/dslim/bert-base-NER"),
        ("http://h/s/abc/", None, "/s/abc/models/dslim/bert-base-NER"),
        ("http://h/models/a/b", None, "/models/a/b"),
        ("http://h/hf-inference/models/a", None, "/hf-inference/models/a"),
        ("http://h/hf-inference", None, "/hf-inference/models/dslim/bert-base-NER"),
        ("http://h", "router", "/hf-inference/models/dslim/bert-base-NER"),
        ("http://h", "dedicated", "/"),
        ("http://h/predict", "dedicated", "/predict"),
    ],
)
def test_url_and_profile_give_the_address(url: str, profile: Profile | None, address: str) -> None:
    assert find_endpoint(url, profile=profile).address() == address


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://h/models/", "/models/dslim/bert-base-NER"),
        ("http://h/my models/ä", "/my%20models/%C3%A4/models/dslim/bert-base-NER"),
        ("http://h/a%20b", "/a%20b/models/dslim/bert-base-NER"),
        ("http://h/models/my%20org/ä", "/models/my%20org/%C3%A4"),
    ],
)
def test_path_is_as_it_can_be_sent(url: str, address: str) -> None:
    assert find_endpoint(url).address() == address


def test_url_of_the_router_decides_the_profile() -> None:
    assert find_endpoint("https://h/hf-inference/models/a").profile == "router"


@pytest.mark.parametrize(
    "url",
    ["localhost:80", "ftp://h", "http://", "http://h:x", "http://h?a=1", "http://u:p@h"],
)
def test_url_of_no_endpoint_is_refused(url: str) -> None:
    with pytest.raises(BadEndpoint):
        find_endpoint(url)


def test_two_models_are_one_too_many() -> None:
    with pytest.raises(BadEndpoint, match="name one"):
        find_endpoint("http://h/models/a", model="b")


def test_token_is_in_no_repr() -> None:
    assert "canary" not in repr(find_endpoint("http://h", token="hf_canary0123"))  # noqa: S106


@pytest.mark.parametrize(
    ("parameters", "kind"),
    [
        ({}, "simple"),
        ({"aggregation_strategy": None}, "none"),
        ({"aggregation_strategy": "MAX"}, "max"),
        ({"grouped_entities": True, "aggregation_strategy": "none"}, "simple"),
        ({"grouped_entities": True, "ignore_subwords": True}, "first"),
        ({"ignore_subwords": True}, "none"),
    ],
)
def test_kind_of_answer_that_a_call_asks_for(parameters: dict[str, object], kind: str) -> None:
    endpoint = Endpoint(base="http://h")
    request = endpoint.call(json.dumps({"inputs": "a", "parameters": parameters}).encode())

    assert endpoint.kind_asked(request) == kind


def test_half_a_surrogate_pair_is_sent_as_an_escape() -> None:
    assert b"\\ud800" in Endpoint(base="http://h").classify("\ud800").body
