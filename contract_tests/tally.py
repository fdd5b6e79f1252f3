"""Tally: what the trials of one check have shown so far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from nertwin.schemas import Clause

from .checks.check import Check, Plan, Trial, Undecided
from .etiquette import describe_obstacle, is_in_the_way
from .outcomes import Finding, Outcome, Result
from .violations import Violation

_MOST_FINDINGS = 3


def judge(check: Check, trial: Trial) -> tuple[list[Violation], list[Undecided]]:
    """What a check says of a trial; undecided where circumstances were in the way."""
    if not check.sees_all:
        for exchange in trial.exchanges:
            if is_in_the_way(exchange):
                return [], [Undecided(describe_obstacle(exchange))]
    violations: list[Violation] = []
    undecided: list[Undecided] = []
    for each in check.judge(trial):
        if isinstance(each, Violation):
            violations.append(each)
        else:
            undecided.append(each)
    return violations, undecided


@dataclass
class Tally:
    """One check's trials, counted, and its first findings."""

    check: Check
    clause: Clause
    skipped: str = ""  #: Why the check is not tried at all.
    error: str = ""  #: The traceback of a fault of ours.
    trials: int = field(default=0, init=False)  #: That decided.
    violated: int = field(default=0, init=False)
    findings: list[Finding] = field(default_factory=list, init=False)
    suspect: Plan | None = field(default=None, init=False)  #: The first plan that failed.
    _open: Counter[str] = field(default_factory=Counter, init=False)

    @property
    def is_settled(self) -> bool:
        """Whether further plans can't change the outcome."""
        return bool(self.skipped or self.error or (self.findings and not self.check.is_soft))

    def take(self, plan: Plan, trial: Trial) -> bool:
        """Judge a trial; whether it violates the clause."""
        violations, undecided = judge(self.check, trial)
        if not violations:
            self.trials += not undecided
            self._open.update(each.why for each in undecided[:1])
            return False
        self.trials += 1
        self.violated += 1
        self.suspect = self.suspect or plan
        self.add(violations, trial)
        return True

    def add(self, violations: Iterable[Violation], trial: Trial) -> None:
        """Keep violations that are unlike those there are."""
        known = {finding.fingerprint for finding in self.findings}
        for violation in violations:
            found = Finding(clause=self.clause, violation=violation, exchanges=trial.exchanges)
            if found.fingerprint not in known and len(self.findings) < _MOST_FINDINGS:
                known.add(found.fingerprint)
                self.findings.append(found)

    def replace_findings(self, violations: Iterable[Violation], trial: Trial) -> None:
        """Take the findings of a smaller trial in place of those there are."""
        self.findings.clear()
        self.add(violations, trial)

    def count_again(self, seen: int, tried: int) -> None:
        """Note in how many trials of the same requests the findings were there."""
        self.findings = [replace(found, seen=seen, tried=tried) for found in self.findings]

    def result(self, stopped: str) -> Result:
        """The outcome for the clause, as far as this check goes."""
        if self.error:
            return Result(clause=self.clause, outcome=Outcome.ERROR, why=self.error)
        # What it lacks may still have been seen by chance, in answers to other checks.
        if self.skipped and not self.trials:
            return Result(clause=self.clause, outcome=Outcome.SKIPPED, why=self.skipped)
        if self.findings and (not self.check.is_soft or self.violated * 2 > self.trials):
            findings = tuple(self.findings)
            return Result(
                clause=self.clause, outcome=Outcome.FAILED, findings=findings, trials=self.trials
            )
        if self.trials:
            return Result(clause=self.clause, outcome=Outcome.PASSED, trials=self.trials)
        why = next((why for why, _ in self._open.most_common(1)), stopped)
        return Result(
            clause=self.clause, outcome=Outcome.INCONCLUSIVE, why=why or "no trial decided it"
        )
