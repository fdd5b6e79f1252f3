import json
from typing import Any

import pytest

from nertwin.mockserver.faultreplies import ok_error_reply, refusal_of, refusing_reply
from nertwin.mockserver.faults import STATUS_KINDS, Fault, StatusKind
from nertwin.mockserver.profiles import PROFILES, find_profile
from nertwin.mockserver.reply import Reply

EVERY_PROFILE = pytest.mark.parametrize("profile", PROFILES)
EVERY_KIND = pytest.mark.parametrize("kind", STATUS_KINDS)
WORDED_KIND = pytest.mark.parametrize("kind", [k for k in STATUS_KINDS if k != "503-html"])
MODEL = "acme/ner"


def a_reply(kind: StatusKind, profile: str = "classic", **how: Any) -> Reply:
    fault = Fault(kind=kind, **how)
    return refusing_reply(fault, profile=find_profile(profile), model_id=MODEL)


def header(reply: Reply, name: bytes) -> bytes | None:
    return dict(reply.headers).get(name)


@EVERY_PROFILE
@EVERY_KIND
def test_each_kind_has_its_status_in_each_profile(profile: str, kind: StatusKind) -> None:
    reply = a_reply(kind, profile)

    assert reply.status == int(kind[:3])
    assert reply.body


@EVERY_PROFILE
@EVERY_KIND
def test_each_reply_says_what_it_is(profile: str, kind: StatusKind) -> None:
    reply = a_reply(kind, profile)

    is_object = reply.body.startswith(b'{"error":')
    content_type = header(reply, b"content-type") or b""
    assert content_type.startswith(b"application/json") is is_object
    assert header(reply, b"content-length") in (None, str(len(reply.body)).encode())
    assert len({name for name, _ in reply.headers}) == len(reply.headers)


@EVERY_PROFILE
@EVERY_KIND
def test_no_reply_says_when_to_come_back_by_itself(profile: str, kind: StatusKind) -> None:
    assert header(a_reply(kind, profile), b"retry-after") is None


@EVERY_PROFILE
@EVERY_KIND
def test_retry_after_is_sent_when_asked_for(profile: str, kind: StatusKind) -> None:
    assert header(a_reply(kind, profile, retry_after=7), b"retry-after") == b"7"


@EVERY_PROFILE
@WORDED_KIND
def test_error_becomes_a_list_of_strings(profile: str, kind: StatusKind) -> None:
    (word, *_) = json.loads(a_reply(kind, profile, error_form="list").body)["error"]

    assert word
    assert isinstance(word, str)


@EVERY_PROFILE
@WORDED_KIND
def test_error_becomes_one_string(profile: str, kind: StatusKind) -> None:
    reply = a_reply(kind, profile, error_form="string")

    assert isinstance(json.loads(reply.body)["error"], str)
    assert (header(reply, b"content-type") or b"").startswith(b"application/json")


@EVERY_PROFILE
@WORDED_KIND
def test_words_of_the_fault_replace_the_recorded_ones(profile: str, kind: StatusKind) -> None:
    reply = a_reply(kind, profile, message="out of tea", error_form="list")

    assert json.loads(reply.body)["error"] == ["out of tea"]
    assert "warnings" not in json.loads(reply.body)


def test_plain_text_stays_plain_text_with_other_words() -> None:
    assert a_reply("500", "dedicated", message="out of tea").body == b"out of tea"


@pytest.mark.parametrize(
    ("profile", "kind", "body"),
    [
        ("classic", "400", {"error": ["Error in `inputs`: field required"]}),
        ("classic", "404", {"error": "Model acme/ner does not exist"}),
        ("classic", "429", {"error": "Rate limit reached. Please log in or use a HF access token"}),
        (
            "classic",
            "503",
            {"error": "Model acme/ner is currently loading", "estimated_time": 20.0},
        ),
        ("classic", "503-overloaded", {"error": "overloaded"}),
        ("router", "401", {"error": "Invalid credentials in Authorization header"}),
        (
            "router",
            "410",
            {
                "error": "The requested model is deprecated and no longer supported"
                " by provider hf-inference"
            },
        ),
        ("dedicated", "503", {"error": "503 Service Unavailable"}),
    ],
)
def test_body_is_the_recorded_one(profile: str, kind: StatusKind, body: dict[str, Any]) -> None:
    assert json.loads(a_reply(kind, profile).body) == body


def test_retired_host_names_its_successor() -> None:
    assert b"https://router.huggingface.co" in a_reply("410").body


def test_estimated_time_is_the_faults() -> None:
    body = json.loads(a_reply("503", estimated_time=53).body)

    assert repr(body["estimated_time"]) == "53.0"


@EVERY_PROFILE
def test_page_of_the_front_is_a_page(profile: str) -> None:
    reply = a_reply("503-html", profile)

    assert header(reply, b"content-type") == b"text/html"
    assert reply.body.startswith(b"<html>")


def test_gateways_refusal_names_no_server_and_has_a_length() -> None:
    reply = a_reply("503")

    assert header(reply, b"server") is None
    assert header(reply, b"content-length") is not None


def test_overloaded_comes_from_the_model_server_in_chunks() -> None:
    reply = a_reply("503-overloaded")

    assert header(reply, b"server") == b"uvicorn"
    assert header(reply, b"content-length") is None


@EVERY_PROFILE
def test_ok_error_claims_200(profile: str) -> None:
    fault = Fault(kind="ok-error", error_form="list", message="no")

    reply = ok_error_reply(fault, profile=find_profile(profile), model_id=MODEL)

    assert reply.status == 200
    assert json.loads(reply.body) == {"error": ["no"], "estimated_time": 20.0}


@EVERY_PROFILE
@EVERY_KIND
def test_refusal_has_no_hint_for_what_nobody_did_wrong(profile: str, kind: StatusKind) -> None:
    fault = Fault(kind=kind)

    assert not refusal_of(fault, profile=find_profile(profile), model_id=MODEL).hint
