"""Broken endpoints: for each clause one that violates it, as a change of good exchanges.

A topic is a module with a dictionary ``MUTANTS`` of clause id, or of ``clause/variant`` where
one clause can be violated in several ways, to :class:`Mutant`.
"""

from dataclasses import replace

from mutants import (
    aggregation,
    availability,
    bounds,
    caching,
    headers,
    labels,
    long_input,
    relations,
    requests,
    routes,
    scores,
    shape,
    spans,
    tokens,
)
from mutants.mutant import Mutant, MutantTransport, Recorded

__all__ = ["MUTANTS", "Mutant", "MutantTransport", "Recorded"]

#: What a mutant can't help violating of another topic, and why.
_ACROSS: dict[str, dict[str, str]] = {
    "cache.key-is-open": {
        "relation.layout": "one of the calls that may share an answer differs in its layout alone",
    },
    "availability.wait-when-ready": {
        "request.options-accepted": "among calls with options are some that wait",
    },
    "auth.anonymous": {
        "security.no-server-error": "its refusal of calls without a token is a 500",
    },
    "route.inference": {
        "aggregation.five-names": "no call with the strategy average finds its address",
        "request.empty-text": "texts without words are tried with that strategy too",
    },
    "relation.repeated": {
        "cache.same-bytes": "an answer that is kept is one that is repeated",
    },
    "relation.escapes/planes": {
        "header.compute-characters": "two characters are read in place of one",
    },
    "relation.empty-parameters": {
        "cache.key-is-open": "calls with and without {} are among those that may share an answer",
    },
    "relation.concurrent": {
        "header.compute-characters": "the headers are those of another text, too",
        "availability.wait": "calls that wait at the same time are mixed up as well",
    },
    "relation.addresses": {
        "route.pipeline": "the other address is the one that this clause is about",
    },
    "relation.connections/refusal": {
        "route.model-names": "a call by another name is refused as the one before it was",
        "relation.repeated": "calls that are repeated come after a refusal that is",
    },
    "route.recommended-models": {
        "security.no-server-error": "its refusal of the model is a 500",
    },
    "auth.colon": {
        "security.no-server-error": "its refusal of the colon is a 500",
    },
    "relation.addresses/escaped": {
        "route.model-names": "an escaped name is one that the clause is about",
    },
    "request.key-twice": {
        "header.compute-characters": "the other text is counted",
    },
}

_OF_TOPICS: dict[str, Mutant] = {
    **shape.MUTANTS,
    **spans.MUTANTS,
    **scores.MUTANTS,
    **labels.MUTANTS,
    **requests.MUTANTS,
    **bounds.MUTANTS,
    **aggregation.MUTANTS,
    **long_input.MUTANTS,
    **headers.MUTANTS,
    **caching.MUTANTS,
    **availability.MUTANTS,
    **tokens.MUTANTS,
    **routes.MUTANTS,
    **relations.MUTANTS,
}

MUTANTS: dict[str, Mutant] = {
    name: replace(mutant, also={**mutant.also, **_ACROSS.get(name, {})})
    for name, mutant in _OF_TOPICS.items()
}
