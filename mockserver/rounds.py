"""Rounds: a request to the control API that goes from worker to worker until it is answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple, NoReturn

import orjson
from starlette.requests import ClientDisconnect

from nertwin.schemas import JSON

if TYPE_CHECKING:
    from .desk import Desk

#: Where the rounds of a request stand in its scope; there are none where one process answers all.
ROUNDS = "nertwin.rounds"


class PassedOn(ClientDisconnect):
    """The client's connection is another worker's now; there is nobody to answer here."""


class Rounds(NamedTuple):
    """Where a request is, what it has been through, and the way to the next worker."""

    desk: Desk
    note: Mapping[str, JSON]  #: From the workers where it has been; empty where it began.
    leave: Callable[[int, bytes, dict[str, JSON]], None]

    def pass_on(
        self, number: int, *, body: Mapping[str, JSON] | None, note: dict[str, JSON]
    ) -> NoReturn:
        """Give the request, of which all has been read, to another worker, and a note to it.

        Raises:
            PassedOn: Always.
        """
        self.leave(number, b"" if body is None else orjson.dumps(body), note)
        raise PassedOn
