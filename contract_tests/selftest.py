"""Selftest: whether the installed kit passes what is good and catches what is not."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

from nertwin.mockserver.breaches import breakable
from nertwin.schemas import PROFILES, Clause, Profile

from .checks import CHECKS, select_clauses
from .outcomes import Outcome, Verdict
from .probe import NoEndpoint
from .stand import SURROUNDINGS, Stand, Surroundings, running_stand


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A clause that a server breaks on purpose, and what the kit says of that server."""

    clause: str
    profile: Profile
    where: str = ""  #: In which of the :data:`~.stand.SURROUNDINGS`, if not in ordinary ones.
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
            verdict.count(Outcome.PASSED) == len(verdict.results)
            for verdict in self.faithful.values()
        )
        caught = all(trial.is_caught and not trial.faults for trial in self.trials)
        return passes and caught and bool(self.faithful)


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
            profile: stack.enter_context(running_stand(profile))
            for profile, clauses in chosen.items()
            if clauses
        }
        faithful = {
            profile: _judge_faithful(stand, chosen[profile]) for profile, stand in stands.items()
        }
        trials = []
        for clause, profiles in _homes(chosen):
            tried = (
                _judge_broken(stands[profile], surroundings, clause, others)
                for surroundings in SURROUNDINGS
                for profile in profiles
                for others in (chosen[profile] if everything else (),)
            )
            trial = _first_caught(tried)
            trials.append(trial)
            hear(trial)
    return Selftest(faithful=faithful, trials=tuple(trials), unchecked=_unchecked(select, checked))


def _judge_faithful(stand: Stand, clauses: Sequence[Clause]) -> Verdict:
    """The verdict on a stand-in that violates nothing; what stays open is tried elsewhere too."""
    verdict = stand.judge(SURROUNDINGS[0], clauses)
    for surroundings in SURROUNDINGS[1:]:
        left = [each.clause for each in verdict.results if not each.outcome.is_decided]
        if left:
            again = stand.judge(surroundings, left)
            told = {each.clause: each for each in again.results if each.outcome.is_decided}
            results = tuple(told.get(each.clause, each) for each in verdict.results)
            verdict = replace(verdict, results=results)
    return verdict


def _judge_broken(
    stand: Stand, surroundings: Surroundings, broken: Clause, others: Sequence[Clause]
) -> Trial:
    """What its own clause, and the ``others``, say of a stand-in that violates one."""
    profile, where = stand.endpoint.profile, surroundings.name
    try:
        verdict = stand.judge(surroundings, others or (broken,), violate=broken.id)
    except NoEndpoint as error:
        return Trial(clause=broken.id, profile=profile, where=where, refusal=str(error))
    return Trial(
        clause=broken.id,
        profile=profile,
        where=where,
        failed=_with(verdict, Outcome.FAILED),
        faults=_with(verdict, Outcome.ERROR),
        why=next((each.why for each in verdict.results if each.clause is broken), ""),
    )


def _first_caught(trials: Iterator[Trial]) -> Trial:
    """The first trial that was caught or had a fault of ours; else the first of all."""
    first = next(trials)
    if first.is_caught or first.faults:
        return first
    return next((trial for trial in trials if trial.is_caught or trial.faults), first)


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
