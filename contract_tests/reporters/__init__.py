"""Reporters: who hears of a run, and what they make of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from nertwin.mockserver.errors import NertwinError, did_you_mean

from .documents import JsonReport
from .events import Event, Exchanged, Finished, Reporter, Started
from .github import GitHubReport, github_reporters
from .html import HtmlReport
from .junit import JUnitReport
from .markdown import MarkdownReport
from .sarif import SarifReport
from .terminal import Terminal

__all__ = [
    "REPORTS",
    "Event",
    "Exchanged",
    "Finished",
    "GitHubReport",
    "HtmlReport",
    "JUnitReport",
    "JsonReport",
    "MarkdownReport",
    "Reporter",
    "SarifReport",
    "Started",
    "Terminal",
    "UnknownReport",
    "github_reporters",
    "open_report",
]

REPORTS: dict[str, Callable[[Path], Reporter]] = {
    "json": JsonReport,
    "junit": JUnitReport,
    "md": MarkdownReport,
    "sarif": SarifReport,
    "html": HtmlReport,
}


class UnknownReport(NertwinError):
    """A report was asked for that there is none of."""


def open_report(wanted: str) -> Reporter:
    """The reporter that ``KIND=PATH`` asks for.

    Raises:
        UnknownReport: There is no such kind, no path, or no folder to write into.
    """
    kind, _, path = wanted.partition("=")
    if kind not in REPORTS or not path:
        guess = did_you_mean(kind, REPORTS) if kind not in REPORTS else ""
        raise UnknownReport(
            f"--report {wanted!r} is no KIND=PATH; kinds are {', '.join(REPORTS)}.{guess}"
        )
    if not Path(path).parent.is_dir():
        raise UnknownReport(f"--report {wanted!r}: there is no folder {str(Path(path).parent)!r}")
    return REPORTS[kind](Path(path))
