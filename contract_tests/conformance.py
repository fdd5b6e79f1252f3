"""Conformance: the whole contract as one assertion, for any test framework."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import cast

from nertwin.schemas import Level, Profile

from .checks import select_clauses
from .endpoint import Endpoint, find_endpoint
from .etiquette import LOCAL_RATE, REMOTE_RATE, Etiquette
from .hearing import Place, open_hearing
from .outcomes import Outcome, Verdict
from .received import Received, is_received, judge_received, read_exchange
from .reporters.evidence import describe, summarise


class NotConforming(AssertionError):
    """A clause is violated, or too little could be decided; ``verdict`` tells all of it."""

    def __init__(self, message: str, verdict: Verdict) -> None:
        super().__init__(message)
        self.verdict = verdict


def assert_conforms(
    place: Place | Received,
    *,
    request: object = None,
    model: str | None = None,
    cold_model: str | None = None,
    profile: Profile | None = None,
    token: str | None = None,
    level: Level = "SHOULD",
    select: Sequence[str] = (),
    seed: int = 0,
    max_requests: int = 400,
    rate: float | None = None,
    timeout: float = 30.0,
) -> Verdict:
    """Judge what is at a place: a URL, an :class:`Endpoint` or an ASGI application.

    In place of it a response of ``requests``, ``httpx`` or their test clients can be given, or
    the JSON document of one. It is judged by the clauses that one exchange can show, and nothing
    is sent. ``request`` is what it answers: the library's request, which most responses know,
    the payload, or the text.

    Raises:
        NotConforming: A clause is violated, or less than half of them could be decided.
        NertwinError: There is no endpoint of this API, no telling what was asked, or a glob of
            ``select`` matches nothing.
    """
    if is_received(place):
        exchange, endpoint = read_exchange(
            cast("Received", place),
            request,
            find=lambda url, sent: find_endpoint(
                url, model=model, profile=profile, token=token or sent
            ),
        )
        clauses = select_clauses(endpoint.profile, level=level, select=select)
        return _accept(judge_received(cast("Received", place), exchange, endpoint, clauses))

    def find(url: str) -> Endpoint:
        return find_endpoint(url, model=model, profile=profile, cold_model=cold_model, token=token)

    def etiquette(endpoint: Endpoint) -> Etiquette:
        usual = LOCAL_RATE if endpoint.is_local else REMOTE_RATE
        return Etiquette(max_requests=max_requests, rate=usual if rate is None else rate)

    with ExitStack() as stack:
        hearing = stack.enter_context(
            open_hearing(
                cast("Place", place), find=find, etiquette=etiquette, seed=seed, timeout=timeout
            )
        )
        clauses = select_clauses(hearing.endpoint.profile, level=level, select=select)
        verdict = hearing.judge(*clauses)
    if verdict.is_interrupted:
        raise KeyboardInterrupt
    return _accept(verdict)


def _accept(verdict: Verdict) -> Verdict:
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
