"""Commands: what ``nertwin --help`` tells of each, as Markdown."""

from __future__ import annotations

import click

from nertwin.contract_tests.cli import main


def markdown() -> str:
    """A section a command, in its own words."""
    context = click.Context(main, info_name="nertwin")
    return "\n".join(_command(name, context) for name in main.list_commands(context))


def _command(name: str, parent: click.Context) -> str:
    command = main.get_command(parent, name)
    if command is None:
        raise LookupError(name)
    with click.Context(command, info_name=name, parent=parent) as context:
        context.max_content_width = 100
        text = command.get_help(context)
    return f"## `nertwin {name}`\n\n```text\n{text}\n```\n"
