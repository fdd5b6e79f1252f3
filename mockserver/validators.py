"""Validators: what a pattern can't count, a pack can ask for by name."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping

_IBAN_LENGTHS = range(15, 35)


def is_luhn(text: str) -> bool:
    """Whether the digits of ``text`` end in the check digit of ISO/IEC 7812."""
    digits = [int(character) for character in text if character in "0123456789"]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return len(digits) > 1 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def is_iban(text: str) -> bool:
    """Whether ``text`` is an account number whose remainder is that of ISO 13616."""
    code = "".join(text.split()).upper()
    if len(code) not in _IBAN_LENGTHS or not (code.isascii() and code.isalnum()):
        return False
    return int("".join(str(int(character, 36)) for character in code[4:] + code[:4])) % 97 == 1


def is_ip_address(text: str) -> bool:
    """Whether ``text`` is an IPv4 or IPv6 address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


VALIDATORS: Mapping[str, Callable[[str], bool]] = {
    "iban": is_iban,
    "ip-address": is_ip_address,
    "luhn": is_luhn,
}
