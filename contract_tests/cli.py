"""The command line: ``nertwin serve``, ``run``, ``check``, ``grade``, ``explain``, ``init``, …"""

from __future__ import annotations

import io
import sys

import click

from nertwin.mockserver.errors import NertwinError

from .kitcommands import check, clauses, grade, selftest
from .program import end_interrupted
from .standincommands import doctor, explain, init, run, serve

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

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: object,
    ) -> click.Context:
        try:
            return super().make_context(info_name, args, parent, **extra)
        except KeyboardInterrupt:  # While it is printed which version this is, say.
            end_interrupted()

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except NertwinError as error:
            click.secho("nertwin: ", fg="red", bold=True, nl=False, err=True)
            click.echo(str(error), err=True)
            sys.exit(getattr(error, "exit_status", _USAGE_ERROR))
        except KeyboardInterrupt:
            end_interrupted()


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


for _command in (check, clauses, doctor, explain, grade, init, run, selftest, serve):
    main.add_command(_command)


if __name__ == "__main__":
    main()
