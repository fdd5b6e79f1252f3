"""Breaches: a server that breaks one clause of the contract, and as few others as can be.

A breach looks at a faithful exchange (:class:`Deed`) and gives the reply of a server that does
not keep the clause. Where the clause says nothing about the exchange, that is the faithful one.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, TypeAlias

from nertwin.schemas import Clause, clauses

from ..errors import did_you_mean, quote
from ..faults import BadFault
from ..reply import Reply
from . import (
    aggregations,
    auth,
    availability,
    bodies,
    cache,
    headers,
    labels,
    limits,
    longinput,
    relations,
    requests,
    routes,
    scores,
    security,
    shape,
    spans,
    stream,
)
from .deed import Deed, Memory
from .edits import Breach, HeldReply

__all__ = [
    "UNBREAKABLE",
    "Breach",
    "Deed",
    "HeldReply",
    "Memory",
    "Need",
    "UnknownBreach",
    "breakable",
    "describe_breach",
    "find_breach",
    "needs",
    "withheld",
]

#: What a server must do beside sending the broken reply: send a false length, hold a
#: :class:`HeldReply`, or answer calls that overlap, counting them in ``Deed.in_flight``.
Need: TypeAlias = Literal["wire", "hold", "overlap"]

_TOPICS = (
    *(shape, spans, scores, labels, aggregations, longinput, bodies, requests, headers, cache),
    *(availability, auth, stream, routes, relations, security, limits),
)
_BREACHES: Mapping[str, Breach] = {
    clause_id: breach for topic in _TOPICS for clause_id, breach in topic.BREACHES.items()
}
_NEEDS: Mapping[str, Need] = {
    "shape.length-is-true": "wire",
    "availability.no-wait-unless-asked": "hold",
    "relation.concurrent": "overlap",
}
_WITHHELD: Mapping[str, frozenset[bytes]] = {
    "header.request-id": frozenset({b"x-request-id"}),
    "header.cors": frozenset({b"access-control-allow-origin"}),
}
_OUT_OF_REACH = {
    "header.names-in-any-case": "the web server makes the names of headers lower-case before"
    " anything else of the stand-in sees them",
}


def _why_unbreakable(clause: Clause) -> str:
    if clause.id in _OUT_OF_REACH:
        return _OUT_OF_REACH[clause.id]
    if clause.level == "MAY":
        return "it is a permission, and nothing that a server does can break it"
    return f"nobody could see it: {clause.why_not}" if not clause.observable else ""


#: Clause id to why no reply can break it.
UNBREAKABLE: Mapping[str, str] = MappingProxyType(
    {clause.id: why for clause in clauses() if (why := _why_unbreakable(clause))}
)


class UnknownBreach(BadFault):
    """No breach of that clause, or no such clause; ``why`` is empty in the second case."""

    def __init__(self, clause_id: str) -> None:
        self.clause_id = clause_id
        self.why = UNBREAKABLE.get(clause_id, "")
        topic = clause_id.partition(".")[0]
        others = [known for known in breakable() if known.partition(".")[0] == topic]
        there = f" Of {topic} there are {', '.join(others)}." if others else ""
        problem = (
            f"clause {clause_id!r} can't be broken: {self.why}.{there}"
            if self.why
            else f"no clause {quote(clause_id)}.{did_you_mean(clause_id, breakable())}"
            " `nertwin clauses` lists them all."
        )
        super().__init__(problem)


def breakable() -> tuple[str, ...]:
    """The ids of the clauses that can be broken, in the contract's order."""
    return tuple(clause.id for clause in clauses() if clause.id in _BREACHES)


def find_breach(clause_id: str) -> Breach:
    """The breach of the clause; in a profile that the clause is not about it changes nothing.

    Raises:
        UnknownBreach: There is no such clause, or it can't be broken.
    """
    breach = _BREACHES.get(clause_id)
    if breach is None:
        raise UnknownBreach(clause_id)
    profiles = next(clause.profiles for clause in clauses() if clause.id == clause_id)

    def broken(deed: Deed) -> Reply:
        return breach(deed) if deed.profile.name in profiles else deed.reply

    return broken


def describe_breach(clause_id: str) -> str:
    """What a server does that breaks the clause, in a sentence.

    Raises:
        UnknownBreach: As for :func:`find_breach`.
    """
    if clause_id not in _BREACHES:
        raise UnknownBreach(clause_id)
    return (_BREACHES[clause_id].__doc__ or "").strip()


def needs(clause_id: str) -> Need | None:
    """What the breach of the clause needs of the server beside sending its reply."""
    return _NEEDS.get(clause_id)


def withheld(clause_id: str) -> frozenset[bytes]:
    """Names of common headers that a server that breaks the clause must not add."""
    return _WITHHELD.get(clause_id, frozenset())
