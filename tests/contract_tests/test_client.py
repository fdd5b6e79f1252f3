import base64
import gzip
import socket

import pytest
from support.raw_servers import raw_server

from nertwin.contract_tests.client import Client
from nertwin.contract_tests.endpoint import Endpoint
from nertwin.contract_tests.exchange import Exchange, Request
from nertwin.mockserver import RunningServer

TOKEN = "hf_canary0123456789"  # noqa: S105
OK = b"HTTP/1.1 200 OK\r\n"


def a_request(target: str = "/models/a", body: bytes = b"{}") -> Request:
    return Request(target=target, body=body)


def exchange_with(
    *replies: bytes,
    request: Request | None = None,
    timeout: float = 5.0,
    token: str | None = None,
    keeps_open: bool = False,
) -> Exchange:
    with (
        raw_server(*replies, keeps_open=keeps_open) as server,
        Client(Endpoint(base=server.url, token=token), timeout=timeout) as client,
    ):
        return client.send(request or a_request())


def test_header_lines_keep_their_order_and_spelling() -> None:
    exchange = exchange_with(OK + b"X-B: 1\r\nx-a: 2\r\nX-B: 3\r\ncontent-length: 2\r\n\r\n[]")

    assert exchange.response is not None
    assert exchange.response.headers == (
        ("X-B", "1"), ("x-a", "2"), ("X-B", "3"), ("content-length", "2"),
    )  # fmt: skip
    assert exchange.document == []


def test_chunks_are_joined() -> None:
    exchange = exchange_with(
        OK + b"transfer-encoding: chunked\r\n\r\n1\r\n[\r\n1\r\n]\r\n0\r\n\r\n"
    )

    assert exchange.response is not None
    assert exchange.response.body == b"[]"
    assert exchange.response.is_whole


def test_body_cut_short_is_told_with_what_there_was() -> None:
    exchange = exchange_with(OK + b"content-length: 10\r\n\r\n[]")

    assert exchange.breakage == "closed"
    assert exchange.response is not None
    assert exchange.response.body == b"[]"
    assert not exchange.response.is_whole


def test_bytes_after_the_body_are_surplus() -> None:
    exchange = exchange_with(OK + b"content-length: 2\r\n\r\n[]]]", keeps_open=True)

    assert exchange.response is not None
    assert exchange.response.body == b"[]"
    assert exchange.response.surplus == b"]]"


def test_body_without_length_ends_with_the_connection() -> None:
    exchange = exchange_with(OK + b"\r\n[1]")

    assert exchange.document == [1]
    assert exchange.breakage is None


@pytest.mark.parametrize(
    ("reply", "breakage"),
    [
        (b"", "closed"),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "not-http"),
        (b"HTTP/1.1 2", "closed"),
        (OK + b"content-length: ten\r\n\r\n[]", "not-http"),
        (OK + b"no colon\r\n\r\n[]", "not-http"),
    ],
    ids=["nothing", "another protocol", "half a line", "no length", "no header"],
)
def test_what_is_no_answer_breaks_the_exchange(reply: bytes, breakage: str) -> None:
    exchange = exchange_with(reply)

    assert (exchange.breakage, exchange.response) == (breakage, None)
    assert exchange.problem


def test_silence_ends_with_the_time_limit() -> None:
    exchange = exchange_with(OK, timeout=0.2, keeps_open=True)

    assert exchange.breakage == "timeout"
    assert "0.2 seconds" in exchange.problem


def test_endless_body_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nertwin.contract_tests.connection.LARGEST_BODY", 1000)

    exchange = exchange_with(OK + b"\r\n" + b"a" * 5000, keeps_open=True)

    assert exchange.breakage == "too-large"


def test_refused_connection_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    client = Client(Endpoint(base=f"http://127.0.0.1:{port}"))

    exchange = client.send(a_request())

    assert exchange.breakage == "unreachable"


def test_plain_server_behind_https_is_a_tls_error(server: RunningServer) -> None:
    client = Client(Endpoint(base=server.url.replace("http:", "https:")))

    exchange = client.send(a_request())

    assert exchange.breakage == "tls"


def test_connection_is_kept_for_the_next_request() -> None:
    reply = OK + b"content-length: 2\r\n\r\n[]"
    with (
        raw_server(reply, reply, keeps_open=True) as server,
        Client(Endpoint(base=server.url)) as client,
    ):
        first, second = client.send(a_request()), client.send(a_request("/models/b"))

    assert first.connection == second.connection == 1
    assert (first.number, second.number) == (1, 2)


def test_connection_that_was_closed_meanwhile_is_replaced() -> None:
    reply = OK + b"content-length: 2\r\n\r\n[]"
    with raw_server(reply, reply) as server, Client(Endpoint(base=server.url)) as client:
        first, second = client.send(a_request()), client.send(a_request("/models/b"))

    assert second.status == 200
    assert first.connection != second.connection


def test_request_can_ask_for_a_connection_of_its_own() -> None:
    reply = OK + b"content-length: 2\r\nconnection: keep-alive\r\n\r\n[]"
    with raw_server(reply, reply) as server, Client(Endpoint(base=server.url)) as client:
        client.send(a_request())
        request = Request(target="/models/a", on_new_connection=True)
        second = client.send(request)

    assert second.connection == 2


def test_token_is_sent_as_a_bearer() -> None:
    with (
        raw_server(OK + b"content-length: 0\r\n\r\n") as server,
        Client(Endpoint(base=server.url, token=TOKEN)) as client,
    ):
        client.send(a_request())

    assert f"authorization: Bearer {TOKEN}".encode() in server.received[0]


def test_request_without_token_sends_none() -> None:
    with raw_server(OK + b"content-length: 0\r\n\r\n") as server:
        request = Request(target="/", sends_token=False)
        with Client(Endpoint(base=server.url, token=TOKEN)) as client:
            client.send(request)

    assert TOKEN.encode() not in server.received[0]


def test_chunked_request_comes_in_several_chunks() -> None:
    with raw_server(OK + b"content-length: 2\r\n\r\n[]") as server:
        request = Request(target="/", body=b"0123456789", is_chunked=True)
        with Client(Endpoint(base=server.url)) as client:
            client.send(request)

    assert server.received[0].endswith(b"7\r\n0123456\r\n3\r\n789\r\n0\r\n\r\n")


def test_chunked_request_has_no_length() -> None:
    with raw_server(OK + b"content-length: 0\r\n\r\n") as server:
        request = Request(target="/", body=b"{}", is_chunked=True)
        with Client(Endpoint(base=server.url)) as client:
            client.send(request)

    assert b"content-length" not in server.received[0]
    assert server.received[0].endswith(b"2\r\n{}\r\n0\r\n\r\n")


def test_header_names_are_sent_as_they_are_spelt() -> None:
    with raw_server(OK + b"content-length: 0\r\n\r\n") as server:
        request = a_request().with_headers(("X-Use-CACHE", "false"))
        with Client(Endpoint(base=server.url)) as client:
            client.send(request)

    assert b"X-Use-CACHE: false" in server.received[0]


@pytest.mark.parametrize("is_coded", [False, True])
def test_echoed_token_is_noticed_and_hidden(is_coded: bool) -> None:
    body = f'{{"error": "{TOKEN}"}}'.encode()
    sent = gzip.compress(body) if is_coded else body
    coding = b"content-encoding: gzip\r\n" if is_coded else b""
    head = OK + coding + f"x-echo: {TOKEN}\r\ncontent-length: {len(sent)}\r\n\r\n".encode()

    exchange = exchange_with(head + sent, token=TOKEN)

    assert exchange.response is not None
    assert exchange.response.echoes_token
    assert TOKEN not in repr(exchange)
    assert TOKEN.encode() not in exchange.response.content
    assert exchange.header("x-echo") == "*" * len(TOKEN)


@pytest.mark.parametrize(
    "spelling",
    [
        "".join(f"%{ord(each):02x}" for each in TOKEN),
        "".join(f"\\u{ord(each):04X}" for each in TOKEN),
        "".join(f"&#{ord(each)};" for each in TOKEN),
        base64.b64encode(TOKEN.encode()).decode(),
        base64.urlsafe_b64encode(f"user:{TOKEN}".encode()).decode(),
        base64.b64encode(f"Bearer {TOKEN}, twice".encode()).decode(),
        TOKEN.encode().hex().upper(),
    ],
    ids=["url", "json", "html", "base64", "base64 for urls", "base64 of a header", "hex"],
)
def test_token_is_noticed_in_any_spelling(spelling: str) -> None:
    body = f'{{"error": "{spelling}"}}'.encode()
    head = OK + f"x-echo: {spelling}\r\ncontent-length: {len(body)}\r\n\r\n".encode()

    exchange = exchange_with(head + body, token=TOKEN)

    assert exchange.response is not None
    assert exchange.response.echoes_token
    assert "****" in (exchange.header("x-echo") or "")
    assert b"****" in exchange.response.content
    assert len(exchange.response.body) == len(body)


def test_requests_together_are_answered_in_their_order() -> None:
    with raw_server(*(OK + b"content-length: 2\r\n\r\n[]" for _ in range(3))) as server:
        requests = tuple(a_request(f"/models/{name}") for name in "abc")
        with Client(Endpoint(base=server.url)) as client:
            exchanges = client.send_together(requests)

    assert tuple(exchange.request for exchange in exchanges) == requests
    assert [exchange.status for exchange in exchanges] == [200, 200, 200]


def test_redirect_is_not_followed() -> None:
    exchange = exchange_with(
        b"HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n"
    )

    assert exchange.status == 302
