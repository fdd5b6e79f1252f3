"""Broken endpoints: for each clause one that violates it, as a change of good exchanges.

A topic is a module with a dictionary ``MUTANTS`` of clause id, or of ``clause/variant`` where
one clause can be violated in several ways, to :class:`Mutant`.
"""

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

MUTANTS: dict[str, Mutant] = {
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
