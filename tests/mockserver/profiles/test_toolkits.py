"""What both branches of the toolkit keep, whatever the body."""

import json
from typing import Any

import pytest
from hypothesis import given
from support.toolkits import JSON_HEADERS

from nertwin.contract_tests.strategies import any_payloads, payloads
from nertwin.mockserver import Settings
from nertwin.mockserver.app import create_endpoint
from nertwin.mockserver.incoming import Incoming
from nertwin.mockserver.reply import Reply

TOOLKITS = ("dedicated", "router")
ENDPOINTS = {name: create_endpoint(Settings(profile=name)) for name in TOOLKITS}
toolkits = pytest.mark.parametrize("profile", TOOLKITS)


def ask(profile: str, body: bytes, **settings: Any) -> Reply:
    endpoint = ENDPOINTS[profile]
    if settings:
        endpoint = create_endpoint(Settings(profile=profile, **settings))
    model = endpoint.models.model("dslim/bert-base-NER")
    return endpoint.reply(model, Incoming(body=body, headers=JSON_HEADERS))


@toolkits
@given(payload=any_payloads())
def test_any_body_gets_200_or_a_400_with_one_string(profile: str, payload: Any) -> None:
    reply = ask(profile, json.dumps(payload).encode())

    answer = json.loads(reply.body)
    assert reply.status == 200 or list(answer) == ["error"]
    assert reply.status == 200 or (reply.status, type(answer["error"])) == (400, str)


@toolkits
@given(payload=payloads())
def test_valid_body_is_answered_unless_a_count_is_written_as_a_fraction(
    profile: str, payload: Any
) -> None:
    reply = ask(profile, json.dumps(payload).encode())

    assert reply.status == 200 or b"batch_size=8.0" in reply.body


@toolkits
def test_stream_can_be_rejected_in_the_toolkits_form(profile: str) -> None:
    reply = ask(profile, b'{"inputs": "Ada", "stream": true}', stream="reject")

    assert reply.body == b'{"error":"`stream` is not supported for this model"}'
