"""Exposure: which situations of the contract a run of pytest has shown to the code under test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pytest

from .situations import SITUATIONS, Situation, possible_in, seen_in
from .watching import add_watcher

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter

    from .manners.seen import Visit

#: The property of an item that holds the profile and the situations of a visit.
SEEN = "nertwin_seen"

_HEADLINE = "what the code under test was never shown (nertwin)"
_TEXT, _LINE = 46, 44  # Most texts and most lines are no longer.
_KNOWN = frozenset(each.id for each in SITUATIONS)


def register(config: pytest.Config, *, least: float | None) -> None:
    """Watch the tests of this run, and fail it where fewer percent than ``least`` were shown."""
    add_watcher(config, _watch)
    is_worker = hasattr(config, "workerinput")
    if not is_worker:
        config.pluginmanager.register(Exposure(least), "nertwin-exposure")


def _watch(item: pytest.Item, visits: Sequence[Visit]) -> None:
    for visit in visits:
        if visit.calls:
            item.user_properties.append((SEEN, " ".join((visit.profile, *seen_in(visit)))))


class Exposure:
    """What all tests have shown, those of other processes too."""

    def __init__(self, least: float | None = None) -> None:
        self._least = least
        self._profiles: set[str] = set()
        self._seen: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Hear of a test."""
        if report.when != "teardown":
            return
        for name, value in report.user_properties:
            if name == SEEN:
                profile, *ids = str(value).split()
                self._profiles.add(profile)
                self._seen |= _KNOWN.intersection(ids)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail the run where too little was shown, unless it failed anyhow."""
        if self._falls_short and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: TerminalReporter) -> None:
        """List what was never shown, with the line of a test that shows it."""
        terminalreporter.section(_HEADLINE)
        for line in self._lines(shutil.get_terminal_size().columns):
            terminalreporter.write_line(line)
        if self._falls_short:
            terminalreporter.write_line(
                f"FAILED: {self.percent:.4g} % of the situations were shown, wanted"
                f" {self._least:g} %",
                red=True,
            )

    @property
    def percent(self) -> float:
        """How much of what can happen was shown."""
        possible = self._possible
        return 100 * sum(each.id in self._seen for each in possible) / len(possible)

    @property
    def _possible(self) -> tuple[Situation, ...]:
        return possible_in(self._profiles or ("classic",))

    @property
    def _falls_short(self) -> bool:
        return self._least is not None and self.percent < self._least

    def _lines(self, width: int) -> Iterator[str]:
        unseen = [each for each in self._possible if each.id not in self._seen]
        shown = len(self._possible) - len(unseen)
        yield f"{shown} of {len(self._possible)} situations were shown, {self.percent:.4g} %"
        if not unseen:
            return
        yield "these were not; the line beside or below shows one to whatever calls next, and"
        yield "call(…) stands for your own code:"
        for each in unseen:
            yield from _fold(each, width)


def _fold(situation: Situation, width: int) -> Iterator[str]:
    """A line, or two where one would be wider than the terminal."""
    column = min(_TEXT, width - _LINE - 4)
    whole = f"  {situation.text:<{column}}  {situation.line}"
    if len(whole) <= width:
        yield whole
        return
    yield f"  {situation.text}"
    yield f"      {situation.line}"
