"""Tokens: in which form a client sends its own, and to whom."""

from __future__ import annotations

from collections.abc import Iterator

from .manner import KEPT, Judge, Remark, broken
from .seen import Visit

_MASK = "***"
_LOOK_UPS = "/api/"
_REFUSED = (401, 403, 404)
_FORMS = {
    "bare": "it sent its token bare",
    "colon": "it sent its token with a colon after Bearer",
    "empty": "it sent an authorization without a token",
}


def _bearer(visit: Visit) -> Iterator[Remark]:
    for call in visit.calls:
        form = call.headers.get("authorization")
        if form in _FORMS:
            yield broken(f"{_FORMS[form]}; send authorization: Bearer hf_…", call)
        elif form is not None:
            yield KEPT


def _token_not_in_url(visit: Visit) -> Iterator[Remark]:
    for each in visit.exchanges:
        if _MASK in each.path:
            text = "a token stands in the URL; send authorization: Bearer hf_… and make it invalid"
            yield broken(text, each)
        else:
            yield KEPT


def _token_not_to_look_ups(visit: Visit) -> Iterator[Remark]:
    refused: set[str] = set()
    for each in visit.exchanges:
        if each.method != "GET" or not each.path.startswith(_LOOK_UPS):
            continue
        if "authorization" not in each.headers:
            yield KEPT
            if each.status in _REFUSED:
                refused.add(each.path)
        elif each.path in refused:
            yield KEPT
        else:
            text = "it sent its token to a look-up, which needs none for public models"
            yield broken(text, each)


JUDGES: dict[str, Judge] = {
    "client.bearer": _bearer,
    "client.token-not-in-url": _token_not_in_url,
    "client.token-not-to-look-ups": _token_not_to_look_ups,
}
