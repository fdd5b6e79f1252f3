"""Reporters: who hears of a run, and what they make of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from nertwin.mockserver.errors import NertwinError, did_you_mean

from ..outcomes import Verdict
from .documents import as_json
from .events import Event, Exchanged, Finished, Reporter, Started
from .github import GitHubReport, github_reporters
from .html import to_html
from .junit import as_xml
from .markdown import to_markdown
from .reportfile import ReportFile
from .sarif import as_sarif
from .terminal import Terminal

__all__ = [
    "REPORTS",
    "Event",
    "Exchanged",
    "Finished",
    "GitHubReport",
    "ReportFile",
    "Reporter",
    "Started",
    "Terminal",
    "UnknownReport",
    "github_reporters",
    "open_report",
]

#: The forms of a report file, by kind.
REPORTS: dict[str, Callable[[Verdict], str]] = {
    "json": as_json,
    "junit": as_xml,
    "md": to_markdown,
    "sarif": as_sarif,
    "html": to_html,
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
    if Path(path).is_dir():
        raise UnknownReport(f"--report {wanted!r}: {path!r} is a folder; name a file in it")
    return ReportFile(Path(path), REPORTS[kind])
