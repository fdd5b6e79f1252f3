"""Breaches of what a server keeps to itself and withstands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace

import orjson

from ..reply import Refusal, Reply
from .deed import Deed
from .edits import Breaches, edit_object, refuse

BREACHES = Breaches()
_TRACE = (
    'Traceback (most recent call last):\n  File "/app/handler.py", line 42, in __call__\n'
    "    return self.pipeline(inputs)\n<Pipeline object at 0x7f5a1c0b4d90>"
)
_FLAGS = ("grouped_entities", "ignore_subwords")
_COUNTS = ("batch_size", "num_workers")
_INJECTED = re.compile(r"[\r\n]+([A-Za-z0-9-]{1,64}):[ \t]*([\x20-\x7e]{0,200})")


@BREACHES.breaks("security.token-stays-secret")
def echo_token(deed: Deed) -> Reply:
    """A reply repeats the request's authorization in a header."""
    sent = deed.headers.get("authorization")
    if sent is None:
        return deed.reply
    echo = (b"x-authorization", sent.encode("latin-1", "replace"))
    return replace(deed.reply, headers=(*deed.reply.headers, echo))


@BREACHES.breaks("security.no-internals")
def tell_traceback(deed: Deed) -> Reply:
    """A refusal ends in a traceback."""
    if not deed.is_refused:
        return deed.reply
    error = orjson.loads(deed.reply.body)["error"]
    told = [*error, _TRACE] if isinstance(error, list) else f"{error}\n{_TRACE}"
    return edit_object(deed.reply, error=told)


@BREACHES.breaks("security.no-server-error")
def crash_on_odd_values(deed: Deed) -> Reply:
    """A key given twice, a flag that is none and a count that is no number are a 500."""
    if not deed.is_call or not (_has_key_twice(deed) or _has_odd_value(deed)):
        return deed.reply
    body = {"error": "Internal Server Error"}
    return refuse(deed, Refusal(status=500, body=dict(body), stage="inference"))


def _has_odd_value(deed: Deed) -> bool:
    flags = [deed.parameters.get(name) for name in _FLAGS]
    counts = [deed.parameters.get(name) for name in _COUNTS]
    return not all(flag is None or isinstance(flag, bool) for flag in flags) or any(
        isinstance(count, (bool, float, list, dict)) for count in counts
    )


def _has_key_twice(deed: Deed) -> bool:
    """Whether an object of a body that is JSON has a key twice."""
    twice: list[str] = []

    def note(pairs: list[tuple[str, object]]) -> None:
        names = [name for name, _ in pairs]
        twice.extend(name for name in names if names.count(name) > 1)

    try:
        json.loads(deed.body, object_pairs_hook=note)
    except (ValueError, RecursionError):
        return False
    return bool(twice)


@BREACHES.breaks("security.body-stays-out-of-headers")
def inject_headers(deed: Deed) -> Reply:
    """A line of a text or of a parameter's name that looks like a header becomes one."""
    if not deed.is_call:
        return deed.reply
    return replace(deed.reply, headers=(*deed.reply.headers, *_injected(deed)))


def _injected(deed: Deed) -> Iterator[tuple[bytes, bytes]]:
    for text in (*deed.texts, *deed.parameters):
        for name, value in _INJECTED.findall(text):
            yield name.lower().encode(), value.strip().encode()
