"""Runner: tries checks against an endpoint, one exchange serving many, and gives the verdict."""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from nertwin.schemas import Clause

from .bench import Bench
from .checks import UNOBSERVABLE, Check, Plan, Trial, checks_for
from .client import Transport
from .draws import falsify
from .endpoint import Endpoint
from .etiquette import Etiquette, Stopped, is_in_the_way
from .exchange import Exchange, Request
from .outcomes import Outcome, Result, Verdict
from .planner import in_order
from .probe import probe
from .reporters.events import Exchanged, Finished, Reporter, Started
from .secrets import redact
from .tally import Tally, judge

DEFAULT_SEED = 0

_RECHECKS = 2
_DRAWS = 6
_SEVEREST = (
    Outcome.FAILED,
    Outcome.ERROR,
    Outcome.PASSED,
    Outcome.INCONCLUSIVE,
    Outcome.SKIPPED,
)


def run(
    endpoint: Endpoint,
    transport: Transport,
    *,
    clauses: Sequence[Clause],
    etiquette: Etiquette | None = None,
    seed: int = DEFAULT_SEED,
    reporters: Sequence[Reporter] = (),
    checks: Sequence[Check] | None = None,
    earlier: dict[Request, Exchange] | None = None,
) -> Verdict:
    """Judge an endpoint clause by clause.

    ``checks`` are those of the clauses unless others are given. What is in ``earlier`` is not
    sent again; what is sent is added to it.

    Raises:
        NoEndpoint: What answers is no endpoint of this API.
    """
    chosen = checks_for(clauses) if checks is None else checks
    course = _Run(
        endpoint, transport, clauses, chosen, etiquette or Etiquette(), seed, reporters,
        {} if earlier is None else earlier,
    )  # fmt: skip
    return course.finish()


@dataclass
class _Run:
    endpoint: Endpoint
    transport: Transport
    clauses: Sequence[Clause]
    checks: Sequence[Check]
    etiquette: Etiquette
    seed: int
    reporters: Sequence[Reporter]
    earlier: dict[Request, Exchange]
    judged: int = field(default=0, init=False)
    _topic: str = field(default="", init=False)  # Of what is tried.
    _cut: str = field(default="", init=False)  # Why draws ended early, if they did.

    def __post_init__(self) -> None:
        named = {clause.id: clause for clause in self.clauses}
        self._bench = Bench(
            self.endpoint, self.transport, self.etiquette, self._watch, self.earlier
        )
        self._tallies = [
            Tally(check, named[check.clause], skipped=self._unmet(check)) for check in self.checks
        ]
        self._watchers = [tally for tally in self._tallies if tally.check.watches]

    def finish(self) -> Verdict:
        """Everything, up to the verdict, which reporters hear of even after Ctrl-C."""
        begin = time.monotonic()
        notes: tuple[str, ...] = ()
        stopped, is_interrupted = "", False
        try:
            notes = probe(self._bench)
            self._tell(
                Started(endpoint=self.endpoint, seed=self.seed, clauses=len(self.clauses),
                        notes=notes)
            )  # fmt: skip
            self._try_examples()
            self._try_draws()
            stopped = self._cut
        except Stopped as reason:
            stopped = str(reason)
        except KeyboardInterrupt:
            stopped, is_interrupted = "interrupted", True
        verdict = Verdict(
            endpoint=self.endpoint,
            seed=self.seed,
            results=tuple(self._results(stopped)),
            requests=self.etiquette.sent,
            judged=self.judged,
            seconds=time.monotonic() - begin,
            stopped=stopped,
            notes=notes,
            is_interrupted=is_interrupted,
        )
        self._tell(Finished(verdict=verdict))
        return verdict

    def _unmet(self, check: Check) -> str:
        if "cold-model" in check.needs and not self.endpoint.cold_model:
            return "needs a model that is not loaded: --cold-model ID"
        if "token" in check.needs and not self.endpoint.token:
            return "needs a token: --token-env NAME"
        return ""

    def _try_examples(self) -> None:
        """The plans of all checks, those first that decide most."""
        columns = [
            (tally, tuple(self._plans(tally))) for tally in self._tallies if not tally.skipped
        ]
        for tally, plan in in_order(columns, self._bench.made):
            self._try(tally, plan)

    def _plans(self, tally: Tally) -> Iterator[Plan]:
        try:
            yield from tally.check.examples(self.endpoint)
        except Exception:  # Whatever it is, it is our fault and told as such.
            tally.error = redact(traceback.format_exc())

    def _try(self, tally: Tally, plan: Plan) -> None:
        self._topic = tally.clause.topic
        try:
            if plan.bundle is None or not self._holds(tally, plan.bundle):
                trial = self._bench.carry_out(plan)
                if not _was_watched(tally.check, plan, trial):
                    self.judged += 1
                    tally.take(plan, trial)
        except (Stopped, KeyboardInterrupt):
            raise
        except Exception:  # A plan or judge that breaks costs its clause alone.
            tally.error = redact(traceback.format_exc())
        self._try_suspects_again()

    def _holds(self, tally: Tally, bundle: Plan) -> bool:
        """Whether a bundle shows that the clause holds; that it doesn't, no bundle can show."""
        trial = self._bench.carry_out(bundle)
        self.judged += 1
        if any(judge(tally.check, trial)):
            return False
        tally.take(bundle, trial)
        return True

    def _watch(self, exchange: Exchange) -> None:
        """Let every check that watches judge an exchange, whoever asked for it."""
        for tally in self._watchers:
            check = tally.check
            if tally.error or (is_in_the_way(exchange) and not check.sees_all):
                continue
            try:
                if check.watches and check.watches(exchange):
                    self.judged += 1
                    trial = Trial(exchanges=(exchange,), endpoint=self.endpoint)
                    tally.take(Plan((exchange.request,)), trial)
            except Exception:  # Nor may one that watches cost the others theirs.
                tally.error = redact(traceback.format_exc())
        decided = {tally.clause.id for tally in self._tallies if tally.trials}
        violated = {tally.clause.id for tally in self._tallies if tally.findings}
        self._tell(
            Exchanged(
                exchange=exchange,
                topic=self._topic,
                decided=len(decided),
                violated=len(violated),
            )
        )

    def _try_suspects_again(self) -> None:
        """See whether what failed for the first time fails again."""
        for tally in self._tallies:
            if tally.suspect is None or any(found.tried > 1 for found in tally.findings):
                continue
            plan, seen, tried = tally.suspect, 1, 1
            try:
                for attempt in range(1, _RECHECKS + 1):
                    trial = self._bench.carry_out(plan, attempt=attempt)
                    tried += 1
                    seen += bool(judge(tally.check, trial)[0])
            except (Stopped, KeyboardInterrupt):
                raise
            except Exception:  # What failed once may break the judge when it is back.
                tally.error = redact(traceback.format_exc())
            tally.count_again(seen, tried)

    def _try_draws(self) -> None:
        for tally in self._tallies:
            if tally.check.draws and not tally.is_settled:
                self._draw(tally)
                self._try_suspects_again()

    def _draw(self, tally: Tally) -> None:
        check, stop = tally.check, False
        assert check.draws is not None  # noqa: S101  # Said by the caller, for the type checker.
        self._topic = tally.clause.topic

        def fails(plan: Plan) -> bool:
            nonlocal stop
            if stop:
                return False
            try:
                trial = self._bench.carry_out(plan)
            except Stopped as reason:
                stop, self._cut = True, str(reason)
                return False
            violations, undecided = judge(check, trial)
            tally.trials += not violations and not undecided
            return bool(violations)

        try:
            smallest = falsify(check.draws(self.endpoint), fails, seed=self.seed, examples=_DRAWS)
            if smallest is not None:
                trial = self._bench.carry_out(smallest)
                tally.suspect = None
                tally.findings.clear()
                tally.take(smallest, trial)
        except (Stopped, KeyboardInterrupt):
            raise
        except Exception:  # Strategies may break too, and Hypothesis with them.
            tally.error = redact(traceback.format_exc())

    def _results(self, stopped: str) -> Iterator[Result]:
        for clause in self.clauses:
            mine = [
                tally.result(stopped) for tally in self._tallies if tally.clause.id == clause.id
            ]
            if mine:
                yield min(mine, key=lambda result: _SEVEREST.index(result.outcome))
            else:
                why = UNOBSERVABLE.get(clause.id, "this version has no check for it")
                yield Result(clause=clause, outcome=Outcome.SKIPPED, why=why)

    def _tell(self, event: Started | Exchanged | Finished) -> None:
        for reporter in self.reporters:
            reporter(event)


def _was_watched(check: Check, plan: Plan, trial: Trial) -> bool:
    """Whether the plan's only exchange was judged when it was made."""
    if check.watches is None or plan.about is not None or len(trial.exchanges) != 1:
        return False
    (exchange,) = trial.exchanges
    return check.watches(exchange) and (check.sees_all or not is_in_the_way(exchange))
