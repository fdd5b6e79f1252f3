from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import find

from nertwin.contract_tests.strategies.junk import junk

SMALLEST: dict[str, tuple[Callable[[Any], bool], object]] = {
    "a null": (lambda _: True, None),
    "a number": (lambda drawn: isinstance(drawn, float) and drawn > 1.5, 2.0),
    "a text": (lambda drawn: isinstance(drawn, str) and len(drawn) > 2, "000"),
    "a list": (lambda drawn: isinstance(drawn, list) and len(drawn) > 1, [None, None]),
    "an object": (lambda drawn: isinstance(drawn, dict) and bool(drawn), {"": None}),
    "an object in a list": (
        lambda drawn: isinstance(drawn, list) and any(isinstance(each, dict) for each in drawn),
        [{}],
    ),
}


@pytest.mark.parametrize("kind", SMALLEST)
def test_smallest_of_each_kind_is_found(kind: str) -> None:
    holds, smallest = SMALLEST[kind]

    assert find(junk(), holds) == smallest
