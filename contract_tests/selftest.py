"""Selftest: whether the installed kit passes what is good and catches what is not."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from nertwin.mockserver import ModelCard, Settings, running_server
from nertwin.mockserver.app import create_endpoint
from nertwin.mockserver.breaches import breakable
from nertwin.mockserver.endpoint import Endpoint as Answering
from nertwin.mockserver.life import Life
from nertwin.schemas import PROFILES, Clause, Profile

from .broken import BrokenTransport, InSession
from .checks import CHECKS, select_clauses
from .client import Client, Transport
from .endpoint import Endpoint, find_endpoint
from .etiquette import Etiquette
from .outcomes import Outcome, Verdict
from .probe import NoEndpoint
from .runner import run

_BUDGET = 1000
_TIMEOUT = 5.0
_PATIENCE = 1.0  # Seconds; a breach may announce a load of any length.
_TOKEN = "hf_selftest0123456789abcdefghijklmnop"  # noqa: S105  # Of a server that ends with the selftest.
_COLD = tuple(f"nertwin/cold-{number}" for number in range(1, 5))
# A load takes 30 seconds of a clock that runs a hundred times as fast as ours.
_LIFE = Life(starts="cold", after_seconds=30, estimated_time=0.3)
_COLD_CARDS = {each: ModelCard(id=each, life=_LIFE) for each in _COLD}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A clause that a server breaks on purpose, and what the kit says of that server."""

    clause: str
    profile: Profile
    failed: tuple[str, ...] = ()  #: The clauses whose checks failed.
    faults: tuple[str, ...] = ()  #: Those whose checks failed for a fault of ours.
    refusal: str = ""  #: Why it was taken for no endpoint at all, and so not judged.
    why: str = ""  #: Why its own check stayed open, if it did.

    @property
    def is_caught(self) -> bool:
        """Whether the clause's own check failed, or the server was sent away at the first call."""
        return self.clause in self.failed or bool(self.refusal)

    @property
    def strays(self) -> tuple[str, ...]:
        """Clauses of other topics that were said to be violated too."""
        topic = self.clause.partition(".")[0]
        return tuple(each for each in self.failed if each.partition(".")[0] != topic)


@dataclass(frozen=True, kw_only=True)
class Selftest:
    """What came of it."""

    faithful: dict[Profile, Verdict]
    trials: tuple[Trial, ...]
    unchecked: tuple[str, ...]  #: Breakable clauses that no check is for.

    @property
    def is_good(self) -> bool:
        """Whether the faithful servers pass and every other one is caught by its own check."""
        passes = all(
            not verdict.count(Outcome.FAILED) and not verdict.count(Outcome.ERROR)
            for verdict in self.faithful.values()
        )
        caught = all(trial.is_caught and not trial.faults for trial in self.trials)
        return passes and caught and bool(self.faithful)


@dataclass(frozen=True, kw_only=True)
class Stand:
    """A faithful stand-in of one profile."""

    endpoint: Endpoint
    transport: Transport
    answering: Answering

    def judge_faithful(self, clauses: Sequence[Clause]) -> Verdict:
        """The verdict on the stand-in as it is."""
        return self._judge(InSession(self.transport, "faithful"), clauses)

    def judge_broken(self, broken: str, clauses: Sequence[Clause]) -> Trial:
        """The stand-in with a clause broken."""
        session = broken.replace(".", "-")
        transport = BrokenTransport(
            InSession(self.transport, session),
            InSession(self.transport, f"{session}-aside"),
            self.answering,
            broken,
            self.endpoint.token,
            _COLD,
        )
        profile = self.endpoint.profile
        try:
            verdict = self._judge(transport, clauses)
        except NoEndpoint as error:
            return Trial(clause=broken, profile=profile, refusal=str(error))
        return Trial(
            clause=broken,
            profile=profile,
            failed=_with(verdict, Outcome.FAILED),
            faults=_with(verdict, Outcome.ERROR),
            why=next((each.why for each in verdict.results if each.clause.id == broken), ""),
        )

    def _judge(self, transport: Transport, clauses: Sequence[Clause]) -> Verdict:
        etiquette = Etiquette(max_requests=_BUDGET, patience=_PATIENCE)
        return run(self.endpoint, transport, clauses=clauses, etiquette=etiquette)


def run_selftest(
    *, select: Sequence[str] = (), everything: bool = False, hear: Callable[[Trial], None]
) -> Selftest:
    """Judge faithful stand-ins and broken ones; ``hear`` is told of each broken one at once.

    A broken one is judged by its own clause, or by all chosen clauses if ``everything``.

    Raises:
        UnknownClause: A glob matches no clause.
    """
    checked = {check.clause for check in CHECKS}
    with ExitStack() as stack:
        chosen = {profile: _choose(profile, select, checked) for profile in PROFILES}
        stands = {
            profile: stack.enter_context(_stand(profile))
            for profile, clauses in chosen.items()
            if clauses
        }
        faithful = {
            profile: stand.judge_faithful(chosen[profile]) for profile, stand in stands.items()
        }
        trials = []
        for clause, profiles in _homes(chosen):
            for profile in profiles:
                judged = chosen[profile] if everything else (clause,)
                trial = stands[profile].judge_broken(clause.id, judged)
                if trial.is_caught:
                    break
            trials.append(trial)
            hear(trial)
    return Selftest(faithful=faithful, trials=tuple(trials), unchecked=_unchecked(select, checked))


def _with(verdict: Verdict, outcome: Outcome) -> tuple[str, ...]:
    return tuple(each.clause.id for each in verdict.results if each.outcome is outcome)


def _choose(
    profile: Profile, select: Sequence[str], checked: Collection[str]
) -> tuple[Clause, ...]:
    clauses = select_clauses(profile, level="MAY", select=select)
    return tuple(clause for clause in clauses if clause.id in checked)


def _homes(
    chosen: Mapping[Profile, Sequence[Clause]],
) -> Iterator[tuple[Clause, Sequence[Profile]]]:
    """Each clause that can be broken, with its profiles: a breach may change nothing in some."""
    known = {clause.id: clause for clauses in chosen.values() for clause in clauses}
    for clause_id in breakable():
        if clause_id in known:
            yield known[clause_id], known[clause_id].profiles


def _unchecked(select: Sequence[str], checked: Collection[str]) -> tuple[str, ...]:
    known = {
        clause.id
        for profile in PROFILES
        for clause in select_clauses(profile, level="MAY", select=select)
    }
    return tuple(each for each in breakable() if each in known and each not in checked)


@contextmanager
def _stand(profile: Profile) -> Iterator[Stand]:
    settings = Settings(port=0, profile=profile, auth="token", token=_TOKEN, models=_COLD_CARDS)
    with running_server(settings) as server:
        endpoint = find_endpoint(
            server.url, profile=profile, cold_model=",".join(_COLD), token=_TOKEN
        )
        with Client(endpoint, timeout=_TIMEOUT) as client:
            yield Stand(endpoint=endpoint, transport=client, answering=create_endpoint(settings))
