"""The command line: ``nertwin serve`` and ``nertwin clauses``."""

from __future__ import annotations

import sys
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path

import click

from nertwin.mockserver.errors import NertwinError

_USAGE_ERROR = 2


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
            sys.exit(_USAGE_ERROR)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="nertwin", message="nertwin %(version)s")
def main() -> None:
    """A stand-in for the Hugging Face token-classification API, and its contract kit."""


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
    from nertwin.mockserver.log import configure_log
    from nertwin.mockserver.settings import load_settings

    named = {key: value for key, value in given.items() if value not in (None, ())}
    load = partial(load_settings, named, config=config)
    configure_log(load().log_format)
    running.serve(load, announce=lambda url: click.echo(f"nertwin listening on {url}"))


@main.command()
@click.argument("pattern", default="*", metavar="[GLOB]")
def clauses(pattern: str) -> None:
    """List the clauses of the contract, those whose id matches GLOB or all."""
    from nertwin.mockserver.errors import did_you_mean
    from nertwin.schemas import clauses as load_clauses

    known = load_clauses()
    found = [clause for clause in known if fnmatchcase(clause.id, pattern)]
    if not found:
        suggestion = did_you_mean(pattern, [clause.id for clause in known])
        raise click.UsageError(f"no clause matches {pattern!r}.{suggestion}")
    width = max(len(clause.id) for clause in found)
    for clause in found:
        click.echo(f"{clause.level:<6} {clause.id:<{width}}  {clause.text}")


if __name__ == "__main__":
    main()
