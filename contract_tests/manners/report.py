"""Report: the clients of a running session, judged by its journal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from nertwin.mockserver.control.client import ControlledSession
from nertwin.schemas import Profile

from .grade import Grade, grade
from .seen import Visit, a_visit


def report(
    session: ControlledSession, *, select: Sequence[str] = (), ignore: Sequence[str] = ()
) -> Grade:
    """How the clients of a session stand; ``to_text()`` and ``to_json()`` tell it.

    Raises:
        ControlError: The server can't be asked.
        UnknownManner: A glob matches no clause of clients.
    """
    return grade(visit_of(session), select=select, ignore=ignore)


def visit_of(
    session: ControlledSession, *, breaks: Sequence[int] = (), is_driven: bool = False
) -> Visit:
    """What came to the session.

    Args:
        session: Of a server that runs.
        breaks: Numbers of exchanges after which no call is a retry of one before.
        is_driven: Whether sleeping advanced the session's clock.
    """
    settings = session.settings
    visit = a_visit(
        session.journal(),
        session.findings(),
        clock=str(settings["clock"]),
        is_driven=is_driven,
        profile=cast("Profile", settings["profile"]),
        breaks=tuple(breaks),
    )
    return visit.with_windows(lambda model: session.models[model].max_length)
