from typing import Any

from hypothesis import given

from nertwin.contract_tests.strategies import (
    Malformed,
    long_texts,
    malformed_payloads,
    payloads,
)
from nertwin.schemas import validator

REQUEST = validator("request")


@given(payloads())
def test_every_payload_validates(payload: dict[str, Any]) -> None:
    assert REQUEST.is_valid(payload)


@given(malformed_payloads())
def test_no_malformed_payload_validates(malformed: Malformed) -> None:
    assert not REQUEST.is_valid(malformed.payload), malformed.fault


@given(long_texts())
def test_long_texts_have_more_words_than_a_window_has_tokens(text: str) -> None:
    assert len(text.split()) > 512
