"""Conformance: the whole contract as one assertion, for any test framework."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

from nertwin.schemas import Level, Profile

from .checks import select_clauses
from .endpoint import Endpoint, find_endpoint
from .etiquette import LOCAL_RATE, REMOTE_RATE, Etiquette
from .hearing import Place, open_hearing
from .outcomes import Outcome, Verdict
from .reporters.evidence import describe, summarise


class NotConforming(AssertionError):
    """A clause is violated, or too little could be decided; ``verdict`` tells all of it."""

    def __init__(self, message: str, verdict: Verdict) -> None:
        super().__init__(message)
        self.verdict = verdict


def assert_conforms(
    place: Place,
    *,
    model: str | None = None,
    cold_model: str | None = None,
    profile: Profile | None = None,
    token: str | None = None,
    level: Level = "SHOULD",
    select: Sequence[str] = (),
    seed: int = 0,
    max_requests: int = 600,
    rate: float | None = None,
    timeout: float = 30.0,
) -> Verdict:
    """Judge what is at a place: a URL, an :class:`Endpoint` or an ASGI application.

    Raises:
        NotConforming: A clause is violated, or less than half of them could be decided.
        NertwinError: There is no endpoint of this API, or a glob of ``select`` matches nothing.
    """

    def find(url: str) -> Endpoint:
        return find_endpoint(url, model=model, profile=profile, cold_model=cold_model, token=token)

    def etiquette(endpoint: Endpoint) -> Etiquette:
        usual = LOCAL_RATE if endpoint.is_local else REMOTE_RATE
        return Etiquette(max_requests=max_requests, rate=usual if rate is None else rate)

    with ExitStack() as stack:
        hearing = stack.enter_context(
            open_hearing(place, find=find, etiquette=etiquette, seed=seed, timeout=timeout)
        )
        clauses = select_clauses(hearing.endpoint.profile, level=level, select=select)
        verdict = hearing.judge(*clauses)
    if verdict.is_interrupted:
        raise KeyboardInterrupt
    if verdict.exit_status:
        raise NotConforming(_message(verdict), verdict)
    return verdict


def _message(verdict: Verdict) -> str:
    found = [describe(each, verdict) for result in verdict.results for each in result.findings]
    faults = [
        f"{result.clause.id}: the check itself failed\n{result.why}"
        for result in verdict.results
        if result.outcome is Outcome.ERROR
    ]
    ending = [f"too little was decided: {verdict.stopped}"] if verdict.exit_status == 3 else []
    return "\n\n".join([summarise(verdict), *found, *faults, *ending])
