"""Samples: what was measured in the rounds of one run, and how it is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import nan
from statistics import median


@dataclass(frozen=True, slots=True)
class Samples:
    """One figure a round."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one."""
        return median(self.values)

    def to(self, base: Samples) -> Samples:
        """What each round is of the same round of ``base``.

        What disturbs the machine for a while disturbs both sides of a round alike.
        """
        pairs = zip(self.values, base.values, strict=True)
        return Samples(tuple(mine / theirs if theirs else nan for mine, theirs in pairs))

    def ratio(self, base: Samples) -> float:
        """The median of what each round is of the same round of ``base``."""
        return self.to(base).median

    def to_json(self) -> dict[str, object]:
        """The samples with their median, least and largest."""
        return {
            "median": self.median,
            "min": min(self.values),
            "max": max(self.values),
            "values": list(self.values),
        }

    def __str__(self) -> str:
        return f"{_short(self.median)} ({_short(min(self.values))}–{_short(max(self.values))})"


def collect(rounds: Sequence[Mapping[str, float]]) -> dict[str, Samples]:
    """The figures of all rounds by their names."""
    return {name: Samples(tuple(each[name] for each in rounds)) for name in rounds[0]}


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A title and a table with the first column to the left and all others to the right."""
    table = [columns, *rows]
    widths = [max(len(row[place]) for row in table) for place in range(len(columns))]
    print(f"\n{title}")
    for row in table:
        first, *others = (cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join([row[0].ljust(len(first)), *others]), flush=True)


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
