"""Bystanding: what tests send to a server itself, and not to a stand-in of their own."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any, cast

import pytest

from nertwin.mockserver import Control, ControlError
from nertwin.mockserver.control.client import ControlledSession
from nertwin.mockserver.session import DEFAULT_SESSION
from nertwin.schemas import JSON

from .manners.report import visit_of
from .manners.seen import Visit
from .watching import tell_watchers

_SERVERS = ("nertwin_server", "nertwin_subprocess")
# What the kit sends is wrong on purpose.
_THE_KITS = "nertwin_check"


class Bystander:
    """Reads the default session of each server after each test, for a run that is watched."""

    def __init__(self) -> None:
        self._lookers: list[_Looker] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[Any]
    ) -> Generator[None, object, object]:
        """Begin to look at a server when it is there."""
        server: Any = yield
        if fixturedef.argname in _SERVERS:
            with suppress(ControlError):  # One of the user's own need have no control API.
                self._lookers.append(_Looker(server))
        return server

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        """Tell the watchers what came during a test."""
        for looker in self._lookers:
            with suppress(ControlError):
                came: partial[list[Visit]] = partial(list, looker.look())
                if _THE_KITS not in getattr(item, "fixturenames", ()):
                    tell_watchers(item, came)

    def pytest_sessionfinish(self) -> None:
        """Close what was opened to look."""
        for looker in self._lookers:
            looker.close()


class _Looker:
    """Tells what came to a server's default session since the last look."""

    def __init__(self, server: Any) -> None:  # noqa: ANN401
        self._control = Control(server.url, getattr(server, "control_token", "") or None)
        self._session: ControlledSession = self._control.session(DEFAULT_SESSION)
        self._last = (0, 0)
        self.look()

    def close(self) -> None:
        self._control.close()

    def look(self) -> list[Visit]:
        number = self._last[0]
        came = self._session.journal(after=max(0, number - 1))
        if not came or _place(came[-1]) == self._last:
            return []
        new = {cast("int", each["number"]) for each in came if _place(each) > self._last}
        self._last = _place(came[-1])
        visit = visit_of(self._session)
        exchanges = tuple(each for each in visit.exchanges if each.number in new)
        findings = tuple(each for each in visit.findings if cast("int", each["last"]) in new)
        return [replace(visit, exchanges=exchanges, findings=findings, dropped=0)]


def _place(exchange: dict[str, JSON]) -> tuple[int, int]:
    """Of an exchange in the journal, with how many equal ones follow it there."""
    return cast("int", exchange["number"]), cast("int", exchange["repeats"])
