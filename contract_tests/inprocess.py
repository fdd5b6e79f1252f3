"""In process: what came to a stand-in that is called without a server."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from nertwin.mockserver import StandIn
from nertwin.mockserver.session import Session
from nertwin.schemas import JSON, Profile

from .calls import account, surprises_in

if TYPE_CHECKING:
    from .manners.seen import Visit


class InProcess:
    """A stand-in that belongs to one test, for the report of that test."""

    url = "the stand-in in this process"

    def __init__(self, app: StandIn, *, is_strict: bool) -> None:
        self._app = app
        self._is_strict = is_strict

    def surprises(self) -> str:
        """What came that no test wants, or nothing; see the marker's strict."""
        if not self._is_strict:
            return ""
        return surprises_in(self._journal())

    def account(self) -> str:
        """What happened, for the report of a test that fails."""
        findings = [found.to_json() for each in self._app.sessions for found in each.findings]
        return account(self._journal(), findings)

    def visits(self) -> list[Visit]:
        """What the code under test was seen to do, in each session."""
        return [_visit(session) for session in self._app.sessions]

    def _journal(self) -> list[dict[str, JSON]]:
        return [exchange.to_json() for each in self._app.sessions for exchange in each.journal]


def _visit(session: Session) -> Visit:
    from .manners.seen import a_visit  # Most tests judge nobody.

    visit = a_visit(
        [exchange.to_json() for exchange in session.journal],
        [finding.to_json() for finding in session.findings],
        clock=session.settings.clock,
        profile=cast("Profile", session.settings.profile),
    )
    return visit.with_windows(lambda model: session.endpoint.models.card(model).max_length)
