"""Each fault on a real socket, as a client that reads bytes sees it, and in this process."""

import asyncio
import contextlib
import gzip
import http.client
import json
import logging
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.requests import Request
from starlette.testclient import TestClient
from support.hurting import (
    BODY,
    PATH,
    TEXT,
    WITHIN,
    Hurting,
    a_request,
    ask,
    exchange,
    hurting_app,
    hurting_server,
    post,
)

from nertwin.mockserver.clock import ManualClock
from nertwin.mockserver.errors import BrokenConnection
from nertwin.mockserver.faults import (
    DAMAGE_KINDS,
    FAULT_HEADER,
    STATUS_KINDS,
    BadFault,
    Fault,
)
from nertwin.mockserver.harm import HurtCall, damage, replaces_answer
from nertwin.mockserver.profiles import find_profile
from nertwin.mockserver.reply import Reply
from nertwin.mockserver.wirereply import GARBAGE, WireReply

DAMAGES = [kind for kind in DAMAGE_KINDS if kind != "violate"]


@pytest.fixture(scope="module", params=["uvloop", "asyncio"])
def hurting(request: pytest.FixtureRequest) -> Iterator[Hurting]:
    new_loop = None if request.param == "uvloop" else asyncio.new_event_loop
    with hurting_server(new_loop=new_loop) as server:
        yield server


@pytest.fixture(autouse=True)
def silence(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Nothing that a fault does is an error of the server's."""
    yield
    logged = [*caplog.get_records("setup"), *caplog.get_records("call")]
    assert [record.getMessage() for record in logged if record.levelno >= logging.WARNING] == []


def head_of(head: bytes) -> dict[str, str]:
    lines = head.decode("latin-1").split("\r\n")[1:]
    return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}


@pytest.fixture(scope="module")
def answer(hurting: Hurting) -> bytes:
    return post(hurting)[2]


@pytest.mark.parametrize("kind", STATUS_KINDS)
def test_status_comes_with_its_body(hurting: Hurting, kind: str) -> None:
    status, headers, body = post(hurting, kind)

    assert status == int(kind[:3])
    assert body
    assert headers["x-request-id"]


def test_connection_is_kept_after_a_status(hurting: Hurting, answer: bytes) -> None:
    said = exchange(hurting.url, a_request("503") + a_request("", "Connection: close"))

    assert said.startswith(b"HTTP/1.1 503 ")
    assert said.count(b"HTTP/1.1 200 OK") == 1
    assert answer in said


def test_reset_resets_the_connection(hurting: Hurting) -> None:
    with pytest.raises(ConnectionResetError):
        exchange(hurting.url, a_request("reset"))


def test_empty_reply_is_the_end_without_a_byte(hurting: Hurting) -> None:
    assert exchange(hurting.url, a_request("empty")) == b""


def test_truncated_body_is_the_first_half_under_the_length_of_the_whole(
    hurting: Hurting, answer: bytes
) -> None:
    head, body = ask(hurting.url, "truncated")

    assert head_of(head)["content-length"] == str(len(answer))
    assert body == answer[: len(body)]
    assert len(body) == len(answer) // 2


def test_truncated_body_with_a_true_length_is_whole_http(hurting: Hurting, answer: bytes) -> None:
    status, _, body = post(hurting, "truncated; length=true")

    assert status == 200
    assert body == answer[: len(answer) // 2]
    with pytest.raises(json.JSONDecodeError):
        json.loads(body)


def test_garbage_follows_a_head_that_promises_chunks(hurting: Hurting) -> None:
    head, body = ask(hurting.url, "garbage")

    assert head_of(head)["transfer-encoding"] == "chunked"
    assert "content-length" not in head_of(head)
    assert body == GARBAGE


def test_dribble_is_the_answer_in_pieces_over_the_session_s_time(
    hurting: Hurting, answer: bytes
) -> None:
    before = hurting.clock.now

    head, body = ask(hurting.url, "dribble; seconds=30")

    assert head.startswith(b"HTTP/1.1 200 OK")
    assert body.count(b"\r\n") == 2 * 16 + 2
    assert hurting.clock.now - before == pytest.approx(30)
    assert post(hurting, "dribble; seconds=30")[2] == answer


def test_wrong_length_promises_more_than_comes(hurting: Hurting, answer: bytes) -> None:
    head, body = ask(hurting.url, "wrong-length")

    assert body == answer
    assert int(head_of(head)["content-length"]) > len(answer)


def test_wrong_length_promises_less_than_comes(hurting: Hurting, answer: bytes) -> None:
    head, body = ask(hurting.url, "wrong-length; length=shorter")

    assert body == answer
    assert int(head_of(head)["content-length"]) == len(answer) // 2


def test_connection_with_a_surplus_is_not_used_again(hurting: Hurting) -> None:
    said = exchange(hurting.url, a_request("wrong-length; length=shorter") + a_request())

    assert said.count(b"HTTP/1.1 ") == 1
    assert b"\r\nconnection: close\r\n" in said


def test_wrong_type_is_that_of_a_page(hurting: Hurting, answer: bytes) -> None:
    status, headers, body = post(hurting, "wrong-type")

    assert (status, headers["content-type"], body) == (200, "text/html", answer)


def test_gzip_comes_unasked(hurting: Hurting, answer: bytes) -> None:
    status, headers, body = post(hurting, "gzip")

    assert (status, headers["content-encoding"]) == (200, "gzip")
    assert gzip.decompress(body) == answer


def test_ok_error_is_a_200_with_an_error(hurting: Hurting) -> None:
    status, headers, body = post(hurting, "ok-error; error_form=list")

    assert (status, headers["content-type"]) == (200, "application/json")
    assert isinstance(json.loads(body)["error"], list)


@pytest.mark.parametrize("path", [PATH, PATH + "?a=b", "/", "/models/gpt%2F2", "/s/me" + PATH])
def test_redirect_leads_back_to_the_same_address(hurting: Hurting, path: str) -> None:
    status, headers, _ = post(hurting, "redirect", path)

    there = httpx.URL(hurting.url + path).join(headers["location"])
    assert status == 307
    assert str(there) == hurting.url + path


def test_redirect_leads_where_it_is_told(hurting: Hurting) -> None:
    _, headers, _ = post(hurting, 'redirect; location="http://127.0.0.1:1/a?b=c"')

    assert headers["location"] == "http://127.0.0.1:1/a?b=c"


def test_latency_holds_the_answer_on_the_session_s_clock(hurting: Hurting, answer: bytes) -> None:
    before = hurting.clock.now

    status, _, body = post(hurting, "latency; seconds=20, latency; seconds=5")

    assert (status, body) == (200, answer)
    assert hurting.clock.now - before == pytest.approx(25)


def test_latency_goes_along_with_a_status(hurting: Hurting) -> None:
    before = hurting.clock.now

    status, _, _ = post(hurting, "429, latency; seconds=3")

    assert status == 429
    assert hurting.clock.now - before == pytest.approx(3)


def test_first_of_several_in_the_header_wins(hurting: Hurting) -> None:
    assert post(hurting, "429, 503")[0] == 429


def test_evolved_answer_spells_its_headers_in_other_letters(hurting: Hurting) -> None:
    head, body = ask(hurting.url, "evolve; evolve=header-case")

    assert b"CONTENT-TYPE: application/json" in head
    assert b"X-Compute-Time: " in head
    assert head_of(head)["x-request-id"]
    assert b"entity_group" in body


def test_letters_of_headers_are_the_next_request_s_own(hurting: Hurting, answer: bytes) -> None:
    evolved = a_request("evolve; evolve=header-case")

    said = exchange(hurting.url, evolved + a_request("", "Connection: close"))

    assert said.count(b"CONTENT-TYPE") == 1
    assert said.count(b"content-type") == 1
    assert said.count(answer) == 2


def test_evolved_answer_can_be_hurt_as_well(hurting: Hurting) -> None:
    head, body = ask(hurting.url, "evolve, truncated")

    assert b"CONTENT-TYPE" in head
    assert head_of(head)["x-served-by"] == "node-7"
    assert int(head_of(head)["content-length"]) > len(body)


def test_evolved_refusal_has_more_headers_and_the_same_body(hurting: Hurting) -> None:
    status, headers, body = post(hurting, "evolve, 429")

    assert (status, headers["x-served-by"]) == (429, "node-7")
    assert body == post(hurting, "429")[2]


@pytest.mark.parametrize("kind", DAMAGES)
def test_old_clients_get_the_same_damage(hurting: Hurting, kind: str) -> None:
    with contextlib.suppress(ConnectionResetError):
        said = exchange(hurting.url, a_request(kind, version="1.0"))
        assert said.startswith(b"HTTP/1.1 ") or kind == "empty"

    assert post(hurting)[0] == 200


@pytest.mark.parametrize("kind", DAMAGES)
def test_requests_behind_a_hurt_one_never_hang(hurting: Hurting, kind: str) -> None:
    sent = a_request(kind) + a_request() + a_request("", "Connection: close")

    with contextlib.suppress(ConnectionResetError):
        assert exchange(hurting.url, sent).count(b"HTTP/1.1 ") <= 3

    assert post(hurting)[0] == 200


@pytest.mark.parametrize("kind", DAMAGES)
def test_damage_comes_on_a_connection_that_was_used_before(hurting: Hurting, kind: str) -> None:
    sent = a_request() + a_request(kind, "Connection: close")

    with contextlib.suppress(ConnectionResetError):
        assert exchange(hurting.url, sent).startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize("new_loop", [None, asyncio.new_event_loop], ids=["uvloop", "asyncio"])
@pytest.mark.parametrize("fault", ["latency; seconds=3600", "dribble; seconds=3600"])
@pytest.mark.parametrize("behind", [b"", a_request()], ids=["alone", "with one behind"])
def test_client_that_leaves_frees_everything(fault: str, behind: bytes, new_loop: Any) -> None:
    # What it left behind would be cancelled when the server ends, and logged.
    with hurting_server(clock="real", new_loop=new_loop) as server:
        address = urlsplit(server.url)
        port = address.port or 0
        with socket.create_connection(("127.0.0.1", port), timeout=WITHIN) as wire:
            wire.sendall(a_request(fault) + behind)
            # A second connection is answered after the first one has been read.
            assert post(server)[0] == 200

        assert post(server)[0] == 200


def test_server_that_ends_breaks_a_dribble_off(caplog: pytest.LogCaptureFixture) -> None:
    with hurting_server(clock="real") as server:
        connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=WITHIN)
        connection.request("POST", PATH, BODY, {FAULT_HEADER: "dribble; seconds=3600"})
        response = connection.getresponse()
        assert response.read(3) == b'[{"'
    with contextlib.closing(connection), pytest.raises(http.client.IncompleteRead):
        response.read()
    # So far uvicorn's own words, as for each call that outlasts the server; nothing of ours.
    (record,) = caplog.records
    assert record.getMessage().startswith("Cancel 1 running task")
    caplog.clear()


# In this process there is no wire; what is nearest happens.


def ask_inside(fault: str) -> httpx.Response:
    async def call() -> httpx.Response:
        transport = httpx.ASGITransport(hurting_app())
        async with httpx.AsyncClient(transport=transport, base_url="http://inside") as client:
            return await client.post(PATH, json={"inputs": TEXT}, headers={FAULT_HEADER: fault})

    return asyncio.run(call())


def ask_test_client(fault: str) -> httpx.Response:
    client = TestClient(hurting_app())
    response: Any = client.post(PATH, json={"inputs": TEXT}, headers={FAULT_HEADER: fault})
    return response  # type: ignore[no-any-return]


inside = pytest.mark.parametrize("ask_in_process", [ask_inside, ask_test_client])


@inside
@pytest.mark.parametrize("fault", ["reset", "empty", "truncated", "wrong-length"])
def test_broken_connection_is_raised_in_process(ask_in_process: Any, fault: str) -> None:
    with pytest.raises(BrokenConnection) as caught:
        ask_in_process(fault)

    assert isinstance(caught.value, ConnectionResetError)


@inside
@pytest.mark.parametrize("fault", ["truncated; length=true", "garbage"])
def test_broken_body_comes_as_it_is_in_process(ask_in_process: Any, fault: str) -> None:
    response = ask_in_process(fault)

    assert response.status_code == 200
    with pytest.raises(ValueError, match=r"Unterminated|codec|Expecting|delimiter"):
        response.json()


@inside
@pytest.mark.parametrize(
    "fault",
    [
        "dribble",
        "gzip",
        "evolve",
        "wrong-type",
        "latency; seconds=9",
        "wrong-length; length=shorter",
    ],
)
def test_sound_body_comes_whole_in_process(ask_in_process: Any, fault: str) -> None:
    response = ask_in_process(fault)

    assert [entity["word"] for entity in response.json()] == ["Sarah Jessica Parker", "Jessica"]


@inside
@pytest.mark.parametrize(("fault", "status"), [("429", 429), ("503-html", 503), ("ok-error", 200)])
def test_status_comes_in_process(ask_in_process: Any, fault: str, status: int) -> None:
    assert ask_in_process(fault).status_code == status


# The values, without a server.


def a_call(**given: Any) -> HurtCall:
    scope = {"type": "http", "path": PATH, "headers": []}
    fields: dict[str, Any] = {"clock": ManualClock(), "profile": find_profile("classic"), **given}
    return HurtCall(request=Request(scope), model_id="acme/ner", **fields)


@pytest.mark.parametrize("kind", [*STATUS_KINDS, "reset", "empty", "ok-error", "redirect"])
def test_what_replaces_the_answer_needs_none(kind: Any) -> None:
    faults = [Fault(kind="latency"), Fault(kind=kind)]

    assert replaces_answer(faults)
    assert damage(None, faults, a_call()) == damage(Reply(200, (), b"[]"), faults, a_call())


@pytest.mark.parametrize("kind", ["truncated", "garbage", "gzip", "dribble", "latency", "evolve"])
def test_what_changes_the_answer_needs_one(kind: Any) -> None:
    assert not replaces_answer([Fault(kind=kind)])
    with pytest.raises(BadFault, match="must be given"):
        damage(None, [Fault(kind=kind)], a_call())


def test_no_fault_changes_nothing() -> None:
    reply = Reply(200, (), b"[]")

    assert damage(reply, [], a_call()) is reply


def test_violation_is_left_to_who_knows_the_whole_call() -> None:
    reply = Reply(200, (), b"[]")

    assert damage(reply, [Fault(kind="violate", clause="span.half-open")], a_call()) is reply


@pytest.mark.parametrize("kind", ["reset", "empty"])
def test_reply_that_is_never_sent_has_status_0(kind: Any) -> None:
    reply = damage(None, [Fault(kind=kind)], a_call())

    assert isinstance(reply, WireReply)
    assert (reply.status, reply.headers, reply.body) == (0, (), b"")


@pytest.mark.parametrize("body", [b"[]", b"[[]]", b'[{"word":"\xc3\xab"}]'])
def test_truncated_body_is_never_json(body: bytes) -> None:
    reply = damage(Reply(200, (), body), [Fault(kind="truncated")], a_call())

    with pytest.raises(ValueError, match=r"Expecting|codec|Unterminated|Expecting"):
        json.loads(reply.body)
