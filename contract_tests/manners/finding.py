"""Finding: clauses of clients that the stand-in watches itself, request by request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from .manner import KEPT, Judge, Remark, broken
from .seen import Visit

#: Clause to the ids of the findings that break it.
FINDINGS: Mapping[str, tuple[str, ...]] = {
    "client.token-in-authorization": ("authorization.misplaced",),
    "client.token-not-in-body": ("token.in-body",),
    "client.options-placed": ("options.misplaced", "parameters.misplaced"),
    "client.names-spelt": (
        "body.misspelt",
        "options.misspelt",
        "parameters.misspelt",
        "parameters.legacy",
        "header.misspelt",
    ),
    "client.values-meant": ("options.not-a-boolean", "header.value"),
    "client.options-read": ("options.ignored",),
    "client.no-stream": ("stream.unsupported",),
}


def _judge(ids: tuple[str, ...]) -> Judge:
    def judge(visit: Visit) -> Iterator[Remark]:
        numbered = {each.number: each for each in visit.exchanges}
        found = [each for each in visit.findings if each["id"] in ids]
        for each in found:
            places = dict.fromkeys(cast("int", each[name]) for name in ("first", "last"))
            evidence = [numbered[place] for place in places if place in numbered]
            yield broken(f"{each['place']}: {each['message']}", *evidence)
        if not found and visit.calls:
            yield KEPT

    return judge


JUDGES: dict[str, Judge] = {clause: _judge(ids) for clause, ids in FINDINGS.items()}
