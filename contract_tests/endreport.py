"""End report: what is printed when a program that was redirected has ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import cast

import click

from nertwin.mockserver.control.client import ControlledSession
from nertwin.schemas import JSON

from .calls import Told, unexpected
from .manners.finding import FINDINGS
from .manners.report import report
from .redirecting.detour import Attempt, tally

_PAGE = 1000


def print_report(
    session: ControlledSession, *, refused: Sequence[Attempt] = (), notes: Sequence[str] = ()
) -> bool:
    """Print what a program asked in the session, to standard error; whether all of it was well.

    ``refused`` are requests that would have left this machine, ``notes`` hints of the proxy.
    """
    journal = list(read_journal(session))
    findings = session.findings()
    lost = unexpected(journal)
    # What a finding tells already is not told once more as a clause.
    broken = [mark for mark in report(session).of("broken") if mark.clause.id not in FINDINGS]
    _say(click.style("nertwin: ", bold=True) + _summary(journal))
    for finding in findings:
        _say(f"  {click.style('finding', fg='yellow')} {_finding(finding)}")
    for mark in broken:
        for number, line in enumerate(mark.lines()):
            _say(line if number else f"  {click.style('impolite', fg='yellow')} {line}")
    for line in lost:
        _say(f"  {click.style('not there', fg='yellow')} {line}")
    for line in tally(refused):
        _say(f"  {click.style('refused', fg='red')} {line}")
    for note in dict.fromkeys(notes):
        _say(f"  note: {note}")
    return not (findings or broken or lost or refused)


def read_journal(session: ControlledSession) -> Iterator[Told]:
    """All exchanges that are kept, the oldest first."""
    after = 0
    while page := session.journal(after=after, limit=_PAGE):
        yield from page
        after = cast("int", page[-1]["number"])


def _summary(journal: Sequence[Told]) -> str:
    """How many requests came and how they were answered."""
    if not journal:
        return "no request came to the stand-in"
    statuses: Counter[str] = Counter()
    for each in journal:
        statuses[str(each["status"] or "no answer")] += 1 + cast("int", each["repeats"])
    told = ", ".join(f"{count} × {status}" for status, count in sorted(statuses.items()))
    calls = [each for each in journal if each["method"] == "POST" and each["model"]]
    models = ", ".join(dict.fromkeys(str(each["model"]) for each in calls))
    number = sum(statuses.values())
    requests = "1 request" if number == 1 else f"{number} requests"
    return f"{requests} answered ({told})" + (f"; called: {models}" if models else "")


def _finding(finding: dict[str, JSON]) -> str:
    count = cast("int", finding["count"])
    return f"{finding['id']}: {finding['message']}" + (f" ({count}×)" if count > 1 else "")


def _say(line: str) -> None:
    click.echo(line, err=True)
