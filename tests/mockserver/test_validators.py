"""Validators: numbers that carry their own check."""

from __future__ import annotations

import pytest

from nertwin.mockserver.validators import VALIDATORS


@pytest.mark.parametrize(
    ("name", "text", "valid"),
    [
        pytest.param("luhn", "4111 1111-1111 1111", True, id="card"),
        pytest.param("luhn", "4111 1111 1111 1112", False, id="card-with-a-slip"),
        pytest.param("luhn", "0", False, id="single-digit"),
        pytest.param("luhn", "", False, id="no-digit"),
        pytest.param("iban", "GB82 WEST 1234 5698 7654 32", True, id="iban"),
        pytest.param("iban", "GB83 WEST 1234 5698 7654 32", False, id="iban-with-a-slip"),
        pytest.param("iban", "GB82", False, id="short-iban"),
        pytest.param("iban", "GB82 WEST 1234 5698 7654 3ß", False, id="iban-beyond-ascii"),
        pytest.param("ip-address", "10.0.0.1", True, id="ip-v4"),
        pytest.param("ip-address", "2001:db8::1", True, id="ip-v6"),
        pytest.param("ip-address", "10.0.0.256", False, id="no-ip"),
    ],
)
def test_validator_counts(name: str, text: str, valid: bool) -> None:
    assert VALIDATORS[name](text) is valid
