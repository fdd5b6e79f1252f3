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


def register(config: pytest.Config) -> None:
    """Watch the tests of this run."""
    add_watcher(config, _watch)
    config.pluginmanager.register(_Verdicts(), "nertwin-verdicts")


def _watch(item: pytest.Item, visits: Sequence[Visit]) -> None:
    problems = filter(None, (impoliteness(grade(visit)) for visit in visits))
    item.user_properties += [(IMPOLITE, problem) for problem in problems]


class _Verdicts:
    """Hears of all tests, those of other processes too."""

    def __init__(self) -> None:
        self._passed: dict[str, bool] = {}
        self._problems: dict[str, list[str]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note whether the test is green, and what its client did."""
        is_green = self._passed.get(report.nodeid, True) and report.passed
        self._passed[report.nodeid] = is_green
        problems = [str(value) for name, value in report.user_properties if name == IMPOLITE]
        if problems:
            self._problems[report.nodeid] = problems

    def pytest_terminal_summary(self, terminalreporter: TerminalReporter) -> None:
        """List them."""
        found = {id_: each for id_, each in self._problems.items() if self._passed[id_]}
        if not found:
            terminalreporter.write_line("nertwin: no green test has an impolite client")
            return
        terminalreporter.section("green tests with impolite clients (nertwin)")
        for nodeid, problems in sorted(found.items()):
            terminalreporter.write_line(nodeid, bold=True)
            for line in "\n".join(problems).splitlines():
                terminalreporter.write_line(f"  {line}")
