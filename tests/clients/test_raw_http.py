import json
import socket
import urllib.request
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from nertwin.mockserver import RunningServer

TEXT = "My name is Sarah Jessica Parker but you can call me Jessica"
BODY = json.dumps({"inputs": TEXT}).encode()
RECORDED_MODEL = "dbmdz/bert-large-cased-finetuned-conll03-english"
PATH = f"/models/{RECORDED_MODEL}"
RECORDED = (Path(__file__).parent / "recorded.json").read_bytes().rstrip()


def exchange(server: RunningServer, sent: bytes) -> bytes:
    """All that the server says to these bytes until it closes the connection."""
    parts = urlsplit(server.url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10) as wire:
        wire.sendall(sent)
        return b"".join(iter(lambda: wire.recv(65536), b""))


def a_request(*headers: str, version: str = "1.1", body: bytes = BODY) -> bytes:
    """The bytes of a POST to the recorded model, whose answer is to be computed."""
    lines = [f"POST {PATH} HTTP/{version}", "Host: stand-in", f"Content-Length: {len(body)}"]
    lines.append("X-Use-Cache: false")
    return "\r\n".join([*lines, *headers, "", ""]).encode() + body


def test_urllib_gets_the_recorded_bytes(server: RunningServer) -> None:
    with urllib.request.urlopen(server.url + PATH, data=BODY, timeout=10) as response:
        answer = response.read()

    assert answer == RECORDED


def test_connection_is_kept_between_requests(server: RunningServer) -> None:
    connection = HTTPConnection(urlsplit(server.url).netloc, timeout=10)

    connection.request("POST", PATH, BODY)
    first = connection.getresponse().read()
    wire = connection.sock
    connection.request("POST", PATH, b"{}")
    refused = connection.getresponse()
    refused.read()
    connection.request("POST", PATH, BODY)
    third = connection.getresponse().read()
    kept = connection.sock
    connection.close()

    assert kept is wire
    assert refused.status == 400
    assert first == third == RECORDED


def test_pipelined_requests_are_answered_in_order(server: RunningServer) -> None:
    said = exchange(server, a_request() + a_request(body=b"{}") + a_request("Connection: close"))

    statuses = [line for line in said.splitlines() if line.startswith(b"HTTP/1.1 ")]
    assert statuses == [b"HTTP/1.1 200 OK", b"HTTP/1.1 400 Bad Request", b"HTTP/1.1 200 OK"]
    assert said.count(RECORDED) == 2


def test_http_1_0_gets_a_plain_body_and_a_closed_connection(server: RunningServer) -> None:
    said = exchange(server, a_request(version="1.0"))

    head, _, body = said.partition(b"\r\n\r\n")
    assert b"transfer-encoding" not in head.lower()
    assert b"content-length: 188" in head.lower().splitlines()
    assert body == RECORDED


@pytest.mark.parametrize("name", ["accept-encoding", "Accept-Encoding", "ACCEPT-ENCODING"])
def test_client_that_takes_gzip_gets_plain_bytes(server: RunningServer, name: str) -> None:
    request = urllib.request.Request(server.url + PATH, BODY, {name: "gzip, deflate, br"})

    with urllib.request.urlopen(request, timeout=10) as response:
        answer = response.read()

    assert "content-encoding" not in response.headers
    assert answer == RECORDED


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(("authorization", "content-type", "x-wait-for-model"), id="lower"),
        pytest.param(("AUTHORIZATION", "CONTENT-TYPE", "X-WAIT-FOR-MODEL"), id="upper"),
        pytest.param(("Authorization", "Content-Type", "X-Wait-For-Model"), id="title"),
    ],
)
def test_case_of_header_names_is_nothing(
    server: RunningServer, names: tuple[str, str, str]
) -> None:
    values = ("Bearer hf_not_a_token", "application/json", "true")
    headers = [f"{name}: {value}" for name, value in zip(names, values, strict=True)]

    said = exchange(server, a_request(*headers, "connection: close"))

    assert said.startswith(b"HTTP/1.1 200 OK\r\n")
    assert RECORDED in said


def test_answer_comes_chunked_as_recorded_in_2025(server: RunningServer) -> None:
    said = exchange(server, a_request("Connection: close"))

    head, _, body = said.partition(b"\r\n\r\n")
    assert b"transfer-encoding: chunked" in head.lower().splitlines()
    assert body == b"bc\r\n" + RECORDED + b"\r\n0\r\n\r\n"


def test_body_that_comes_byte_by_byte_is_read_whole(server: RunningServer) -> None:
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in BODY)
    head = f"POST {PATH} HTTP/1.1\r\nHost: stand-in\r\nTransfer-Encoding: chunked\r\n"

    said = exchange(server, head.encode() + b"Connection: close\r\n\r\n" + chunks + b"0\r\n\r\n")

    assert RECORDED in said


def test_bytes_that_are_no_http_get_a_400(server: RunningServer) -> None:
    said = exchange(server, b"\x16\x03\x01\x02\x00 this is TLS\r\n\r\n")

    assert said.startswith(b"HTTP/1.1 400 ")


def test_client_that_leaves_in_the_middle_harms_nobody(server: RunningServer) -> None:
    parts = urlsplit(server.url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10) as wire:
        wire.sendall(a_request()[:-10])

    said = exchange(server, a_request("Connection: close"))

    assert RECORDED in said
