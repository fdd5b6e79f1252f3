"""Unknown models: calls to one that there is not, and how a refusal of it is known."""

from __future__ import annotations

from ..endpoint import Endpoint
from ..exchange import Exchange, HeaderLines, Request
from .answers import PLAIN

UNKNOWN = "nertwin-nobody/no-such-model"


def call_unknown(endpoint: Endpoint, *, headers: HeaderLines = ()) -> Request:
    """A call to a model that does not exist, never waited for."""
    target = (
        f"{endpoint.prefix}/models/{UNKNOWN}"
        if endpoint.profile == "dedicated"
        else endpoint.address(UNKNOWN)
    )
    call = endpoint.classify(PLAIN, headers=headers)
    return Request(target=target, headers=call.headers, body=call.body, is_patient=False,
                   is_call=endpoint.profile != "dedicated")  # fmt: skip


def is_unknown(exchange: Exchange) -> bool:
    """Whether a model was called that does not exist."""
    return UNKNOWN in exchange.request.target and exchange.request.method == "POST"


def error_of(exchange: Exchange) -> str:
    """What an answer complains of; empty where it does not, or not as an object with an error."""
    document = exchange.document
    error = document.get("error") if isinstance(document, dict) else None
    messages = error if isinstance(error, list) else [error]
    return "; ".join(each for each in messages if isinstance(each, str))
