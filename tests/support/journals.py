"""Journals with exchanges in them, and all the texts of what is made of them."""

import json
from typing import Any

from hypothesis import strategies as st

from nertwin.mockserver.clock import ManualClock
from nertwin.mockserver.exchange import Exchange
from nertwin.mockserver.journal import Journal
from nertwin.mockserver.sealing import Messages

LOADING = b'{"error":"Model acme/ner is currently loading","estimated_time":20.0}'
# No constant of the code begins like that, so none holds a token by accident.
TOKENS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=6, max_size=40).map(
    "canary".__add__
)


def a_journal(clock: ManualClock | None = None, **bounds: Any) -> Journal:
    return Journal(clock or ManualClock(), **bounds)


def record(journal: Journal, inputs: str = "Ada", **given: Any) -> Exchange:
    call: dict[str, Any] = {
        "method": "POST",
        "path": "/models/acme/ner",
        "request_headers": ((b"content-type", b"application/json"),),
        "request_body": json.dumps({"inputs": inputs}).encode(),
        "status": 200,
        "response_headers": ((b"content-type", b"application/json"),),
        "response_body": b"[]",
        "gate": "rule",
        "why": "the rules of acme/ner",
        "model": "acme/ner",
    }
    times = {name: given.pop(name) for name in ("began", "arrived") if name in given}
    return journal.record(Messages(**{**call, **given}), **times)


def record_loading(journal: Journal, times: int = 1, **given: Any) -> None:
    for _ in range(times):
        record(journal, status=503, response_body=LOADING, gate="availability", **given)


def record_each(journal: Journal, *inputs: str) -> None:
    for text in inputs:
        record(journal, text)


def texts_of(value: Any) -> list[str]:
    """Each text by itself: in a repr, quotes are escaped and could hide a token."""
    if isinstance(value, dict):
        return [text for item in value.items() for text in texts_of(item)]
    if isinstance(value, (list, tuple)):
        return [text for item in value for text in texts_of(item)]
    if isinstance(value, bytes):
        return [value.decode("latin-1")]
    if hasattr(value, "__slots__"):
        return texts_of([getattr(value, name) for name in value.__slots__])
    return [str(value)]
