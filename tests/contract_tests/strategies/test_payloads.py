from collections.abc import Callable
from typing import Any

import hypothesis
import pytest
from hypothesis import find, given, settings

from nertwin.contract_tests.strategies import long_texts, payloads
from nertwin.schemas import validator

REQUEST = validator("request")
EVERYTHING = settings(max_examples=2000, database=None, derandomize=True)


@given(payloads())
def test_every_payload_validates(payload: dict[str, Any]) -> None:
    assert REQUEST.is_valid(payload)


@given(long_texts())
def test_long_texts_have_more_words_than_a_window_has_tokens(text: str) -> None:
    assert len(text.split()) > 512


EVERY_KEY = 5
#: Older releases of Hypothesis leave one key more.
IS_OLD = hypothesis.__version_info__ < (6, 170)
SMALLEST: dict[str, tuple[Callable[[dict[str, Any]], bool], dict[str, Any]]] = {
    "anything": (lambda _: True, {"inputs": ""}),
    "a batch of two": (lambda payload: is_batch(payload, of=2), {"inputs": ["", ""]}),
    "a model": (
        lambda payload: bool(payload.get("model")),
        {"inputs": "", "model": "0"},
    ),
    "an option": (
        lambda payload: bool(payload.get("options")),
        {"inputs": "", "options": {"use_cache": None}},
    ),
}


def is_batch(payload: dict[str, Any], *, of: int) -> bool:
    return isinstance(payload["inputs"], list) and len(payload["inputs"]) >= of


@pytest.mark.parametrize("kind", SMALLEST)
def test_smallest_payload_of_each_kind_has_hardly_anything_that_plays_no_part(kind: str) -> None:
    holds, smallest = SMALLEST[kind]

    # One that was drawn with all keys at once may keep them.
    found = find(
        payloads(), lambda each: len(each) < EVERY_KEY and holds(each), settings=EVERYTHING
    )

    assert smallest.items() <= found.items()
    assert len(found) <= len(smallest) + IS_OLD
