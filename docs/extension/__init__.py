"""The pages that are made of what the project knows: directives for Sphinx."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from . import clauselist, commandlist, controllist, fixturelist, settingslist


class _Made(SphinxDirective):
    """A directive that stands for Markdown."""

    write: ClassVar[Callable[[], str]]

    def run(self) -> list[nodes.Node]:
        return self.parse_text_to_nodes(type(self).write(), allow_section_headings=True)


class Clauses(_Made):
    """All clauses of the contract, topic by topic."""

    write = staticmethod(clauselist.markdown)


class Settings(_Made):
    """The tables of settings."""

    write = staticmethod(settingslist.markdown)


class Control(_Made):
    """The operations of the control API."""

    write = staticmethod(controllist.markdown)


class Commands(_Made):
    """The commands and their options."""

    write = staticmethod(commandlist.markdown)


class Fixtures(_Made):
    """What the plugin gives to tests."""

    write = staticmethod(fixturelist.markdown)


def setup(app: Sphinx) -> dict[str, object]:
    """Register the directives."""
    app.add_directive("nertwin-clauses", Clauses)
    app.add_directive("nertwin-settings", Settings)
    app.add_directive("nertwin-control", Control)
    app.add_directive("nertwin-commands", Commands)
    app.add_directive("nertwin-fixtures", Fixtures)
    # What these pages are made of changes without their files.
    app.connect("env-get-outdated", lambda *_: [*_made_pages(app)])
    return {"parallel_read_safe": True}


def _made_pages(app: Sphinx) -> list[str]:
    folder = Path(app.srcdir) / "reference"
    return [f"reference/{page.stem}" for page in folder.glob("*.md")]
