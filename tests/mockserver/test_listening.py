import asyncio
import socket

import pytest

from nertwin.mockserver import NertwinError
from nertwin.mockserver.listening import bind


def test_host_of_another_machine_is_refused() -> None:
    with pytest.raises(NertwinError, match=r"can't listen on 192\.0\.2\.1 port 0"):
        bind("192.0.2.1", 0)


def test_answers_don_t_wait_for_acknowledgements_on_the_loop_of_asyncio_itself() -> None:
    accepted: list[int] = []

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = writer.get_extra_info("socket")
        accepted.append(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    async def connect(listener: socket.socket) -> None:
        async with await asyncio.start_server(answer, sock=listener):
            reader, writer = await asyncio.open_connection(*listener.getsockname())
            await reader.read()
            writer.close()

    with bind("127.0.0.1", 0) as listener:
        asyncio.run(connect(listener))

    assert [bool(each) for each in accepted] == [True]
