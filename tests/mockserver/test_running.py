import asyncio
import json
import socket
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.asking import classify
from support.processes import WITHIN

from nertwin.mockserver import Settings, running_server


def test_two_servers_in_one_process_do_not_share_a_port() -> None:
    with running_server() as one, running_server() as other:
        assert one.url != other.url


def test_ipv6_loopback_is_served() -> None:
    with running_server(Settings(host="::1", port=0)) as server:
        assert server.url.startswith("http://[::1]:")
        assert classify(server.url) is not None


def test_server_in_a_thread_leaves_the_event_loops_of_others_alone() -> None:
    before = type(asyncio.get_event_loop_policy())

    with running_server():
        assert type(asyncio.get_event_loop_policy()) is before


def test_small_requests_are_answered_while_a_large_one_is_computed() -> None:
    text = "Bob met Ann. " * 20_000
    finished: list[str] = []

    with running_server() as server, ThreadPoolExecutor() as pool:
        large = pool.submit(post_stride, server.url, text)
        large.add_done_callback(lambda _: finished.append("large"))
        small = [classify(server.url) for _ in range(3)]
        finished.append("small")
        large.result(timeout=WITHIN)

    assert small == [small[0]] * 3
    assert finished == ["small", "large"]


def post_stride(url: str, text: str) -> int:
    body = json.dumps({"inputs": text, "parameters": {"stride": 128}}).encode()
    with urllib.request.urlopen(f"{url}/models/dslim/bert-base-NER", body, timeout=WITHIN) as reply:
        return int(reply.status)


@pytest.mark.parametrize("header", ["Upgrade: h2c", "upgrade:  H2C"])
def test_offer_of_http2_is_ignored(header: str) -> None:
    body = b'{"inputs": "Bob"}'
    head = (
        "POST / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings, close\r\n"
        f"{header}\r\nHTTP2-Settings: AAEAAEAAAAIAAAAAAAMAAAAAAAQBAAAAAAUAAEAAAAYABgAA\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )

    with (
        running_server() as server,
        socket.create_connection(
            ("127.0.0.1", int(server.url.rpartition(":")[2])), WITHIN
        ) as client,
    ):
        client.sendall(head.encode())
        client.sendall(body)
        answer = client.makefile("rb").read()

    assert answer.startswith(b"HTTP/1.1 200")
    assert b'"word":"Bob"' in answer


def test_server_in_a_thread_tells_its_control_token_to_who_runs_it() -> None:
    with running_server(Settings(port=0, control_token="given-token")) as server:  # noqa: S106
        assert server.control_token == "given-token"  # noqa: S105
        assert "given-token" not in repr(server)
