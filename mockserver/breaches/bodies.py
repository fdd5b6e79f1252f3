"""Breaches of which bodies are taken for a request at all."""

from __future__ import annotations

import json

import orjson

from ..reply import Refusal, Reply
from .deed import Deed
from .edits import Breaches, refuse

BREACHES = Breaches()
_DEEP = 500  # Levels; the JSON parser gives up at about a thousand.
_EMPTY = b'{"inputs":""}'


@BREACHES.breaks("request.body-is-object")
def take_any_json(deed: Deed) -> Reply:
    """A body of JSON that is no object gets the answer to an empty text."""
    if not deed.is_refused or isinstance(deed.document, dict):
        return deed.reply
    is_json = deed.document is not None or deed.body.strip() == b"null"
    return deed.compute(_EMPTY) if is_json else deed.reply


@BREACHES.breaks("request.malformed-json")
def take_malformed_json(deed: Deed) -> Reply:
    """A body that is UTF-8 and no JSON gets the answer to an empty text."""
    if not deed.is_refused or _is_undecodable(deed.body) or _depth(deed.body) > _DEEP:
        return deed.reply
    return deed.reply if _is_json(deed.body) else deed.compute(_EMPTY)


@BREACHES.breaks("request.undecodable-text")
def take_undecodable_text(deed: Deed) -> Reply:
    """A body that is no UTF-8, or holds half a pair, gets the answer to an empty text."""
    if not deed.is_refused or not _is_undecodable(deed.body):
        return deed.reply
    return deed.compute(_EMPTY)


def _is_json(body: bytes) -> bool:
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    return True


def _is_undecodable(body: bytes) -> bool:
    """Whether the body is no UTF-8 or JSON that escapes half a surrogate pair."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return True
    if _depth(body) > _DEEP:
        return False
    try:
        found = json.loads(text, parse_constant=_refuse_constant)
    except ValueError:
        return False
    return any("\ud800" <= character <= "\udfff" for character in _spell(found))


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _spell(found: object) -> str:
    return json.dumps(found, ensure_ascii=False)


def _depth(body: bytes) -> int:
    """No less than the deepest level of a body."""
    return body.count(b"[") + body.count(b"{")


@BREACHES.breaks("request.deep-nesting")
def crash_on_depth(deed: Deed) -> Reply:
    """A body nested deeper than the JSON parser goes is a server error."""
    if not deed.is_refused or deed.document is not None or _depth(deed.body) <= _DEEP:
        return deed.reply
    error = {"error": "maximum recursion depth exceeded"}
    return refuse(deed, Refusal(status=500, body=dict(error), stage="inference"))
