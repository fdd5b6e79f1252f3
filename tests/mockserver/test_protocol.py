import logging
import socket
from typing import Any

import pytest
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from nertwin.mockserver import Settings, running_server
from nertwin.mockserver.control.client import Control

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


def test_header_behind_a_body_names_no_session() -> None:
    chunked = b"POST / HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n"
    trailer = b"x-nertwin-session: other\r\n"

    with running_server(Settings(port=0)) as server:
        port = int(server.url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
            client.sendall(
                chunked + b"11\r\n" + b'{"inputs": "Ada"}' + b"\r\n0\r\n" + trailer + b"\r\n"
            )
            reply = client.recv(1 << 16)
        with Control(server.url, token=server.control_token) as control:
            named = control.sessions()

    assert reply.startswith(b"HTTP/1.1 200 OK\r\n")
    assert named == ["default"]


def test_accesses_are_logged_to_nobody_who_listens(caplog: pytest.LogCaptureFixture) -> None:
    with running_server(Settings(clock="frozen", port=0)) as server:
        accesses = logging.getLogger("uvicorn.access")
        accesses.addHandler(caplog.handler)
        caplog.set_level("INFO", "uvicorn.access")
        read_replies(int(server.url.rpartition(":")[2]), REQUEST, 1)
        accesses.removeHandler(caplog.handler)

    assert "uvicorn.access" not in [record.name for record in caplog.records]
