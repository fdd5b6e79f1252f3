"""Exchanges as the control API tells them."""

import json
from typing import Any

LOADING = {"error": "Model acme/ner is currently loading", "estimated_time": 20.0}


def told(number: int = 1, status: int = 200, **given: Any) -> dict[str, Any]:
    """An exchange; ``at`` is its time on both clocks unless ``real_time`` is given."""
    at = float(given.pop("at", number))
    real = float(given.pop("real_time", at))
    body = given.pop("body", {"inputs": "Ada"})
    answer = given.pop("answer", LOADING if status == 503 else [])
    headers = {"content-type": "application/json", **given.pop("headers", {})}
    text = body if isinstance(body, str) else json.dumps(body)
    repeats = given.pop("repeats", 0)
    return {
        "number": number,
        "time": at,
        "seconds": 0.0,
        "method": "POST",
        "path": "/models/acme/ner",
        "model": "acme/ner",
        "request": {
            "headers": [[*each] for each in headers.items()],
            "body": text,
            "body_bytes": len(text),
            "body_is_cut": given.pop("is_cut", False),
        },
        "status": status,
        "response": {
            "headers": [[*each] for each in given.pop("answer_headers", {}).items()],
            "body": answer if isinstance(answer, str) else json.dumps(answer),
            "body_bytes": 0,
            "body_is_cut": False,
        },
        "gate": "rule",
        "why": "",
        "repeats": repeats,
        "last_time": given.pop("last_at", at),
        "real_time": real,
        "real_seconds": given.pop("real_seconds", 0.0),
        "last_real_time": given.pop("last_real_time", real),
        **given,
    }
