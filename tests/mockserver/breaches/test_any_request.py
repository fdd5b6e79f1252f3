"""What holds of every breach whatever is sent."""

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.deeds import a_deed, entries

from nertwin.contract_tests.strategies import Malformed, any_payloads, malformed_payloads
from nertwin.mockserver.breaches import breakable, find_breach
from nertwin.mockserver.models import built_in_cards
from nertwin.schemas import PROFILES

MODELS = [card.id for card in built_in_cards()]
IGNORING = {
    "inputs": "He is an English man in Berlin. It rains.",
    "parameters": {"ignore_labels": ["MISC"], "aggregation_strategy": "simple"},
}
LONG_AND_EMPTY = {
    "inputs": ["Sarah met Peter in Berlin. " * 150, ""],
    "parameters": {"stride": 16, "aggregation_strategy": None},
}


def _spell(malformed: Malformed) -> bytes:
    return malformed.body


DEEP = b'{"inputs":"Ada","x":' + b"[" * 400 + b"]" * 400 + b"}"


@pytest.mark.parametrize("profile", PROFILES)
@settings(max_examples=40)
@given(payload=any_payloads(), model=st.sampled_from(MODELS))
@example(payload=IGNORING, model="nertwin/slow-tokenizer")
@example(payload=LONG_AND_EMPTY, model="dslim/bert-base-NER")
def test_every_breach_answers_any_payload(profile: str, payload: Any, model: str) -> None:
    deed = a_deed(profile=profile, model=model, body=json.dumps(payload).encode())

    statuses = {find_breach(clause_id)(deed).status for clause_id in breakable()}

    assert statuses <= {200, 400, 404, 406, 422, 500, 503, 401, 403}


@settings(max_examples=40)
@given(body=st.one_of(malformed_payloads().map(_spell), st.binary()))
@example(DEEP)
@example(b"[" * 100_000)
@example(b'{"inputs":"Ada","inputs":"\\ud800"}')
def test_every_breach_answers_any_body(body: bytes) -> None:
    deed = a_deed(body=body)

    replies = [find_breach(clause_id)(deed) for clause_id in breakable()]

    assert all(entries(reply) is not None for reply in replies)
