"""Connections on their way between processes, here from one end of a socket to the other."""

import contextlib
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from nertwin.mockserver.handover import Handover, LostConnection
from nertwin.mockserver.inboxes import Inboxes

if sys.platform != "linux":
    pytest.skip("connections are handed over on Linux alone", allow_module_level=True)

import resource


@pytest.fixture
def inboxes() -> Iterator[Inboxes]:
    made = Inboxes(2)
    yield made
    made.close()


@pytest.fixture
def client() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Both ends of a connection."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def taken(inbox: socket.socket) -> tuple[bytes, Any, bytes]:
    """What has come: what was read, the note, and what the client gets from the descriptor."""
    handover = Handover.receive(inbox)
    with socket.socket(fileno=handover.descriptor) as connection:
        connection.sendall(b"answer")
    return handover.received, handover.note, b"answer"


@given(
    received=st.one_of(
        st.binary(max_size=100), st.sampled_from([65_000, 65_536, 300_000]).map(bytes)
    ),
    note=st.none() | st.dictionaries(st.text(), st.integers(0, 9), max_size=3),
)
@example(received=b"", note={})
@example(received=b".", note={"long": "x" * 100_000})
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_all_that_was_handed_over_arrives(
    inboxes: Inboxes, client: tuple[socket.socket, socket.socket], received: bytes, note: Any
) -> None:
    ours, theirs = client
    seat = inboxes.seat(1)

    Handover(descriptor=theirs.fileno(), received=received, note=note).send(seat.slots[1])
    came = taken(seat.inbox)

    assert came == (received, note, ours.recv(10))


def test_inbox_of_another_is_empty(
    inboxes: Inboxes, client: tuple[socket.socket, socket.socket]
) -> None:
    Handover(descriptor=client[1].fileno(), received=b"x").send(inboxes.seat(0).slots[1])

    with pytest.raises(BlockingIOError):
        Handover.receive(inboxes.seat(0).inbox)


def test_received_descriptor_is_not_for_programs_that_are_started(
    inboxes: Inboxes, client: tuple[socket.socket, socket.socket]
) -> None:
    Handover(descriptor=client[1].fileno(), received=b"x").send(inboxes.seat(0).slots[0])

    descriptor = Handover.receive(inboxes.seat(0).inbox).descriptor

    assert not os.get_inheritable(descriptor)
    os.close(descriptor)


@pytest.mark.parametrize("size", [1, 100_000])
def test_connection_is_lost_aloud_where_no_more_files_may_be_open(
    inboxes: Inboxes, client: tuple[socket.socket, socket.socket], size: int
) -> None:
    Handover(descriptor=client[1].fileno(), received=bytes(size)).send(inboxes.seat(0).slots[0])
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    first_free = os.dup(client[0].fileno())
    os.close(first_free)

    resource.setrlimit(resource.RLIMIT_NOFILE, (first_free, limits[1]))
    try:
        with pytest.raises(LostConnection, match="ulimit -n"):
            Handover.receive(inboxes.seat(0).inbox)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def test_what_nobody_took_goes_to_the_heirs(client: tuple[socket.socket, socket.socket]) -> None:
    old, new = Inboxes(2), Inboxes(2)
    note: dict[str, Any] = {"asked": 1}
    Handover(descriptor=client[1].fileno(), received=b"x", note=note).send(old.seat(0).slots[1])

    old.forward(new)
    old.close()

    assert taken(new.seat(1).inbox) == (b"x", note, client[0].recv(10))
    new.close()


def test_closed_inboxes_end_what_nobody_took(client: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = client
    inboxes = Inboxes(1)
    Handover(descriptor=theirs.fileno(), received=b"x").send(inboxes.seat(0).slots[0])
    theirs.close()

    inboxes.close()

    assert ours.recv(1) == b""


def test_full_inbox_of_an_heir_ends_a_connection(
    client: tuple[socket.socket, socket.socket],
) -> None:
    old, new = Inboxes(1), Inboxes(1)
    handover = Handover(descriptor=client[1].fileno(), received=bytes(60_000))
    fill(new.seat(0).slots[0], handover)
    handover.send(old.seat(0).slots[0])
    before = len(list(Path("/proc/self/fd").iterdir()))

    old.forward(new)

    assert len(list(Path("/proc/self/fd").iterdir())) == before
    old.close()
    new.close()


def fill(slot: socket.socket, handover: Handover) -> None:
    with contextlib.suppress(BlockingIOError):
        while True:
            handover.send(slot)
