"""Selftesting: what ``nertwin selftest`` prints."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import click

from .outcomes import Outcome, Verdict
from .selftest import Selftest, Trial, run_selftest
from .violations import shorten

_WIDTH = 38


def print_selftest(select: Sequence[str], *, everything: bool = False) -> int:
    """Run the selftest, print its table, and give the exit status.

    Raises:
        UnknownClause: A glob matches no clause.
    """
    # The stand-in would warn of the models that checks name on purpose.
    logging.getLogger("nertwin").addHandler(logging.NullHandler())
    try:
        found = run_selftest(select=select, everything=everything, hear=_print_trial)
    except KeyboardInterrupt:
        click.echo("interrupted", err=True)
        return 130
    for profile, verdict in found.faithful.items():
        _print_faithful(profile, verdict)
    _print_summary(found, everything=everything)
    return 0 if found.is_good else 1


def _print_trial(trial: Trial) -> None:
    if trial.faults:
        told = click.style(f"the check itself failed: {shorten(trial.why)}", fg="magenta")
    elif trial.refusal:
        told = f"caught at the first call: {trial.refusal}"
    elif trial.is_caught:
        others = [each for each in trial.failed if each != trial.clause]
        told = f"caught {trial.where}".rstrip()
        told += f", also by {', '.join(others)}" if others else ""
    else:
        instead = f"; by {', '.join(trial.failed)} only" if trial.failed else ""
        why = f": {shorten(trial.why)}" if trial.why else ""
        told = click.style(f"not caught{instead}{why}", fg="red")
    click.echo(f"{trial.clause:<{_WIDTH}}{trial.profile:<11}{told}")


def _print_faithful(profile: str, verdict: Verdict) -> None:
    violated = [
        each.clause.id
        for each in verdict.results
        if each.outcome in (Outcome.FAILED, Outcome.ERROR)
    ]
    open_ones = [each for each in verdict.results if not each.outcome.is_decided]
    told = f"{verdict.count(Outcome.PASSED)} of {len(verdict.results)} clauses hold"
    click.echo(f"{'(faithful)':<{_WIDTH}}{profile:<11}{told}")
    if violated:
        click.secho(f"  false alarms: {', '.join(violated)}", fg="red")
    for each in open_ones:
        if each.outcome is not Outcome.ERROR:
            click.echo(f"  {each.clause.id} stays open: {shorten(each.why)}")


def _print_summary(found: Selftest, *, everything: bool) -> None:
    caught = sum(trial.is_caught for trial in found.trials)
    click.echo("")
    if found.unchecked:
        names = ", ".join(found.unchecked)
        click.echo(f"no check yet for {len(found.unchecked)} clauses that can be broken: {names}")
    if everything:
        alone = sum(not trial.strays for trial in found.trials)
        click.echo(f"no check of another topic fails on {alone} of {len(found.trials)}")
    click.echo(f"{caught} of {len(found.trials)} broken servers are caught")
