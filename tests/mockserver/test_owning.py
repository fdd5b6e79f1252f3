"""A connection that goes from worker to worker, against the parser alone."""

import asyncio
from collections.abc import Sequence
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.owning import REPLY, Client, Parsed
from support.wired import MODEL, Sink, Wired, post

from nertwin.mockserver.desk import Desk
from nertwin.mockserver.handover import Handover
from nertwin.mockserver.owners import owner_of
from nertwin.mockserver.owning import OwningProtocol

COUNT = 3
SESSIONS = ("a", "b", "c", "d", "default", "..", "x" * 65, "ä")


def serve(pieces: Sequence[bytes], count: int = COUNT) -> Client:
    """A client that has sent those pieces and waited for the answers."""

    async def send() -> Client:
        client = Client(count)
        await client.send(pieces)
        return client

    return asyncio.run(send())


def paths() -> st.SearchStrategy[str]:
    session = st.sampled_from(SESSIONS[:-1])
    return st.one_of(
        st.sampled_from(["/", "/models/x", "/s/", "/s/a", "//s/a/x", "/S/a/x", "*", "/?/s/b/"]),
        session.map("/s/{}/models/x".format),
        session.map("/%73/{}/x".format),
        session.map("/s%2F{}/x".format),
        session.map("/s/%61{}/x?y=/s/c/".format),
        session.map("http://host/s/{}/x#f".format),
        session.map("/_nertwin/sessions/{}/journal".format),
        st.sampled_from(["/_nertwin", "/_nertwin/", "/_nertwin/sessions", "/_nertwinx"]),
    )


def fields() -> st.SearchStrategy[str]:
    session = st.sampled_from(SESSIONS)
    return st.one_of(
        session.map("x-nertwin-session: {}".format),
        session.map("X-Nertwin-SESSION:{} ".format),
        session.map("x-nertwin-session:\t{}".format),
        session.map("x_nertwin_session: {}".format),
        session.map("Authorization: Bearer hf_nertwin_{}".format),
        session.map("authorization: bearer:  hf_nertwin_{}".format),
        session.map("Authorization: Basic hf_nertwin_{}".format),
        session.map("Cookie: x=\tx-nertwin-session: {}".format),
        st.sampled_from(
            [
                "Connection: close",
                "Connection: keep-alive",
                "Expect: 100-continue",
                "Upgrade: websocket",
                "Connection: Upgrade",
                "x-nertwin-session:",
                "x-nertwin-session: a\r\n folded",
                "Transfer-Encoding: gzip",
                "Content-Length: 2",
            ]
        ),
    )


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    """A request, well formed more often than not."""
    method = draw(st.sampled_from(["GET", "POST", "POST", "HEAD", "OPTIONS", "CONNECT"]))
    version = draw(st.sampled_from(["1.1"] * 8 + ["1.0", "2.0"]))
    lines = [f"{method} {draw(paths())} HTTP/{version}", *draw(st.lists(fields(), max_size=3))]
    body = draw(st.sampled_from([b"", b"{}", b"\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n"]))
    kind = draw(st.sampled_from(["none", "length", "chunks", "trailer"]))
    if kind == "none":
        body = b""
    elif kind == "length":
        lines.append(f"Content-Length: {len(body)}")
    else:
        lines.append("Transfer-Encoding: chunked")
        last = b"0\r\nx-nertwin-session: b\r\n\r\n" if kind == "trailer" else b"0;x=y\r\n\r\n"
        body = (b"%x\r\n%b\r\n" % (len(body), body) if body else b"") + last
    blanks = draw(st.sampled_from([b"", b"", b"\r\n", b"\r\n\r\n\r\n"]))
    return blanks + "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


@st.composite
def cut(draw: st.DrawFn, stream: bytes) -> list[bytes]:
    """The stream in pieces."""
    places = draw(st.lists(st.integers(0, len(stream)), max_size=6).map(sorted))
    bounds = [0, *places, len(stream)]
    return [stream[a:b] for a, b in pairwise(bounds) if a < b]


@st.composite
def streams(draw: st.DrawFn) -> list[bytes]:
    """Pipelined requests, at times with a few bytes changed, in pieces."""
    stream = b"".join(draw(st.lists(requests(), min_size=1, max_size=5)))
    for at in draw(st.lists(st.integers(0, len(stream)), max_size=2)):
        wrong = draw(st.sampled_from([b"\r", b"\n", b"\r\n", b":", b"\0", b" ", b"0", b"\r\n\r\n"]))
        stream = stream[:at] + wrong + stream[at + draw(st.integers(0, 2)) :]
    return draw(cut(stream))


@given(streams())
@example([b"GET / HTTP/1.1\r\n\r\n"])
def test_whatever_comes_is_seen_as_the_parser_alone_reads_it(pieces: list[bytes]) -> None:
    parsed = Parsed(b"".join(pieces))

    client = serve(pieces)

    assert [each.head for each in client.seen][: len(parsed.heads)] == parsed.heads


@given(streams())
def test_no_worker_gets_what_is_for_a_session_of_another(pieces: list[bytes]) -> None:
    client = serve(pieces)

    assert [each.worker for each in client.seen] == [each.owner for each in client.seen]


@given(st.lists(st.sampled_from(SESSIONS[:5]), min_size=1, max_size=8), st.data())
def test_pipelined_requests_are_answered_in_their_order_by_their_owners(
    sessions: list[str], data: st.DataObject
) -> None:
    sent = [
        f"POST /{number} HTTP/1.1\r\nx-nertwin-session: {session}\r\ncontent-length: 4\r\n\r\n"
        "\r\n\r\n"
        for number, session in enumerate(sessions)
    ]

    client = serve(data.draw(cut("".join(sent).encode())))

    assert [each.path for each in client.seen] == [f"/{n}" for n in range(len(sessions))]
    assert client.answer.count(REPLY) == len(sessions)


def a_call(session: str) -> bytes:
    return f"GET / HTTP/1.1\r\nx-nertwin-session: {session}\r\n\r\n".encode()


def test_connection_is_handed_over_when_its_answers_are_out() -> None:
    async def send() -> Client:
        client = Client(COUNT)
        client.untaken = 8
        await client.send([a_call("a") + a_call("b") + a_call("c") + a_call("d")])
        return client

    client = asyncio.run(send())

    assert client.answer.count(REPLY) == 4
    assert client.handovers > 0


def test_client_that_leaves_before_it_took_its_answers_is_not_handed_over() -> None:
    async def send() -> Client:
        client = Client(COUNT)
        client.untaken = 1_000_000
        asyncio.get_running_loop().call_later(0.001, client.leave)
        await client.send([a_call("a") + a_call("b") + a_call("c") + a_call("d")])
        return client

    assert asyncio.run(send()).handovers == 0


@pytest.mark.parametrize("size", [1000, 300_000])
def test_head_that_is_too_long_to_be_kept_is_refused(size: int) -> None:
    pieces = [b"GET / HTTP/1.1\r\nx: ", *[b"y" * size] * (300_000 // size)]

    assert serve(pieces).answer.startswith(b"HTTP/1.1 400 ")


class Socket(Sink):
    """A transport with a socket that can be handed over."""

    def get_write_buffer_size(self) -> int:
        return 0

    def get_extra_info(self, name: str, default: object = None) -> object:
        address = super().get_extra_info("sockname")
        socket = SimpleNamespace(
            fileno=lambda: -1, getsockname=lambda: address, getpeername=lambda: address
        )
        return socket if name == "socket" else super().get_extra_info(name, default)


def test_beginning_that_is_known_is_handed_over_if_its_session_is_another_workers() -> None:
    head, blank, body = post(path=f"/s/two/models/{MODEL}").partition(b"\r\n\r\n")
    other = (head + blank).replace(b"/s/two/", b"/s/one/")
    handed: list[tuple[int, bytes]] = []

    def hand_over(handover: Handover, number: int) -> None:
        handed.append((number, handover.received))

    async def live() -> bool:
        desk: Any = SimpleNamespace(
            number=0, owner_of=lambda name: owner_of(name, 2), hand_over=hand_over
        )
        wired = Wired()
        loop = asyncio.get_running_loop()
        wired.protocol = OwningProtocol(
            wired._config, wired.state, {}, _loop=loop, desk=cast(Desk, desk)
        )
        wired.sink = Socket()
        wired.protocol.connection_made(wired.sink)
        for _ in range(3):
            await wired.ask(head + blank, body)
        wired.protocol.data_received(other)
        return wired.app.sessions.peek("one") is None

    assert asyncio.run(live())
    assert handed == [(1, other)]
