"""Two desks on one event loop that give connections to each other."""

import asyncio
import os
import socket
import sys
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from nertwin.mockserver.desk import Desk
from nertwin.mockserver.handover import Handover
from nertwin.mockserver.inboxes import Inboxes

if sys.platform != "linux":
    pytest.skip("connections are handed over on Linux alone", allow_module_level=True)

import uvloop

Run = Callable[[Coroutine[Any, Any, None]], None]


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Run:
    def run_all(work: Coroutine[Any, Any, None]) -> None:
        with asyncio.Runner(loop_factory=request.param) as runner:
            runner.run(work)

    return run_all


@pytest.fixture
def inboxes() -> Iterator[Inboxes]:
    made = Inboxes(2)
    yield made
    made.close()


class Echo(asyncio.Protocol):
    """Sends back what was read by the one before, and what comes."""

    def __init__(self, handover: Handover) -> None:
        self._received = handover.received

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(self._received)

    def data_received(self, data: bytes) -> None:
        self._transport.write(data)


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def connected() -> tuple[socket.socket, int]:
    """A client, and the descriptor of the other end."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.setblocking(False)
    return ours, theirs.detach()


def test_other_desk_goes_on_with_the_connection(run: Run, inboxes: Inboxes) -> None:
    async def work() -> None:
        loop = asyncio.get_running_loop()
        giving, taking = Desk(inboxes.seat(0)), Desk(inboxes.seat(1))
        taking.open(Echo)
        client, descriptor = await connected()

        giving.hand_over(Handover(descriptor=descriptor, received=b"before "), 1)
        os.close(descriptor)

        assert await loop.sock_recv(client, 100) == b"before "
        await loop.sock_sendall(client, b"after")
        assert await loop.sock_recv(client, 100) == b"after"
        client.close()
        await taking.close()

    run(work())


def test_desk_that_has_no_time_gets_all_of_it_later(run: Run, inboxes: Inboxes) -> None:
    async def work() -> None:
        loop = asyncio.get_running_loop()
        giving, taking = Desk(inboxes.seat(0)), Desk(inboxes.seat(1))
        clients = [await connected() for _ in range(200)]
        for _, descriptor in clients:
            giving.hand_over(Handover(descriptor=descriptor, received=bytes(5000)), 1)
            os.close(descriptor)

        taking.open(Echo)

        for client, _ in clients:
            async with asyncio.timeout(20):
                length = 0
                while length < 5000:
                    length += len(await loop.sock_recv(client, 10_000))
            client.close()
        await taking.close()

    run(work())


def test_what_was_not_sent_is_ended_when_the_desk_is_dropped(run: Run, inboxes: Inboxes) -> None:
    async def work() -> None:
        giving = Desk(inboxes.seat(0))
        before = open_files()
        clients = []
        for _ in range(200):
            client, descriptor = await connected()
            clients.append(client)
            giving.hand_over(Handover(descriptor=descriptor, received=bytes(5000)), 1)
            os.close(descriptor)
        assert open_files() > before + 200

        giving.drop()

        assert open_files() == before + 200
        assert clients[-1].recv(1) == b""
        for client in clients:
            client.close()

    run(work())


def test_client_that_has_left_costs_no_file(run: Run, inboxes: Inboxes) -> None:
    async def work() -> None:
        giving, taking = Desk(inboxes.seat(0)), Desk(inboxes.seat(1))
        lost: asyncio.Queue[None] = asyncio.Queue()
        taking.open(lambda handover: Leaving(handover, lost))
        counts = []

        for _round in range(3):
            client, descriptor = await connected()
            client.close()
            giving.hand_over(Handover(descriptor=descriptor, received=b"x"), 1)
            os.close(descriptor)
            await asyncio.wait_for(lost.get(), 20)
            for _ in range(5):  # The loop closes the socket after it has told so.
                await asyncio.sleep(0)
            counts.append(open_files())

        assert counts[1:] == counts[:1] * 2  # A loop may open a file for itself at first.
        await taking.close()

    run(work())


class Leaving(Echo):
    """Tells of the end."""

    def __init__(self, handover: Handover, lost: "asyncio.Queue[None]") -> None:
        super().__init__(handover)
        self._lost = lost

    def connection_lost(self, _: Exception | None) -> None:
        self._lost.put_nowait(None)
