"""The supervisor with children that end on their own."""

import signal
import socket
import sys
from functools import partial
from pathlib import Path

import pytest
from support.children import end_at_once, end_the_first_time, note_seat

from nertwin.mockserver.inboxes import Inboxes
from nertwin.mockserver.supervisor import ChildrenKeepDying, Supervisor


@pytest.fixture(autouse=True)
def own_signals(monkeypatch: pytest.MonkeyPatch) -> None:
    """The supervisor sets handlers for its process, which here is that of the tests."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)


def test_children_that_keep_dying_end_it_with_a_reason() -> None:
    with socket.socket() as listener, pytest.raises(ChildrenKeepDying, match="10 worker processes"):
        Supervisor(end_at_once, listener, count=2).run(announce=lambda: None)


def test_child_that_died_is_replaced(tmp_path: Path) -> None:
    with socket.socket() as listener:
        supervisor = Supervisor(partial(end_the_first_time, tmp_path), listener, count=1)

        supervisor.run(announce=supervisor.stop)

    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="connections are handed over on Linux alone")
def test_each_child_has_a_seat_of_its_own(tmp_path: Path) -> None:
    with socket.socket() as listener:
        work = partial(note_seat, tmp_path)
        supervisor = Supervisor(work, listener, count=2, new_inboxes=Inboxes)

        supervisor.run(announce=supervisor.stop)

    assert {mark.name for mark in tmp_path.iterdir()} == {"0 of 2", "1 of 2"}
