import socket
from typing import Any

import pytest
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from nertwin.mockserver import Settings, running_server

REQUEST = b"GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n"


class Looks:
    """Counts how often anybody asks whether a request has been answered."""

    def __init__(self) -> None:
        self.count = 0

    def __get__(self, cycle: Any, _: type) -> Any:
        self.count += 1
        return cycle.__dict__["answered"]

    def __set__(self, cycle: Any, value: bool) -> None:
        cycle.__dict__["answered"] = value


def read_replies(port: int, sent: bytes, count: int) -> int:
    """How many replies come to what is sent, up to that count."""
    came = b""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        client.sendall(sent)
        while came.count(b"HTTP/1.1 200 OK") < count:
            came += client.recv(1 << 16) or pytest.fail("the connection ended before")
    return came.count(b"HTTP/1.1 200 OK")


def test_requests_in_one_piece_cost_each_no_more_for_being_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks = Looks()
    monkeypatch.setattr(RequestResponseCycle, "response_complete", looks, raising=False)

    with running_server(Settings(port=0)) as server:
        replies = read_replies(int(server.url.rpartition(":")[2]), REQUEST * 1000, 1000)

    assert replies == 1000
    assert looks.count < 50 * replies
