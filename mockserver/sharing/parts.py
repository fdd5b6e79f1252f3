"""Parts: what of a session changes now and then, as models and faults do, in a few pieces."""

from __future__ import annotations

from collections import OrderedDict

from ..findings import Findings
from ..retries import RetryWatch
from .changed import Changed
from .pickles import dump, load
from .session import SharedSession


class Parts:
    """What Redis has of them, as far as this server knows."""

    def __init__(self) -> None:
        self._pieces: dict[bytes, bytes] = {}
        self._edition: object = None  # Of the rules that are a piece.

    def compare(self, session: SharedSession, changed: Changed) -> None:
        """Tell what is other in the copy, which from now on is the same."""
        parts: tuple[tuple[bytes, object], ...] = (
            (b"models", (session._lives, session._states)),
            (b"quotas", session._quotas),
            (b"faults", session._faults),
            (b"findings", session.findings),
            (b"retries", session.retries),
            (b"memories", session.memories),
        )
        for name, part in parts:
            if part is None or _is_empty(part):  # As in a new session.
                if self._pieces.pop(name, None) is not None:
                    changed.drop(name)
            else:
                self._put(name, dump(part, clock=session.clock), changed)
        if session.rules.edition is not self._edition:
            self._edition = session.rules.edition
            self._put(b"rules", dump(session.rules.record()), changed)

    def _put(self, name: bytes, piece: bytes, changed: Changed) -> None:
        if self._pieces.get(name) != piece:
            self._pieces[name] = piece
            changed.put(name, piece)

    def take(self, session: SharedSession, name: bytes, value: bytes) -> None:
        """Have the copy's part be the one that was written.

        Raises:
            Unreadable: Something else was written there.
        """
        self._pieces[name] = value
        self._set(session, name, value)

    def lose(self, session: SharedSession, name: bytes) -> None:
        """Have the copy's part be as in a new session."""
        self._pieces.pop(name, None)
        self._set(session, name, None)

    def _set(self, session: SharedSession, name: bytes, value: bytes | None) -> None:
        budget = session._budget
        part = None if value is None else load(value, clock=session.clock, budget=budget)
        match name:
            case b"models":
                session._lives, session._states = ({}, OrderedDict()) if part is None else part
            case b"quotas":
                session._quotas = part
            case b"faults":
                session._faults = part
            case b"findings":
                session.findings = Findings(budget) if part is None else part
            case b"retries":
                session.retries = RetryWatch(budget=budget) if part is None else part
            case b"memories":
                session.memories = {} if part is None else part
            case b"rules" if part is not None:
                session.rules.restore(*part)
                self._edition = session.rules.edition


def _is_empty(part: object) -> bool:
    match part:
        case Findings():
            return not len(part) and not part.dropped
        case RetryWatch():
            return not part._loops
        case (lives, states):
            return not lives and not states
        case dict():
            return not part
    return False
