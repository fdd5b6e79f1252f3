"""Checking: what ``nertwin check`` was told, carried out."""

from __future__ import annotations

import os
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import cast

import click

from nertwin.mockserver.errors import NertwinError
from nertwin.schemas import Clause, Level, Profile

from .baseline import apply_baseline, load_baseline
from .checks import checks_for, select_clauses
from .checks.check import Step
from .client import Client
from .endpoint import Endpoint, find_endpoint
from .etiquette import LOCAL_RATE, REMOTE_RATE, Etiquette
from .exchange import Request
from .outcomes import Verdict
from .reporters import Terminal, github_reporters, open_report
from .reporters.events import Event, Finished, Reporter
from .reporters.progress import ProgressBar
from .runner import run
from .secrets import redact

_OWN_FAULT = 4


class NoToken(NertwinError):
    """The variable that should hold the token does not."""


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """The options of the command line."""

    url: str
    model: str | None = None
    cold_model: str | None = None
    profile: str | None = None
    token_env: str | None = None
    select: tuple[str, ...] = ()
    level: str = "should"
    seed: int = 0
    max_requests: int = 400
    rate: float | None = None
    timeout: float = 30.0
    reports: tuple[str, ...] = ()
    baseline: Path | None = None

    def endpoint(self, environ: Mapping[str, str] | None = None) -> Endpoint:
        """The endpoint to judge, with its token.

        Raises:
            NertwinError: The URL is none of an endpoint, or the token is missing.
        """
        return find_endpoint(
            self.url,
            model=self.model,
            profile=cast("Profile | None", self.profile),
            cold_model=self.cold_model,
            token=self._token(os.environ if environ is None else environ),
        )

    def clauses(self, endpoint: Endpoint) -> tuple[Clause, ...]:
        """The clauses to judge it by."""
        level = cast("Level", self.level.upper())
        return select_clauses(endpoint.profile, level=level, select=self.select)

    def etiquette(self, endpoint: Endpoint) -> Etiquette:
        """How much and how fast it is asked."""
        rate = self.rate
        if rate is None:
            rate = LOCAL_RATE if endpoint.is_local else REMOTE_RATE
        return Etiquette(max_requests=self.max_requests, rate=rate)

    def _token(self, environ: Mapping[str, str]) -> str | None:
        if self.token_env is None:
            return None
        token = environ.get(self.token_env, "").strip()
        if not token:
            named = redact(self.token_env)  # Some give the token where its variable is wanted.
            raise NoToken(f"--token-env {named}: that variable is empty or not set.")
        if not token.isascii() or not token.isprintable() or " " in token:
            raise NoToken(f"--token-env {self.token_env}: what it holds is no token.")
        return token


def check_endpoint(wishes: Wishes) -> int:
    """Judge the endpoint, report, and give the exit status.

    Raises:
        NertwinError: The wishes can't be met, or there is no endpoint.
    """
    endpoint = wishes.endpoint()
    progress = ProgressBar()
    reporters: list[Reporter] = [
        # Told first, so that it is gone when the verdict is printed.
        progress,
        Terminal(),
        *map(open_report, wishes.reports),
        *github_reporters(os.environ),
    ]
    known = load_baseline(wishes.baseline) if wishes.baseline else ()
    clauses = wishes.clauses(endpoint)
    verdicts: list[Verdict] = []

    def report(event: Event) -> None:
        """Let reporters hear of the verdict that counts, without what is known."""
        if isinstance(event, Finished):
            verdict = apply_baseline(event.verdict, known, date.today())
            verdicts.append(verdict)
            event = Finished(verdict=verdict)
        for reporter in reporters:
            reporter(event)

    try:
        with Client(endpoint, timeout=wishes.timeout) as client:
            run(
                endpoint,
                client,
                clauses=clauses,
                etiquette=wishes.etiquette(endpoint),
                seed=wishes.seed,
                reporters=[report],
            )
    except (NertwinError, BrokenPipeError):  # Who reads the output may go before its end.
        raise
    except Exception:  # The outermost edge: ours, and told as such.
        click.echo(f"nertwin itself failed:\n{redact(traceback.format_exc())}", err=True)
        return _OWN_FAULT
    finally:
        progress.close()
    return verdicts[-1].exit_status


def print_plan(wishes: Wishes) -> None:
    """Print the requests that are always sent, for each clause those it adds."""
    endpoint = wishes.endpoint()
    seen: set[Request] = set()
    for check in checks_for(wishes.clauses(endpoint)):
        click.echo(check.clause)
        plans = tuple(check.examples(endpoint))
        for plan in plans:
            for step in (plan.bundle or plan).steps:
                for line in _step_lines(step, seen):
                    click.echo(f"  {line}")
        if any(plan.bundle for plan in plans):
            click.echo("  and one thing at a time, where not all of them together change nothing")
        if check.draws:
            click.echo("  and drawn texts, as far as the budget goes")
    click.echo(f"{len(seen)} requests, and those that depend on answers; none was sent")


def _step_lines(step: Step, seen: set[Request]) -> list[str]:
    if isinstance(step, Request):
        if step in seen:
            return []
        seen.add(step)
        return [repr(step)]
    if callable(step):
        return ["a request made from the answer"]
    return [line for each in step for line in _step_lines(each, seen)]
