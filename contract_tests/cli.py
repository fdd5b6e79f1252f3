"""The command line: ``nertwin serve``, ``run``, ``check``, ``grade``, ``explain``, ``init``, …"""

from __future__ import annotations

import io
import math
import sys
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from nertwin.mockserver.errors import NertwinError

if TYPE_CHECKING:
    from nertwin.mockserver.aggregation import Strategy

_USAGE_ERROR = 2
_INTERRUPTED = 130
_DAY = 86_400.0


class _Commands(click.Group):
    """Commands whose errors are one sentence, and which guess at a misspelt name."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        from nertwin.mockserver.errors import did_you_mean

        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            guess = did_you_mean(args[0], self.list_commands(ctx))
            raise click.UsageError(error.message + guess, ctx) from error

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except NertwinError as error:
            click.secho("nertwin: ", fg="red", bold=True, nl=False, err=True)
            click.echo(str(error), err=True)
            sys.exit(getattr(error, "exit_status", _USAGE_ERROR))
        except KeyboardInterrupt:
            click.echo("nertwin: interrupted", err=True)
            sys.exit(_INTERRUPTED)


class _FiniteRange(click.FloatRange):
    """A range of numbers, in which click alone would find nan."""

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        number = float(super().convert(cast("float", value), param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value!r} is no finite number.", param, ctx)
        return number


def _print_anything() -> None:
    """Escape what the terminal's encoding lacks, such as a text with emoji, in place of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="nertwin", message="nertwin %(version)s")
def main() -> None:
    """A stand-in for the Hugging Face token-classification API, and its contract kit."""
    _print_anything()


@main.command()
@click.option("--host", metavar="HOST", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=int, help="Port to listen on; 0 takes a free one.  [default: 8080]")
@click.option(
    "--profile",
    metavar="NAME",
    help="Dialect of the API: classic, router or dedicated.  [default: classic]",
)
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="TOML file with settings.  [default: nertwin.toml or pyproject.toml here or above]",
)
@click.option(
    "--model",
    "models",
    multiple=True,
    metavar="ID[=PACK]",
    help="Serve one more model, with a built-in rule pack (conll, which is the default, pos,"
    " pii, medical) or a .toml file of your own. May be repeated.",
)
@click.option(
    "--default-model", metavar="ID", help="What / answers.  [default: dslim/bert-base-NER]"
)
@click.option("--any-model", is_flag=True, default=None, help="Serve any model id.")
@click.option("--workers", type=int, metavar="N", help="Processes that share the port.")
@click.option(
    "--reload", is_flag=True, default=None, help="Start again when settings or rules change."
)
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    help="Form of the log on standard error.  [default: text]",
)
def serve(config: Path | None, **given: object) -> None:
    """Run the stand-in until Ctrl-C or SIGTERM.

    The first line on standard output says when and where it listens:

    \b
        nertwin listening on http://127.0.0.1:8080

    Every option can also be set in the environment (NERTWIN_PORT=0) or in the TOML file
    (port = 0); the command line wins over the environment, the environment over the file.
    """
    from nertwin.mockserver import running
    from nertwin.mockserver.configuration import load_settings
    from nertwin.mockserver.log import configure_log

    named = {key: value for key, value in given.items() if value not in (None, ())}
    load = partial(load_settings, named, config=config)
    configure_log(load().log_format)
    running.serve(load, announce=lambda url: click.echo(f"nertwin listening on {url}"))


@main.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@click.option("--profile", metavar="NAME", help="Dialect of the API.  [default: classic]")
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="TOML file with settings, models and rules.  [default: as for serve]",
)
@click.option(
    "--model", "models", multiple=True, metavar="ID[=PACK]", help="Serve one more model, as serve."
)
@click.option("--any-model", is_flag=True, default=None, help="Serve any model id.")
@click.option(
    "--guard",
    type=click.Choice(["api", "any", "off"]),
    default="api",
    show_default=True,
    help="Hosts that nothing may go out to: the API's owner's, or any but this machine.",
)
@click.option("--isolate", is_flag=True, help="Give COMMAND a network without a way out (Linux).")
@click.option(
    "--strict", is_flag=True, help="Exit with 1 for findings and unknown paths or models, too."
)
def run(
    command: tuple[str, ...],
    guard: str,
    config: Path | None,
    *,
    isolate: bool,
    strict: bool,
    **given: object,
) -> None:
    """Run COMMAND with a stand-in in the API's place, and report what it asked.

    \b
        nertwin run -- python app.py
        nertwin run --guard any -- npm test

    Its calls to Hugging Face's inference hosts, by whichever client and in whichever language,
    are answered here. Python and Node programs need no more; others must honour HTTPS_PROXY and
    one of SSL_CERT_FILE, REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE and NODE_EXTRA_CA_CERTS, and need
    pip install 'nertwin[redirect]'. With --isolate even those are answered that know no proxy,
    and nothing else can be reached. `nertwin doctor` says what holds for what is installed.

    \b
    Exit status: COMMAND's (128 + N where signal N ended it), or where that is 0: 1 a request was
    refused, or with --strict there are findings. 2 usage, 126 can't be run, 127 not found.
    """
    from .command import Order, run_command

    named = {key: value for key, value in given.items() if value not in (None, ())}
    order = Order(
        command=command, guard=guard, isolate=isolate, strict=strict, config=config, given=named
    )
    sys.exit(run_command(order))


@main.command()
@click.argument("text")
@click.option("--model", metavar="ID", help="Which model answers.  [default: that of /]")
@click.option(
    "--strategy",
    type=click.Choice(["none", "simple", "first", "average", "max"]),
    help="aggregation_strategy.  [default: the profile's]",
)
@click.option("--stride", type=click.IntRange(min=0), metavar="N", help="stride, in tokens.")
@click.option("--profile", metavar="NAME", help="Dialect of the API.  [default: classic]")
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="TOML file with settings, models and rules.  [default: as for serve]",
)
@click.option("--json", "as_json", is_flag=True, help="Print the explanation as JSON.")
def explain(
    text: str,
    model: str | None,
    strategy: Strategy | None,
    stride: int | None,
    profile: str | None,
    config: Path | None,
    as_json: bool,
) -> None:
    """Say why TEXT is answered as it is: its rules, tokens and entities.

    \b
        nertwin explain 'Ada Lovelace lived in London'

    No server is needed, and none is asked. The models and rules are those that `nertwin
    serve` has with the same settings.
    """
    import orjson

    from nertwin.mockserver.app import create_endpoint
    from nertwin.mockserver.configuration import load_settings
    from nertwin.mockserver.explain import explain as explain_text
    from nertwin.mockserver.payload import Parameters
    from nertwin.mockserver.rendering import render_explanation
    from nertwin.mockserver.rulebook import Rulebook

    try:
        text.encode()
    except UnicodeEncodeError as error:  # From bytes of the command line that are no UTF-8.
        raise click.UsageError("TEXT is no valid UTF-8; no request could bring it") from error
    settings = load_settings({"profile": profile} if profile else {}, config=config)
    endpoint = create_endpoint(settings)
    found = endpoint.models.model(model or settings.default_model)
    explanation = explain_text(
        Rulebook(settings.rules).dress(found),
        text,
        Parameters(aggregation_strategy=strategy, stride=stride, forbids_stride=strategy == "none"),
        default_strategy=endpoint.profile.default_strategy,
        score=endpoint.profile.score,
    )
    if as_json:
        document = orjson.dumps(explanation.to_json(), option=orjson.OPT_INDENT_2)
        click.echo(document.decode())
    else:
        click.echo(render_explanation(explanation), nl=False)


@main.command()
@click.argument("url")
@click.option("--model", metavar="ID", help="Model to call.  [default: dslim/bert-base-NER]")
@click.option(
    "--cold-model", metavar="ID", help="A model that nobody has called yet, to see it load."
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


@main.command()
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


@main.command()
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


@main.command()
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


@main.command()
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
def init(folder: Path) -> None:
    """Put nertwin into the project in DIR, or in this folder.

    Writes a nertwin.toml, in which every setting stands commented out with its default, and
    tests/test_ner.py, an example that passes as it is. Files that are there stay as they are.
    """
    from .scaffold import scaffold

    for outcome in scaffold(folder):
        word = "wrote" if outcome.is_written else "left out"
        click.echo(f"{word} {outcome.path}: {outcome.why}")


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def doctor(*, as_json: bool) -> None:
    """Say what of this environment is redirected, by which recipe, and what would leak.

    Looked at are the Python that runs nertwin, programs in PATH, Node packages of this folder,
    and what is set in the environment. Nothing is called but programs for their versions.
    """
    import os

    from .doctor import diagnose, print_diagnosis

    print_diagnosis(diagnose(Path.cwd(), os.environ), as_json=as_json)


if __name__ == "__main__":
    main()
