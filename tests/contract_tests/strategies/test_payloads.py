from typing import Any

from hypothesis import given

from nertwin.contract_tests.strategies import long_texts, payloads
from nertwin.schemas import validator

REQUEST = validator("request")


@given(payloads())
def test_every_payload_validates(payload: dict[str, Any]) -> None:
    assert REQUEST.is_valid(payload)


@given(long_texts())
def test_long_texts_have_more_words_than_a_window_has_tokens(text: str) -> None:
    assert len(text.split()) > 512
