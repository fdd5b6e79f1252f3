"""Paths: where a client sends its calls."""

from __future__ import annotations

from collections.abc import Iterator

from .manner import KEPT, Judge, Remark, broken
from .seen import Visit

_RETIRED = "api-inference.huggingface.co"
_NOT_THERE = (404, 405)


def _path_known(visit: Visit) -> Iterator[Remark]:
    for each in visit.exchanges:
        if each.method != "POST":
            continue
        is_lost = each.told["gate"] == "route" and each.status in _NOT_THERE and not each.model
        if is_lost:
            yield broken(f"no model can be called at {each.path[:80]}", each)
        else:
            yield KEPT


def _slash_in_path(visit: Visit) -> Iterator[Remark]:
    for call in visit.calls:
        if "%2f" in call.path.partition("?")[0].lower():
            yield broken("the slash of the model's id is sent as %2F; send it as it is", call)
        elif "/" in call.model:
            yield KEPT


def _living_host(visit: Visit) -> Iterator[Remark]:
    for call in visit.calls:
        host = call.headers.get("host", "").partition(":")[0].lower()
        if host == _RETIRED:
            text = f"{_RETIRED} is gone; call router.huggingface.co/hf-inference/models/ID"
            yield broken(text, call)
        else:
            yield KEPT


JUDGES: dict[str, Judge] = {
    "client.path-known": _path_known,
    "client.slash-in-path": _slash_in_path,
    "client.living-host": _living_host,
}
