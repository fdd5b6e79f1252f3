"""Checks: every observable clause of the contract, tried and judged.

A topic is a module with a tuple ``CHECKS``; none of them knows the stand-in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from nertwin.mockserver.errors import NertwinError, did_you_mean
from nertwin.schemas import Clause, Level, Profile, clauses

from . import (
    aggregation,
    availability,
    caching,
    carriage,
    headers,
    keys,
    labels,
    limits,
    long_input,
    lookups,
    refusals,
    relations,
    requests,
    routes,
    scores,
    security,
    shape,
    spans,
    streams,
    telling,
    tokens,
)
from .check import Check, Judge, Plan, Step, Trial, Undecided, plan

__all__ = [
    "CHECKS",
    "UNOBSERVABLE",
    "Check",
    "Judge",
    "Plan",
    "Step",
    "Trial",
    "Undecided",
    "UnknownClause",
    "checks_for",
    "plan",
    "select_clauses",
]

CHECKS: tuple[Check, ...] = (
    *shape.CHECKS,
    *spans.CHECKS,
    *scores.CHECKS,
    *labels.CHECKS,
    *refusals.CHECKS,
    *requests.CHECKS,
    *streams.CHECKS,
    *limits.CHECKS,
    *security.CHECKS,
    *aggregation.CHECKS,
    *long_input.CHECKS,
    *headers.CHECKS,
    *telling.CHECKS,
    *caching.CHECKS,
    *keys.CHECKS,
    *availability.CHECKS,
    *tokens.CHECKS,
    *routes.CHECKS,
    *lookups.CHECKS,
    *relations.CHECKS,
    *carriage.CHECKS,
)

#: Clauses that no check can decide, and why.
UNOBSERVABLE: dict[str, str] = {
    clause.id: clause.why_not for clause in clauses() if not clause.observable
}

_DEPTH: dict[Level, int] = {"MUST": 0, "SHOULD": 1, "MAY": 2}


class UnknownClause(NertwinError):
    """A pattern matches no clause."""


def select_clauses(
    profile: Profile, *, level: Level = "SHOULD", select: Sequence[str] = ()
) -> tuple[Clause, ...]:
    """The clauses of a profile of at least that level whose id matches one of the globs.

    A clause that is named in full is selected whatever its level.

    Raises:
        UnknownClause: A glob matches no clause at all.
    """
    known = clauses()
    for pattern in select:
        if not any(fnmatchcase(clause.id, pattern) for clause in known):
            if any(fnmatchcase(clause.id, pattern) for clause in clauses("client")):
                raise UnknownClause(
                    f"{pattern!r} is about clients, and this judges an endpoint; a test's"
                    " nertwin.assert_polite() judges clients by it."
                )
            guess = did_you_mean(pattern, [clause.id for clause in known])
            raise UnknownClause(
                f"no clause matches {pattern!r}.{guess} `nertwin clauses` lists them."
            )
    return tuple(
        clause
        for clause in known
        if profile in clause.profiles
        and (clause.id in select or _DEPTH[clause.level] <= _DEPTH[level])
        and (not select or any(fnmatchcase(clause.id, pattern) for pattern in select))
    )


def checks_for(selected: Iterable[Clause]) -> tuple[Check, ...]:
    """The checks of these clauses, those of MUSTs first."""
    depth = {clause.id: _DEPTH[clause.level] for clause in selected}
    found = (check for check in CHECKS if check.clause in depth)
    return tuple(sorted(found, key=lambda check: depth[check.clause]))
