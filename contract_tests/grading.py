"""Grading: what ``nertwin grade`` was told, carried out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import click
import orjson

from nertwin.mockserver import Control
from nertwin.mockserver.errors import NertwinError, did_you_mean, quote
from nertwin.schemas import Profile

from .manners.archive import BadArchive, read_archive
from .manners.grade import Grade, grade
from .manners.report import report

_POLITE, _IMPOLITE, _NOTHING_CAME = 0, 1, 3
_SESSION_PATH = "/s/"
_DEFAULT_SESSION = "default"


class NoSuchSession(NertwinError):
    """The server has no session of that id."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The options of the command line."""

    source: str
    profile: str = "classic"
    token_env: str | None = None
    select: Sequence[str] = ()
    ignore: Sequence[str] = ()
    as_json: bool = False


def print_grade(wanted: Wanted) -> int:
    """Print how clients stand, and give the status to exit with.

    Raises:
        NertwinError: There is no such session or archive, or no such clause.
    """
    found = _grade(wanted)
    if wanted.as_json:
        click.echo(orjson.dumps(found.to_json(), option=orjson.OPT_INDENT_2).decode())
    else:
        click.echo(found.to_text())
    if not found.requests:
        return _NOTHING_CAME
    return _POLITE if found.is_polite else _IMPOLITE


def _grade(wanted: Wanted) -> Grade:
    if not wanted.source.startswith(("http://", "https://")):
        visit = read_archive(
            _document(Path(wanted.source)), profile=cast("Profile", wanted.profile)
        )
        return grade(visit, select=wanted.select, ignore=wanted.ignore)
    url, _, session_id = wanted.source.rstrip("/").partition(_SESSION_PATH)
    token = os.environ.get(wanted.token_env, "") if wanted.token_env else ""
    session_id = session_id or _DEFAULT_SESSION
    with Control(url, token or None) as control:
        known = control.sessions()
        # To ask for one that isn't there would make it.
        if session_id not in known:
            raise NoSuchSession(
                f"{url} has no session {quote(session_id)}.{did_you_mean(session_id, known)} There"
                f" are {', '.join(known[:20]) or 'none: nothing has called it'}."
            )
        session = control.session(session_id)
        return report(session, select=wanted.select, ignore=wanted.ignore)


def _document(path: Path) -> object:
    try:
        return orjson.loads(path.read_bytes())
    except OSError as error:
        raise BadArchive(f"{path} can't be read: {error.strerror}") from error
    except orjson.JSONDecodeError as error:
        raise BadArchive(f"{path} is no JSON: {error}; give an HTTP Archive, or a URL") from error
