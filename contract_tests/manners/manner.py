"""Manner: a clause of clients, and how a visit is judged by it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from .seen import Seen, Visit

#: Broken once is broken; a clause that nobody could tell of is not kept.
Standing: TypeAlias = Literal["broken", "unclear", "kept", "untried"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One occasion on which a client kept a clause, or broke it, or nobody can tell."""

    standing: Standing
    text: str = ""  #: What it did and what it should have done.
    evidence: tuple[Seen, ...] = field(default=(), repr=False)

    @property
    def numbers(self) -> list[int]:
        """Of the exchanges that show it."""
        return [each.number for each in self.evidence]


#: The occasions on which a visit tried a clause; pure.
Judge: TypeAlias = Callable[[Visit], Iterable[Remark]]

KEPT = Remark(standing="kept")


def broken(text: str, *evidence: Seen) -> Remark:
    """The remark that a client did so."""
    return Remark(standing="broken", text=text, evidence=evidence)


def unclear(text: str, *evidence: Seen) -> Remark:
    """The remark that it may have done so."""
    return Remark(standing="unclear", text=text, evidence=evidence)
