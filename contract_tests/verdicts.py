"""Verdicts: green tests whose clients are impolite, listed at the end of a run of pytest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest

from .manners.grade import grade, impoliteness
from .watching import add_watcher

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter

    from .manners.seen import Visit

#: The property of an item that holds what its client did wrong.
IMPOLITE = "nertwin_impolite"
#: The property of an item that names the clauses of which nobody can tell.
UNCLEAR = "nertwin_unclear"


def register(config: pytest.Config) -> None:
    """Watch the tests of this run."""
    add_watcher(config, _watch)
    config.pluginmanager.register(_Verdicts(), "nertwin-verdicts")


def _watch(item: pytest.Item, visits: Sequence[Visit]) -> None:
    grades = [grade(visit) for visit in visits]
    item.user_properties += [
        (IMPOLITE, problem) for problem in map(impoliteness, grades) if problem
    ]
    unclear = {mark.clause.id for each in grades for mark in each.of("unclear")}
    if unclear:
        item.user_properties.append((UNCLEAR, " ".join(sorted(unclear))))


class _Verdicts:
    """Hears of all tests, those of other processes too."""

    def __init__(self) -> None:
        self._passed: dict[str, bool] = {}
        self._problems: dict[str, list[str]] = {}
        self._unclear: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note whether the test is green, and what its client did."""
        is_green = self._passed.get(report.nodeid, True) and report.passed
        self._passed[report.nodeid] = is_green
        problems = [str(value) for name, value in report.user_properties if name == IMPOLITE]
        if problems:
            self._problems[report.nodeid] = problems
        for name, value in report.user_properties:
            if name == UNCLEAR:
                self._unclear[report.nodeid] = str(value)

    def pytest_terminal_summary(self, terminalreporter: TerminalReporter) -> None:
        """List them."""
        found = {id_: each for id_, each in self._problems.items() if self._passed[id_]}
        if found:
            terminalreporter.section("green tests with impolite clients (nertwin)")
        else:
            terminalreporter.write_line("nertwin: no green test has an impolite client")
        for nodeid, problems in sorted(found.items()):
            terminalreporter.write_line(nodeid, bold=True)
            for line in "\n".join(problems).splitlines():
                terminalreporter.write_line(f"  {line}")
        if unclear := [each for id_, each in self._unclear.items() if self._passed[id_]]:
            clauses = sorted({clause for each in unclear for clause in each.split()})
            tests = "1 green test" if len(unclear) == 1 else f"{len(unclear)} green tests"
            terminalreporter.write_line(
                f"nertwin: in {tests} nobody can tell of {', '.join(clauses)}; use the fixture"
                " nertwin_sleep, or ask nertwin.grade().to_text() why"
            )
