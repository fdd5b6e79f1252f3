import asyncio
import logging
from collections.abc import Sequence
from typing import Any

import pytest
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from nertwin.mockserver.writer import Writer

LENGTH = (b"content-length", b"2")
JSON = (b"content-type", b"application/json")


class Written(asyncio.Transport):
    """A transport that remembers what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.data = b""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.data += bytes(data)

    def close(self) -> None:
        self.data += b"<closed>"

    def is_closing(self) -> bool:
        return False


def head(*headers: tuple[bytes, bytes], status: int = 200) -> dict[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": headers}


def body(data: bytes = b"[]", *, more_body: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": data, "more_body": more_body}


def write(
    messages: list[dict[str, Any]],
    *,
    by_writer: bool,
    method: str = "POST",
    keep_alive: bool = True,
    sent: Sequence[tuple[bytes, bytes]] = (),
) -> tuple[bytes, str, bool]:
    """What is on the wire after the messages, the error of the last, and whether all is said."""

    async def send_all() -> tuple[bytes, str, bool]:
        transport = Written()
        logger = logging.getLogger("test")
        cycle = RequestResponseCycle(
            scope={"method": method, "headers": sent},  # type: ignore[typeddict-item]  # All that is read.
            transport=transport,
            flow=FlowControl(transport),
            logger=logger,
            access_logger=logger,
            access_log=False,
            default_headers=[(b"date", b"today")],
            message_event=asyncio.Event(),
            expect_100_continue=False,
            keep_alive=keep_alive,
            on_response=lambda: None,
        )
        send: Any = Writer(cycle).send if by_writer else cycle.send
        try:
            for message in messages:
                await send(message)
        except (RuntimeError, ValueError) as error:
            return transport.data, str(error), cycle.response_complete
        return transport.data, "", cycle.response_complete

    return asyncio.run(send_all())


@pytest.mark.parametrize(
    "messages",
    [
        pytest.param([head(JSON, LENGTH), body()], id="length"),
        pytest.param([head(JSON), body()], id="chunked"),
        pytest.param([head(JSON), body(b"")], id="chunked and empty"),
        pytest.param([head((b"content-length", b"0")), body(b"")], id="empty"),
        pytest.param([head(JSON), body(b"[", more_body=True), body(b"]")], id="pieces"),
        pytest.param([head(LENGTH), body(b"[", more_body=True), body(b"]")], id="long pieces"),
        pytest.param([head((b"Content-Length", b"2")), body()], id="capitals"),
        pytest.param([head((b"connection", b"close"), LENGTH), body()], id="close"),
        pytest.param([head((b"transfer-encoding", b"chunked")), body()], id="says chunked"),
        pytest.param([head(JSON, status=204), body(b"")], id="no content"),
        pytest.param([head((b"x-a", b"b\r\nx-c: d"), LENGTH), body()], id="two lines in one"),
        pytest.param([head((b"x a", b"b"), LENGTH), body()], id="no name"),
        pytest.param([head(LENGTH), body(b"[1]")], id="too long"),
        pytest.param([head(LENGTH), body(b"[")], id="too short"),
        pytest.param([head((b"content-length", b"two")), body()], id="no number"),
        pytest.param([body()], id="no head"),
        pytest.param([head(LENGTH), head(LENGTH)], id="two heads"),
        pytest.param([head(LENGTH), body(), body()], id="two bodies"),
    ],
)
@pytest.mark.parametrize("method", ["POST", "HEAD"])
@pytest.mark.parametrize("keep_alive", [True, False], ids=["kept", "not kept"])
def test_writer_writes_what_uvicorn_writes(
    messages: list[dict[str, Any]], method: str, keep_alive: bool
) -> None:
    expected = write(messages, by_writer=False, method=method, keep_alive=keep_alive)

    assert write(messages, by_writer=True, method=method, keep_alive=keep_alive) == expected


def test_client_that_closes_is_told_that_the_connection_ends() -> None:
    sent = [(b"connection", b"close")]

    expected = write([head(JSON), body()], by_writer=False, sent=sent)

    assert write([head(JSON), body()], by_writer=True, sent=sent) == expected
