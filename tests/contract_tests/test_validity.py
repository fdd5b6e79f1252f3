import json
from typing import Any

import pytest
from hypothesis import given

from nertwin.contract_tests.strategies import any_payloads
from nertwin.contract_tests.validity import find_fault
from nertwin.schemas import validator


@given(any_payloads())
def test_body_has_a_fault_iff_its_payload_does_not_validate(payload: Any) -> None:
    fault = find_fault(json.dumps(payload).encode())

    assert (not fault) == validator("request").is_valid(payload)


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"", "no JSON text"),
        (b'{"inputs": "\xff"}', "byte 12 is no UTF-8"),
        (b'\xef\xbb\xbf{"inputs": "a"}', "byte order mark"),
        (b'{"inputs": "a", "b": NaN}', "NaN is no JSON number"),
        (b'{"inputs": "\\ud83d"}', "half a surrogate pair"),
        (b'{"inputs": "a"} 5', "Extra data"),
        (b'{"inputs": 5}', "$.inputs"),
    ],
)
def test_fault_of_a_body_is_told(body: bytes, fault: str) -> None:
    assert fault in find_fault(body)


@pytest.mark.parametrize(
    "body",
    [
        b' {"inputs": "a"}\r\n',
        b'{"inputs": "\\ud83d\\ude00"}',
        b'{"inputs": "a", "inputs": "b"}',
        b'{"inputs": "a", "b": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    ],
    ids=["blanks around", "a pair as escapes", "a key twice", "deep nesting"],
)
def test_body_without_a_fault_is_left_alone(body: bytes) -> None:
    assert find_fault(body) == ""
