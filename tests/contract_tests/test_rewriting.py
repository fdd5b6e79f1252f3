from itertools import pairwise

import httptools
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nertwin.contract_tests.rewriting import Rewriter

SIZED = b"POST /a?x=1 HTTP/1.1\r\nHost: hf.co\r\nX-Odd:  a b\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = b"POST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
BARE = b"GET /c HTTP/1.1\r\nHost: hf.co\r\n\r\n"


def below_s(_method: str, target: str, _headers: dict[str, str]) -> str:
    return f"/s{target}"


def rewritten(*pieces: bytes) -> bytes:
    rewriter = Rewriter(below_s)
    return b"".join(map(rewriter.feed, pieces))


def test_target_is_replaced_and_nothing_else() -> None:
    assert rewritten(SIZED) == (
        b"POST /s/a?x=1 HTTP/1.1\r\nHost: hf.co\r\nX-Odd: a b\r\nContent-Length: 5\r\n\r\nhello"
    )


def test_chunks_stay_chunks() -> None:
    assert rewritten(CHUNKED) == CHUNKED.replace(b"/b", b"/s/b")


def test_requests_may_follow_each_other() -> None:
    assert rewritten(SIZED + BARE + CHUNKED + BARE) == b"".join(
        map(rewritten, (SIZED, BARE, CHUNKED, BARE))
    )


def test_head_is_sent_on_before_the_body_has_come() -> None:
    head, _, _ = SIZED.partition(b"hello")

    assert rewritten(head).endswith(b"\r\n\r\n")


def test_new_target_may_depend_on_the_headers() -> None:
    rewriter = Rewriter(lambda method, _target, headers: f"/{method}/{headers['host']}")

    assert rewriter.feed(BARE).startswith(b"GET /GET/hf.co HTTP/1.1\r\n")


def test_what_is_no_http_is_refused() -> None:
    with pytest.raises(httptools.HttpParserError):
        rewritten(b"\x16\x03\x01 hello\r\n\r\n")


@given(st.lists(st.sampled_from([SIZED, BARE]), min_size=1, max_size=4), st.data())
def test_how_bytes_are_cut_changes_nothing(requests: list[bytes], data: st.DataObject) -> None:
    sent = b"".join(requests)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(sent)), max_size=5)))
    places = [0, *cuts, len(sent)]
    pieces = [sent[start:end] for start, end in pairwise(places)]

    assert rewritten(*pieces) == rewritten(sent)


PROXIED = (
    b"GET http://a.example/x HTTP/1.1\r\nHost: a.example\r\nProxy-Connection: keep-alive\r\n"
    b"Connection: keep-alive\r\nProxy-Authorization: Basic eA==\r\n\r\n"
)
OFFER = (
    b"GET /h HTTP/1.1\r\nHost: hf.co\r\nConnection: Upgrade, HTTP2-Settings\r\n"
    b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\n"
)
SOCKET = (
    b"GET http://a.example/ws HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\n"
    b"Upgrade: websocket\r\n\r\n"
)


def as_it_is(_method: str, target: str, _headers: dict[str, str]) -> str:
    return target


def test_proxy_keeps_to_itself_what_is_for_a_proxy_and_lets_the_connection_end() -> None:
    rewriter = Rewriter(as_it_is, is_proxy=True, added=[(b"Proxy-Authorization", b"Basic eQ==")])

    assert rewriter.feed(PROXIED) == (
        b"GET http://a.example/x HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n"
        b"Proxy-Authorization: Basic eQ==\r\n\r\n"
    )


@pytest.mark.parametrize("follows", [BARE, OFFER, SOCKET], ids=["a", "an offer", "a socket"])
def test_second_request_to_a_proxy_ends_the_connection(follows: bytes) -> None:
    rewriter = Rewriter(as_it_is, is_proxy=True)
    rewriter.feed(PROXIED)

    with pytest.raises(httptools.HttpParserError) as error:
        rewriter.feed(follows)

    assert isinstance(error.value.__context__, ConnectionAbortedError)


def test_web_socket_is_bytes_behind_its_request() -> None:
    rewriter = Rewriter(as_it_is, is_proxy=True)

    sent = rewriter.feed(SOCKET) + rewriter.feed(b"\x81\x02hi") + rewriter.feed(b"\r\n\r\n")

    assert b"Connection: Upgrade\r\nUpgrade: websocket\r\n" in sent
    assert sent.endswith(b"\r\n\r\n\x81\x02hi\r\n\r\n")


def test_offer_of_another_protocol_is_not_taken_for_one() -> None:
    sent = rewritten(OFFER, BARE)

    assert sent == OFFER.replace(b"/h ", b"/s/h ") + BARE.replace(b"/c", b"/s/c")


def test_offer_does_not_go_beyond_a_proxy() -> None:
    sent = Rewriter(as_it_is, is_proxy=True).feed(OFFER)

    assert b"h2c" not in sent
    assert sent.endswith(b"Connection: close\r\n\r\n")
