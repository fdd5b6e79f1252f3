"""Kit commands: ``nertwin check``, ``clauses``, ``grade`` and ``selftest``."""

from __future__ import annotations

import math
import sys
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, cast

import click

_DAY = 86_400.0


class _FiniteRange(click.FloatRange):
    """A range of numbers, in which click alone would find nan."""

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        number = float(super().convert(cast("float", value), param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value!r} is no finite number.", param, ctx)
        return number


@click.command()
@click.argument("url")
@click.option("--model", metavar="ID", help="Model to call.  [default: dslim/bert-base-NER]")
@click.option(
    "--cold-model",
    metavar="ID[,ID]",
    help="A model that nobody has called yet, to see it load; with a second one, also by waiting.",
)
@click.option(
    "--profile",
    type=click.Choice(["classic", "router", "dedicated"]),
    help="Dialect to hold the endpoint to.  [default: router for its URLs, else classic]",
)
@click.option(
    "--token-env",
    metavar="NAME",
    help="Variable that holds the token to send.  [default: none is sent]",
)
@click.option(
    "--select", multiple=True, metavar="GLOB", help="Only clauses like this. May be repeated."
)
@click.option(
    "--level",
    type=click.Choice(["must", "should", "may"]),
    default="should",
    show_default=True,
    help="The weakest clauses to judge.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Repeats a run.")
@click.option("--max-requests", type=click.IntRange(1), default=400, show_default=True, metavar="N")
@click.option(
    "--rate",
    type=_FiniteRange(0),
    metavar="R",
    help="Requests a second; 0 is no limit.  [default: 5, and 0 for this machine]",
)
@click.option(
    "--timeout",
    type=_FiniteRange(0, _DAY, min_open=True),
    default=30.0,
    show_default=True,
    metavar="S",
    help="Seconds for one answer.",
)
@click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="KIND=PATH",
    help="Also write a report: json, junit, md, sarif or html. May be repeated.",
)
@click.option(
    "--baseline",
    type=click.Path(path_type=Path, dir_okay=False),
    help="TOML file of known violations; one that is gone is an error.",
)
@click.option("--plan", "is_plan", is_flag=True, help="Print what would be sent, send nothing.")
def check(*, is_plan: bool, **given: Any) -> None:  # noqa: ANN401  # As click gives them.
    """Judge the endpoint at URL clause by clause.

    URL is the base (models stand below /models/) or the whole URL of a model. Redirects are not
    followed, and no proxy is used.

    \b
    Exit status: 0 every decided clause holds, 1 a clause is violated or a baseline entry is
    stale, 2 usage or configuration, 3 too little could be decided, 4 our own fault,
    130 interrupted.
    """
    from .checking import Wishes, check_endpoint, print_plan

    wishes = Wishes(**given)
    if is_plan:
        print_plan(wishes)
        return
    sys.exit(check_endpoint(wishes))


@click.command()
@click.argument("pattern", default="*", metavar="[GLOB]")
def clauses(pattern: str) -> None:
    """List the clauses of the contract, those whose id matches GLOB or all.

    Those at the end are of clients; `nertwin check` judges endpoints by the others.
    """
    from nertwin.mockserver.errors import did_you_mean
    from nertwin.schemas import clauses as load_clauses

    known = (*load_clauses(), *load_clauses("client"))
    found = [clause for clause in known if fnmatchcase(clause.id, pattern)]
    if not found:
        suggestion = did_you_mean(pattern, [clause.id for clause in known])
        raise click.UsageError(f"no clause matches {pattern!r}.{suggestion}")
    width = max(len(clause.id) for clause in found)
    parties = dict.fromkeys(clause.of for clause in found)
    for party in parties:
        if len(parties) > 1:
            click.echo(f"{'' if party == found[0].of else chr(10)}What binds {party}s:")
        for clause in found:
            if clause.of == party:
                click.echo(f"{clause.level:<6} {clause.id:<{width}}  {clause.text}")


@click.command()
@click.argument("source")
@click.option(
    "--profile",
    type=click.Choice(["classic", "router", "dedicated"]),
    default="classic",
    show_default=True,
    help="Dialect that an archive is in; a session knows its own.",
)
@click.option("--token-env", metavar="NAME", help="Variable that holds the control API's token.")
@click.option(
    "--select", multiple=True, metavar="GLOB", help="Only clauses like this. May be repeated."
)
@click.option("--ignore", multiple=True, metavar="GLOB", help="Not these. May be repeated.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, all clauses of it.")
def grade(**given: Any) -> None:  # noqa: ANN401  # As click gives them.
    """Judge the clients that called a stand-in, or those of an HTTP Archive.

    SOURCE is the URL of a running stand-in, with /s/ID for one of its sessions, or a .har file.

    \b
    Exit status: 0 no clause of clients is broken, 1 one is, 2 usage, 3 nothing had come.
    """
    from .grading import Wanted, print_grade

    sys.exit(print_grade(Wanted(**given)))


@click.command()
@click.option(
    "--select", multiple=True, metavar="GLOB", help="Only clauses like this. May be repeated."
)
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Judge each broken server by every clause, and count what other topics say. Slower.",
)
def selftest(select: tuple[str, ...], everything: bool) -> None:
    """Try the kit on faithful servers and on ones that break a clause each.

    \b
    Exit status: 0 every faithful server passes and every broken one is caught, 1 not so,
    2 usage, 130 interrupted.
    """
    from .selftesting import print_selftest

    sys.exit(print_selftest(select, everything=everything))
