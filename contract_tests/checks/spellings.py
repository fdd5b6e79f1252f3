"""Spellings: one payload in the many ways in which JSON can be written."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TypeAlias

from nertwin.schemas import JSON

Payload: TypeAlias = "Mapping[str, JSON]"

_MARK = "\ue000inputs\ue000"


def turn(payload: Payload) -> bytes:
    """With the keys of all objects in the opposite order."""
    return json.dumps(_turn(dict(payload)), ensure_ascii=False).encode()


def spread(payload: Payload) -> bytes:
    """With keys turned, and blanks wherever they may be."""
    text = json.dumps(_turn(dict(payload)), indent=3, separators=(" ,", " :\t"))
    return b"\n\t " + text.replace("\n", "\r\n").encode() + b"\r\n "


def dense(payload: Payload) -> bytes:
    """Without any blank."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def escape(payload: Payload) -> bytes:
    """With every character of ``inputs``, a text, escaped."""
    return _escape_inputs(payload, dict)


def turn_and_escape(payload: Payload) -> bytes:
    """With the keys turned, and every character of ``inputs``, a text, escaped."""
    return _escape_inputs(payload, _turn)


SPELLINGS: tuple[Callable[[Payload], bytes], ...] = (turn, spread, dense)


def _escape_inputs(payload: Payload, change: Callable[[dict[str, JSON]], JSON]) -> bytes:
    written = json.dumps(change({**payload, "inputs": _MARK}), ensure_ascii=False)
    units = str(payload["inputs"]).encode("utf-16-be")
    escaped = "".join(f"\\u{units[at : at + 2].hex().upper()}" for at in range(0, len(units), 2))
    return written.replace(_MARK, escaped, 1).encode()


def _turn(value: JSON) -> JSON:
    if not isinstance(value, dict):
        return value
    return {name: _turn(member) for name, member in reversed(value.items())}
