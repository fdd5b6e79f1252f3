"""Grade: how the clients of a session stand with each clause."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from nertwin.mockserver.errors import NertwinError, did_you_mean
from nertwin.schemas import JSON, Clause, clauses

from . import bodies, finding, paths, retrying, tokens, waiting
from .manner import Judge, Remark, Standing
from .seen import Seen, Visit

JUDGES: dict[str, Judge] = {
    **waiting.JUDGES,
    **retrying.JUDGES,
    **tokens.JUDGES,
    **finding.JUDGES,
    **bodies.JUDGES,
    **paths.JUDGES,
}
_WORST: tuple[Standing, ...] = ("broken", "unclear", "kept")
_MOST_REMARKS = 3  # Of one clause, told in full.


class UnknownManner(NertwinError):
    """A pattern matches no clause of clients."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A clause and what was seen of it."""

    clause: Clause
    remarks: tuple[Remark, ...] = field(default=(), repr=False)

    @property
    def standing(self) -> Standing:
        """The worst of the remarks."""
        found = {remark.standing for remark in self.remarks}
        return next((each for each in _WORST if each in found), "untried")

    @property
    def reasons(self) -> list[Remark]:
        """The remarks that make it so."""
        return [each for each in self.remarks if each.standing == self.standing]

    def lines(self, show: Callable[[Seen], str] = str) -> Iterator[str]:
        """The clause, what was done and the exchanges that show it."""
        yield f"{self.clause.id} ({self.clause.level}): {self.clause.text}"
        for remark in self.reasons[:_MOST_REMARKS]:
            yield f"  {remark.text}"
            for each in remark.evidence:
                yield f"    {show(each)}"
        if len(self.reasons) > _MOST_REMARKS:
            yield f"  and {len(self.reasons) - _MOST_REMARKS} times more"

    def to_json(self) -> dict[str, JSON]:
        """The same as JSON."""
        return {
            "clause": self.clause.id,
            "level": self.clause.level,
            "text": self.clause.text,
            "standing": self.standing,
            "occasions": len(self.remarks),
            "remarks": [
                {
                    "text": remark.text,
                    "exchanges": [*remark.numbers],
                    "lines": [*map(str, remark.evidence)],
                }
                for remark in ([] if self.standing == "kept" else self.reasons)
            ],
        }


@dataclass(frozen=True, slots=True)
class Grade:
    """Each clause that was asked for, and how the clients of a visit stand with it."""

    marks: tuple[Marked, ...]
    requests: int  #: How many exchanges it rests on.

    @property
    def is_polite(self) -> bool:
        """Whether no clause was seen broken."""
        return not self.of("broken")

    def of(self, standing: Standing) -> tuple[Marked, ...]:
        """The clauses that stand so."""
        return tuple(each for each in self.marks if each.standing == standing)

    def to_text(self) -> str:
        """What was broken and what nobody can tell, and how much was kept."""
        counts = {each: len(self.of(each)) for each in (*_WORST, "untried")}
        lines = [
            f"nertwin: {self.requests} requests; of {len(self.marks)} clauses of clients"
            f" {counts['broken']} are broken, {counts['kept']} kept, {counts['unclear']} unclear"
            f" and {counts['untried']} untried"
        ]
        for mark in self.of("broken"):
            lines += mark.lines()
        for mark in self.of("unclear"):
            lines += [f"can't tell {line}" if not at else line for at, line in _numbered(mark)]
        return "\n".join(lines)

    def to_json(self) -> dict[str, JSON]:
        """The same as JSON, all clauses of it."""
        return {
            "polite": self.is_polite,
            "requests": self.requests,
            "clauses": [each.to_json() for each in self.marks],
        }


def grade(visit: Visit, *, select: Sequence[str] = (), ignore: Sequence[str] = ()) -> Grade:
    """How the clients of a visit stand with the clauses of its profile.

    Args:
        visit: What they did.
        select: Globs of clauses; all without one.
        ignore: Globs of clauses that don't count.

    Raises:
        UnknownManner: A glob matches no clause of clients.
    """
    known = clauses("client")
    for pattern in (*select, *ignore):
        _check_pattern(pattern, known)
    chosen = [
        clause
        for clause in known
        if visit.profile in clause.profiles
        and (not select or _matches(clause, select))
        and not _matches(clause, ignore)
    ]
    marks = tuple(Marked(clause, tuple(JUDGES[clause.id](visit))) for clause in chosen)
    return Grade(marks, requests=sum(each.count for each in visit.exchanges))


def impoliteness(found: Grade, named: Sequence[str] = ()) -> str:
    """What is wrong with a grade, or nothing.

    A clause that is ``named`` in full must have been tried, for a skip is no pass.
    """
    lines = [line for mark in found.of("broken") for line in mark.lines()]
    for mark in found.of("unclear"):
        if mark.clause.id in named:
            lines += ["nobody can tell whether this was kept:", *mark.lines()]
    for mark in found.of("untried"):
        if mark.clause.id in named:
            lines += ["nothing that came tried this, so it says nothing:", *mark.lines()]
    return "\n".join(lines)


def _check_pattern(pattern: str, known: Sequence[Clause]) -> None:
    if not any(fnmatchcase(clause.id, pattern) for clause in known):
        guess = did_you_mean(pattern, [clause.id for clause in known])
        raise UnknownManner(
            f"no clause of clients matches {pattern!r}.{guess} `nertwin clauses 'client.*'` lists"
            " them."
        )


def _matches(clause: Clause, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(clause.id, pattern) for pattern in patterns)


def _numbered(mark: Marked) -> list[tuple[int, str]]:
    return list(enumerate(mark.lines()))
