"""Proof: what the kit finds in a broken endpoint."""

import time
from collections.abc import Sequence

from mutants import Mutant, MutantTransport, Recorded

from nertwin.contract_tests.checks import select_clauses
from nertwin.contract_tests.endpoint import Endpoint
from nertwin.contract_tests.etiquette import Etiquette
from nertwin.contract_tests.outcomes import Outcome
from nertwin.contract_tests.runner import run
from nertwin.schemas import Profile

Stands = dict[Profile, tuple[Endpoint, Recorded]]


def prove(mutant: Mutant, stands: Stands, *, select: Sequence[str] = ()) -> tuple[set[str], int]:
    """The clauses that the mutant is found to violate, and how many errors of ours there were."""
    endpoint, transport = stands[mutant.profile]
    verdict = run(
        endpoint,
        MutantTransport(transport, mutant),
        clauses=select_clauses(mutant.profile, level="MAY", select=select),
        etiquette=Etiquette(sleep=lambda seconds: time.sleep(min(seconds, 0.3))),
    )
    failed = {each.clause.id for each in verdict.results if each.outcome is Outcome.FAILED}
    return failed, verdict.count(Outcome.ERROR)


def prove_in_topics(mutant: Mutant, stands: Stands, clause: str) -> tuple[set[str], int]:
    """The same by the clauses of its topics; by all if the calls of those don't show it."""
    topics = {each.partition(".")[0] for each in (clause, *mutant.also)}
    found = prove(mutant, stands, select=[f"{topic}.*" for topic in sorted(topics)])
    return found if clause in found[0] or mutant.is_total else prove(mutant, stands)
