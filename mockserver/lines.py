"""Lines: headers as lines of a head, each made once."""

from __future__ import annotations

import re
from collections.abc import Iterable

_PLAIN_NAME = re.compile(rb"[a-z0-9-]+\Z")
_PLAIN_VALUE = re.compile(rb"[\t\x20-\x7e\x80-\xff]*\Z")
# These decide how a reply ends.
_CLOSING = frozenset((b"connection", b"transfer-encoding"))
# These differ from reply to reply, or are what a client sent.
_FLEETING = frozenset((b"x-request-id", b"date", b"access-control-allow-origin"))
_MOST_LINES = 512

_lines: dict[tuple[bytes, bytes], bytes] = {}


def write_lines(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The headers as lines of a head; nothing if one is not plain, or none is there."""
    lines = [write_line(header) for header in headers]
    return b"".join(lines) if all(lines) else b""


def write_line(header: tuple[bytes, bytes]) -> bytes:
    """The header as a line, or nothing if uvicorn might do something else with it."""
    return _lines.get(header) or _line(*header)


def _line(name: bytes, value: bytes) -> bytes:
    if name in _CLOSING or not _PLAIN_NAME.match(name) or not _PLAIN_VALUE.match(value):
        return b""
    line = b"%b: %b\r\n" % (name, value)
    # What may hold a token must not be kept.
    is_kept = (name not in _FLEETING or value == b"*") and b"hf_" not in value
    if is_kept and len(value) < 256:
        if len(_lines) >= _MOST_LINES:  # Of lengths and times of many answers, for the most part.
            _lines.clear()
        _lines[name, value] = line
    return line
