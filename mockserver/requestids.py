"""Request ids: what looks random in a reply and is equal in every run."""

from __future__ import annotations

from hashlib import blake2b

_NANOID = "useandom-26T198340PX75pxJACKVERYMINDBUSHWOLF_GQZbfghjklqvwyzrict"
_NANOID_LENGTH = 21
_LETTER_OF_BYTE = bytes(ord(_NANOID[byte % 64]) for byte in range(256))


def request_id(number: int) -> bytes:
    """The nanoid of the request of that number: 21 characters, equal in every run."""
    digest = blake2b(number.to_bytes(8), digest_size=_NANOID_LENGTH).digest()
    return digest.translate(_LETTER_OF_BYTE)
