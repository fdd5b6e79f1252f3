"""The proxy as programs see it that know nothing of nertwin but their environment."""

import gc
import json
import os
import socket
import socketserver
import ssl
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

import pytest
from support.raw_servers import raw_server
from support.redirected import MODEL, NEW_URL, OLD_URL, TEXT, Redirected, redirected
from support.upstreams import HELLO, WANTS_PASSWORD, UpstreamProxy, upstream_proxy

from nertwin.contract_tests.authority import Authority
from nertwin.contract_tests.proxy import running_proxy
from nertwin.contract_tests.redirecting.detour import current
from nertwin.contract_tests.upstream import Upstreams
from nertwin.mockserver import RunningServer

BODY = json.dumps({"inputs": TEXT}).encode()
NO_PROXIES: Mapping[str, str] = {}


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def bundle(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("authority") / "bundle.pem"
    authority.write_bundle(path, os.environ)
    return path


class Client:
    """A connection through the proxy, byte by byte."""

    def __init__(self, proxy: str, bundle: Path) -> None:
        host, _, port = proxy.removeprefix("http://").partition(":")
        self.socket: socket.socket = socket.create_connection((host, int(port)), timeout=10)
        self.bundle = bundle

    def send(self, *parts: bytes) -> None:
        self.socket.sendall(b"".join(parts))

    def read_head(self) -> bytes:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            piece = self.socket.recv(1)
            assert piece, f"ended after {head!r}"
            head += piece
        return head

    def read_all(self) -> bytes:
        pieces = []
        while piece := self.socket.recv(65536):
            pieces.append(piece)
        return b"".join(pieces)

    def connect(self, host: str, port: int = 443) -> bytes:
        self.send(f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
        return self.read_head()

    def trust(self, host: str) -> None:
        context = ssl.create_default_context(cafile=str(self.bundle))
        # A connection that is cut off must not look like one that has ended.
        self.socket = context.wrap_socket(
            self.socket, server_hostname=host, suppress_ragged_eofs=False
        )

    def begin_handshake(self, host: str) -> None:
        """Say hello, and wait until that is answered."""
        hello = ssl.MemoryBIO()
        tls = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), hello, server_hostname=host)
        with pytest.raises(ssl.SSLWantReadError):
            tls.do_handshake()
        self.send(hello.read())
        assert self.socket.recv(65536)

    def post(self, host: str, path: str, body: bytes = BODY) -> bytes:
        """The whole reply to a call after which the connection ends."""
        head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n"
        self.send(f"{head}Content-Length: {len(body)}\r\n\r\n".encode(), body)
        return self.read_all()


@contextmanager
def proxied(
    server: RunningServer,
    bundle: Path,
    authority: Authority | None,
    *,
    guard: str = "api",
    environ: Mapping[str, str] = NO_PROXIES,
) -> Iterator[tuple[Client, Redirected, SimpleQueue[str]]]:
    """A client of a proxy to a session of the server, and what the proxy notes."""
    notes: SimpleQueue[str] = SimpleQueue()
    upstreams = Upstreams(environ)
    with (
        redirected(server.url, guard=guard, hooks=False) as there,
        running_proxy(current, authority, note=notes.put, upstreams=upstreams) as proxy,
    ):
        client = Client(proxy.url, bundle)
        try:
            yield client, there, notes
        finally:
            client.socket.close()


@pytest.fixture
def through(
    server: RunningServer, bundle: Path, authority: Authority
) -> Iterator[tuple[Client, Redirected]]:
    with proxied(server, bundle, authority) as (client, there, _):
        yield client, there


@pytest.mark.parametrize("url", [OLD_URL, NEW_URL], ids=["old", "new"])
def test_call_of_the_apis_hosts_is_answered_by_the_stand_in(
    through: tuple[Client, Redirected], url: str
) -> None:
    client, there = through
    host, _, path = url.removeprefix("https://").partition("/")
    client.connect(host)
    client.trust(host)

    reply = client.post(host, f"/{path}")

    assert b'"Sarah Jessica Parker"' in reply
    assert there.asked() == [f"POST {host}/{path}"]
    assert there.refused == []


def test_several_requests_share_a_connection(through: tuple[Client, Redirected]) -> None:
    client, there = through
    client.connect("huggingface.co")
    client.trust("huggingface.co")
    request = f"GET /api/models/{MODEL} HTTP/1.1\r\nHost: huggingface.co\r\n"

    client.send(f"{request}\r\n{request}Connection: close\r\n\r\n".encode())
    replies = client.read_all()

    assert replies.count(b"HTTP/1.1 200") == 2
    assert there.asked() == [f"GET huggingface.co/api/models/{MODEL}"] * 2


def test_large_body_in_chunks_arrives_whole(through: tuple[Client, Redirected]) -> None:
    client, there = through
    host = "api-inference.huggingface.co"
    client.connect(host)
    client.trust(host)
    text = "Ada " * 100_000
    body = json.dumps({"inputs": text}).encode()

    head = f"POST /models/{MODEL} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n"
    client.send(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
    client.send(b"%x\r\n" % len(body), body, b"\r\n0\r\n\r\n")
    reply = client.read_all()

    assert reply.startswith(b"HTTP/1.1 200")
    (exchange,) = there.session.journal()
    assert exchange["status"] == 200


def test_reset_of_the_stand_in_is_one_for_the_program(through: tuple[Client, Redirected]) -> None:
    client, there = through
    client.connect("router.huggingface.co")
    client.trust("router.huggingface.co")
    there.session.fail_next("reset")

    with pytest.raises((ConnectionResetError, ssl.SSLError)):
        client.post("router.huggingface.co", f"/hf-inference/models/{MODEL}")


def test_other_host_of_the_owner_is_refused_by_name(through: tuple[Client, Redirected]) -> None:
    client, there = through
    client.connect("cdn-lfs.huggingface.co")
    client.trust("cdn-lfs.huggingface.co")

    reply = client.post("cdn-lfs.huggingface.co", "/file?token=hf_secret")

    assert reply.startswith(b"HTTP/1.1 403")
    assert b"hf_secret" not in reply
    assert list(map(str, there.refused)) == ["POST cdn-lfs.huggingface.co/file"]


def test_plain_http_to_the_api_is_answered_too(through: tuple[Client, Redirected]) -> None:
    client, there = through

    reply = client.post("hf.co", f"http://api-inference.huggingface.co/models/{MODEL}")

    assert b'"Sarah Jessica Parker"' in reply
    assert len(there.asked()) == 1


def test_plain_http_to_the_api_is_noted(
    server: RunningServer, bundle: Path, authority: Authority
) -> None:
    with proxied(server, bundle, authority) as (client, _, notes):
        client.post("hf.co", f"http://api-inference.huggingface.co/models/{MODEL}")

        note = notes.get(timeout=10)

    assert "called api-inference.huggingface.co by http" in note


def test_plain_http_to_another_host_reaches_it(through: tuple[Client, Redirected]) -> None:
    client, there = through

    with raw_server(HELLO) as host:
        client.send(f"GET {host.url}/x?y=1 HTTP/1.1\r\nHost: db\r\n\r\n".encode())
        reply = client.read_all()

    assert reply == HELLO
    assert host.received == [b"GET /x?y=1 HTTP/1.1\r\nHost: db\r\nConnection: close\r\n\r\n"]
    assert there.refused == []


def test_body_behind_an_offer_of_another_protocol_arrives(
    through: tuple[Client, Redirected],
) -> None:
    client, _ = through

    with raw_server(HELLO) as host:
        head = f"POST {host.url}/ HTTP/1.1\r\nHost: db\r\nUpgrade: h2c\r\ncontent-length: 2\r\n\r\n"
        client.send(head.encode(), b"{}")
        client.read_all()

    assert host.received[0].endswith(b"content-length: 2\r\nConnection: close\r\n\r\n{}")


def test_second_request_of_a_connection_is_left_to_another(
    through: tuple[Client, Redirected],
) -> None:
    client, _ = through
    reply = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

    with raw_server(reply, reply, keeps_open=True) as host:
        client.send(f"GET {host.url}/ HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        client.read_head()
        client.send(b"GET http://b.example/ HTTP/1.1\r\nHost: b.example\r\n\r\n")

        assert client.read_all() == b""

    assert len(host.received) == 1


def test_plain_http_to_another_host_is_refused_by_name_where_the_guard_says_so(
    server: RunningServer, bundle: Path, authority: Authority
) -> None:
    with proxied(server, bundle, authority, guard="any") as (client, there, _):
        reply = client.post("example.com", "http://example.com/collect?token=hf_secret")

    assert reply.startswith(b"HTTP/1.1 403")
    assert b"hf_secret" not in reply
    assert list(map(str, there.refused)) == ["POST example.com/collect"]


@pytest.mark.parametrize("target", ["/", "ftp://example.com/", "http://example.com:x/", "http:///"])
def test_what_no_proxy_is_asked_is_told_so(through: tuple[Client, Redirected], target: str) -> None:
    client, _ = through

    client.send(f"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n".encode())

    assert client.read_all().startswith(b"HTTP/1.1 400")


def test_what_is_no_http_is_told_so(through: tuple[Client, Redirected]) -> None:
    client, _ = through
    client.connect("hf.co")
    client.trust("hf.co")

    client.send(b"\x00\x01\x02\r\n\r\n")

    assert client.read_all().startswith(b"HTTP/1.1 400")


class Echo(socketserver.BaseRequestHandler):
    """Sends back, in capitals, what comes first."""

    def handle(self) -> None:
        self.request.sendall(self.request.recv(100).upper())


@pytest.fixture
def echo() -> Iterator[int]:
    with socketserver.TCPServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def test_other_host_is_reached_untouched(through: tuple[Client, Redirected], echo: int) -> None:
    client, there = through

    answer = client.connect("127.0.0.1", echo)
    client.send(b"hello")

    assert answer.startswith(b"HTTP/1.1 200")
    assert client.read_all() == b"HELLO"
    assert there.refused == []


def test_other_host_is_refused_where_only_this_machine_may_be_called(
    server: RunningServer, bundle: Path, authority: Authority
) -> None:
    with proxied(server, bundle, authority, guard="any") as (client, there, _):
        answer = client.connect("example.com")

    assert answer.startswith(b"HTTP/1.1 403")
    assert list(map(str, there.refused)) == ["CONNECT example.com"]


def test_what_is_no_host_is_told_so(through: tuple[Client, Redirected]) -> None:
    client, _ = through

    client.send(b"CONNECT hf.co:https HTTP/1.1\r\n\r\n")

    assert client.read_head().startswith(b"HTTP/1.1 400")


def test_host_that_is_not_there_is_a_bad_gateway(through: tuple[Client, Redirected]) -> None:
    client, _ = through

    assert client.connect("127.0.0.1", 1).startswith(b"HTTP/1.1 502")


@pytest.fixture
def upstream() -> Iterator[UpstreamProxy]:
    with upstream_proxy() as proxy:
        yield proxy


@contextmanager
def behind(
    upstream: UpstreamProxy, server: RunningServer, bundle: Path, authority: Authority, **more: str
) -> Iterator[tuple[Client, SimpleQueue[str]]]:
    """A client of a proxy in an environment that names the upstream."""
    environ = {"https_proxy": upstream.url, "http_proxy": upstream.url, **more}
    with proxied(server, bundle, authority, environ=environ) as (client, _, notes):
        yield client, notes


def test_other_host_is_reached_by_the_environments_proxy(
    upstream: UpstreamProxy, server: RunningServer, bundle: Path, authority: Authority
) -> None:
    with behind(upstream, server, bundle, authority) as (client, notes):
        answer = client.connect("example.com")
        client.send(b"GET / HTTP/1.1\r\n\r\n")
        reply = client.read_all()

    assert answer.startswith(b"HTTP/1.1 200")
    assert reply == HELLO
    assert upstream.heads == [
        "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n"
        "Proxy-Authorization: Basic YWRhOnMzY3JldCE=\r\n",
        "GET / HTTP/1.1\r\n",
    ]
    assert notes.empty()


def test_plain_request_is_passed_on_whole_to_the_environments_proxy(
    upstream: UpstreamProxy, server: RunningServer, bundle: Path, authority: Authority
) -> None:
    with behind(upstream, server, bundle, authority) as (client, _):
        client.send(b"GET http://example.com/x HTTP/1.1\r\nHost: example.com\r\n\r\n")
        reply = client.read_all()

    assert reply == HELLO
    assert upstream.heads == [
        "GET http://example.com/x HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n"
        "Proxy-Authorization: Basic YWRhOnMzY3JldCE=\r\n"
    ]


def test_proxy_of_the_environment_may_want_tls(
    server: RunningServer, bundle: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))

    with upstream_proxy(authority.context("127.0.0.1")) as upstream:
        environ = {"https_proxy": f"https://127.0.0.1:{upstream.port}"}
        with proxied(server, bundle, authority, environ=environ) as (client, _, _):
            answer = client.connect("example.com")
            client.send(b"GET / HTTP/1.1\r\n\r\n")
            reply = client.read_all()

    assert answer.startswith(b"HTTP/1.1 200")
    assert reply == HELLO


def test_refusal_of_the_environments_proxy_is_the_clients(
    upstream: UpstreamProxy, server: RunningServer, bundle: Path, authority: Authority
) -> None:
    upstream.answer = WANTS_PASSWORD

    with behind(upstream, server, bundle, authority) as (client, _):
        answer = client.connect("example.com") + client.read_all()

    assert answer == WANTS_PASSWORD


def test_environments_proxy_that_says_nothing_is_named(
    upstream: UpstreamProxy, server: RunningServer, bundle: Path, authority: Authority
) -> None:
    upstream.answer = b""

    with behind(upstream, server, bundle, authority) as (client, _):
        answer = client.connect("example.com") + client.read_all()

    assert answer.startswith(b"HTTP/1.1 502")
    assert f"proxy 127.0.0.1 port {upstream.port} gave no answer".encode() in answer


def test_api_is_not_asked_of_the_environments_proxy(
    upstream: UpstreamProxy, server: RunningServer, bundle: Path, authority: Authority
) -> None:
    with behind(upstream, server, bundle, authority) as (client, _):
        client.connect("router.huggingface.co")
        client.trust("router.huggingface.co")
        reply = client.post("router.huggingface.co", f"/hf-inference/models/{MODEL}")

    assert b'"Sarah Jessica Parker"' in reply
    assert upstream.heads == []


def test_excepted_host_is_reached_past_the_environments_proxy(
    upstream: UpstreamProxy, server: RunningServer, bundle: Path, authority: Authority
) -> None:
    excepted = {"no_proxy": "nertwin.invalid"}

    with behind(upstream, server, bundle, authority, **excepted) as (client, _):
        answer = client.connect("nertwin.invalid")

    assert answer.startswith(b"HTTP/1.1 502")
    assert upstream.heads == []


def test_proxy_of_another_kind_is_told_to_the_client_and_noted(
    server: RunningServer, bundle: Path, authority: Authority
) -> None:
    environ = {"ALL_PROXY": "socks5h://ada:s3cret@127.0.0.1:1"}

    with proxied(server, bundle, authority, environ=environ) as (client, _, notes):
        answer = client.connect("example.com") + client.read_all()
        note = notes.get(timeout=10)

    assert answer.startswith(b"HTTP/1.1 502")
    assert "of the kind socks5h" in note
    assert b"s3cret" not in answer + note.encode()


def test_without_certificates_the_api_is_not_reached_either(
    server: RunningServer, bundle: Path
) -> None:
    with proxied(server, bundle, None) as (client, there, _):
        answer = client.connect("router.huggingface.co") + client.read_all()

        assert answer.startswith(b"HTTP/1.1 502")
        assert b"nertwin[redirect]" in answer
        assert there.asked() == []


def test_program_that_does_not_trust_is_noted(
    server: RunningServer, bundle: Path, authority: Authority
) -> None:
    with proxied(server, bundle, authority) as (client, _, notes):
        client.connect("hf.co")
        with pytest.raises(ssl.SSLCertVerificationError):
            ssl.create_default_context().wrap_socket(client.socket, server_hostname="hf.co")

        note = notes.get(timeout=10)

    assert "asked for hf.co" in note
    assert "SSL_CERT_FILE" in note


def test_program_that_resets_the_handshake_leaves_nothing_behind(
    server: RunningServer, bundle: Path, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    with proxied(server, bundle, authority) as (client, _, notes):
        client.connect("hf.co")
        client.begin_handshake("hf.co")
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.socket.close()
        note = notes.get(timeout=10)
    gc.collect()

    assert "asked for hf.co" in note
    assert [record.message for record in caplog.records] == []


def test_proxy_without_a_test_answers_for_nobody(authority: Authority, bundle: Path) -> None:
    with running_proxy(lambda: None, authority, note=lambda _: None) as proxy:
        client = Client(proxy.url, bundle)

        assert client.connect("hf.co").startswith(b"HTTP/1.1 503")
        client.socket.close()


def test_proxy_without_a_test_is_in_nobodys_way(
    authority: Authority, bundle: Path, echo: int
) -> None:
    with running_proxy(lambda: None, authority, note=lambda _: None) as proxy:
        client = Client(proxy.url, bundle)

        client.connect("127.0.0.1", echo)
        client.send(b"hello")

        assert client.read_all() == b"HELLO"
        client.socket.close()
