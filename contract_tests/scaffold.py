"""Scaffold: the files that `nertwin init` puts into a project."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from nertwin.mockserver.configuration import find_config
from nertwin.mockserver.errors import NertwinError, quote

_SETTINGS = "nertwin.toml"
_EXAMPLE = "test_ner"


class CannotScaffold(NertwinError):
    """A file can't be written where it belongs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one file."""

    path: Path
    is_written: bool
    why: str  #: What it is, or why it was left out.


def scaffold(folder: Path) -> tuple[Outcome, ...]:
    """Put commented settings and an example test into ``folder``; what is there stays as it is.

    Raises:
        CannotScaffold: A file stands in the way of a folder, or a folder can't be written to.
    """
    return _settings(folder), _example(folder)


def template(name: str) -> str:
    """The text of a file as it is written; the example has the suffix .txt until then."""
    source = files("nertwin.contract_tests").joinpath("templates", name)
    return source.read_text(encoding="utf-8")


def _settings(folder: Path) -> Outcome:
    path = folder / _SETTINGS
    known = find_config(folder.absolute())
    if known is not None and known.parent == folder.absolute():
        return Outcome(path=path, is_written=False, why=f"{known.name} has settings already")
    if known is not None:  # The nearest file is the only one that is read.
        why = f"the settings of {known} hold here, and it would hide them"
        return Outcome(path=path, is_written=False, why=why)
    return _write(path, _SETTINGS, "the settings, each with its default")


def _example(folder: Path) -> Outcome:
    path = folder / "tests" / f"{_EXAMPLE}.py"
    return _write(path, f"{_EXAMPLE}.txt", "an example; `pytest` runs it")


def _write(path: Path, name: str, why: str) -> Outcome:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(template(name))
    except FileExistsError:
        if not path.parent.is_dir():
            raise CannotScaffold(
                f"{quote(str(path.parent))} is a file where a folder was to be; name another folder"
            ) from None
        return Outcome(path=path, is_written=False, why="it is there already")
    except OSError as error:
        raise CannotScaffold(
            f"{quote(str(path))} can't be written: {error.strerror or error}; name another folder"
        ) from error
    return Outcome(path=path, is_written=True, why=why)
