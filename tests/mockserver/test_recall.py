"""What came before byte for byte is answered the short way, and nobody can tell."""

import asyncio
import gc
import re
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any
from weakref import ref

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.wired import MODEL, Wired, get, post

from nertwin.mockserver import Settings
from nertwin.mockserver.authoring import Rule
from nertwin.mockserver.faults import Fault
from nertwin.mockserver.life import Life
from nertwin.mockserver.protocol import Protocol
from nertwin.mockserver.quota import QuotaPlan
from nertwin.mockserver.recall import LONGEST, Recall
from nertwin.mockserver.session import Session

FRESH = "x-use-cache: false"
KEY = "authorization: Bearer hf_0123456789abcdefghijklmnopqrstuvwx"
REQUESTS = (
    post(),
    post("Ada Lovelace lives in London", FRESH),
    post("Ada Lovelace lives in London", KEY),
    post(payload={"inputs": "Ada in Paris", "wait_for_model": True}),
    post("Ada in Rome", "origin: https://example.org", KEY),
    post("Ada in Rome", path=f"/s/other/models/{MODEL}"),
    post("Ada in Rome", "x-nertwin-session: other", FRESH),
    post("Ada in Rome", "x-nertwin-fault: 503"),
    post("Ada in Rome", "connection: close"),
    post("Ada in Rome", "expect: 100-continue"),
    post("Ada in Rome", path="/models/unknown/model"),
    post(["Ada", "Grace Hopper in New York"], "x-amzn-trace-id: Root=1-2-3"),
    post("hf_0123456789abcdefghijklmnopqrstuvwx is no name"),
    post(payload={"inputs": 1}),
    post(path="/hf-inference/models/" + MODEL),
    get(f"/api/models/{MODEL}"),
    get(f"/api/models/{MODEL}?expand=pipeline_tag"),
    get("/api/models"),
    get("/api/tasks"),
    get(f"/models/{MODEL}"),
    get(f"/status/{MODEL}"),
    get(f"/api/models/{MODEL}", method="HEAD"),
    get("/nowhere"),
)
CHANGES: tuple[Callable[[Wired], object], ...] = (
    lambda wired: wired.session().rules.add(Rule(say="[Ada](LOC) in Rome")),
    lambda wired: wired.session().rules.reset(),
    lambda wired: wired.session().cache.clear(),
    lambda wired: wired.session().set_life(MODEL, Life(starts="cold", after_calls=2)),
    lambda wired: wired.session().forget_models(),
    lambda wired: wired.session().faults.add(Fault(kind="429", times=2)),
    lambda wired: wired.session().faults.add(Fault(kind="violate", clause="shape.group-fields")),
    lambda wired: wired.session().faults.set_script(("latency; seconds=2", "200", "evolve")),
    lambda wired: wired.session().faults.clear(),
    lambda wired: wired.session().change(Settings(clock="frozen", auth="required")),
    lambda wired: wired.session().change(Settings(clock="frozen", violate=("shape.group-fields",))),
    lambda wired: wired.session().change(Settings(clock="frozen", profile="router")),
    lambda wired: wired.session().change(Settings(clock="frozen", cache_ttl=30)),
    lambda wired: wired.session().clock.advance(20),
    lambda wired: wired.session().journal.clear(),
    lambda wired: wired.app.sessions.remove("default"),
)


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


async def ask_twice_and_again(wired: Wired, request: bytes) -> tuple[bytes, bytes, bytes]:
    return await wired.ask(request), await wired.ask(request), await wired.ask(request)


@given(
    st.lists(
        st.one_of(
            st.sampled_from(REQUESTS[:8]),
            st.sampled_from(REQUESTS),
            st.sampled_from(REQUESTS),
            st.sampled_from(CHANGES),
        ),
        min_size=4,
        max_size=40,
    )
)
@settings(max_examples=150)
def test_short_way_answers_and_leaves_behind_what_the_long_one_does(
    deeds: list[bytes | Callable[[Wired], object]],
) -> None:
    async def live(*, recalls: bool) -> tuple[list[bytes], dict[str, Any], dict[str, Any]]:
        wired = Wired(recalls=recalls)
        written = []
        for deed in deeds:
            if isinstance(deed, bytes):
                written.append(await wired.ask(deed))
            else:
                deed(wired)
        return written, wired.left_behind(), wired.left_behind("other")

    assert run(live(recalls=True)) == run(live(recalls=False))


NAMING = (
    post("Ada", "x-nertwin-session: one"),
    post("Ada", "x-nertwin-session: two"),
    post(path=f"/s/one/models/{MODEL}"),
    post(path=f"/s/two/models/{MODEL}"),
    post(path=f"/s/one/models/{MODEL}", payload={"inputs": "Ada", "options": {"use_cache": False}}),
    post(path=f"/s/two/models/{MODEL}", payload={"inputs": "Ada", "options": {"use_cache": False}}),
    post("Ada", "x-nertwin-session: two", path=f"/s/one/models/{MODEL}"),
    post("Ada", "x-nertwin-session: two", path=f"/s/two/models/{MODEL}"),
    post(path=f"/s//models/{MODEL}"),
    post(path=f"/s/../models/{MODEL}"),
    post(path=f"/s/tw%6f/models/{MODEL}"),
    post("Ada", "X-Nertwin-Session: one", FRESH),
    post("Ada", "X-Nertwin-Session: two", FRESH),
    post("Ada", "X-Nertwin-Session:  two", FRESH),
    post("Ada", "X-NERTWIN-SESSION: one", "x-nertwin-session: two"),
    post("Ada", "x-nertwin-session: one", "x-nertwin-session: two"),
    post("Ada", "x-nertwin-session: .."),
    post("Ada", "y-nertwin-session: one"),
    post("x-nertwin-session: one\r\n", "accept: x-nertwin-session: one"),
    post("Ada", "y-nertwin-session: one", "X-NERTWIN-SESSION: two", FRESH),
    post("Ada", "y-nertwin-session: two", "X-NERTWIN-SESSION: two", FRESH),
    get(f"/s/one/api/models/{MODEL}"),
    get(f"/s/two/api/models/{MODEL}"),
    get(f"/api/models/{MODEL}", "x-nertwin-session: one"),
    get(f"/api/models/{MODEL}", "x-nertwin-session: two"),
)
DEEDS: tuple[Callable[[Session], object], ...] = (
    lambda session: session.rules.add(Rule(say="[Ada](LOC) in Rome")),
    lambda session: session.cache.clear(),
    lambda session: session.set_life(MODEL, Life(starts="cold", after_calls=1)),
    lambda session: session.forget_models(),
    lambda session: session.faults.add(Fault(kind="429", times=1)),
    lambda session: session.faults.clear(),
    lambda session: session.change(Settings(clock="frozen", cache_ttl=30)),
    lambda session: session.change(Settings(clock="frozen", profile="router")),
    lambda session: session.clock.advance(20),
)


@given(
    st.lists(
        st.one_of(
            st.tuples(st.sampled_from(NAMING[:4]), st.sampled_from((0, 30, 150))),
            st.tuples(st.sampled_from(NAMING[:8]), st.sampled_from((0, 30, 150))),
            st.tuples(st.sampled_from(NAMING), st.sampled_from((0, 0, 20, 100, -3))),
            st.tuples(st.sampled_from(DEEDS), st.sampled_from(("one", "two"))),
            st.sampled_from(("one", "two")),
        ),
        min_size=4,
        max_size=40,
    )
)
@settings(max_examples=250)
def test_sessions_that_share_what_is_remembered_are_as_if_they_were_alone(
    deeds: list[str | tuple[Any, Any]],
) -> None:
    async def live(*, recalls: bool) -> tuple[list[bytes], dict[str, Any], dict[str, Any]]:
        wired = Wired(recalls=recalls)
        written = []
        for deed in deeds:
            if isinstance(deed, str):
                wired.app.sessions.remove(deed)
            elif isinstance(deed[0], bytes):
                request, cut = deed
                pieces = (request[:cut], request[cut:]) if cut else (request,)
                written.append(await wired.ask(*pieces))
            else:
                deed[0](wired.session(deed[1]))
        return written, wired.left_behind("one"), wired.left_behind("two")

    assert run(live(recalls=True)) == run(live(recalls=False))


@given(st.permutations(REQUESTS))
@settings(max_examples=20)
def test_requests_in_any_pieces_are_answered_as_those_in_one(requests: list[bytes]) -> None:
    async def live(cut: Callable[[bytes], tuple[bytes, ...]]) -> list[bytes]:
        wired = Wired()
        return [await wired.ask(*cut(each)) for each in requests * 3]

    whole = run(live(lambda request: (request,)))

    assert run(live(lambda request: (request[:30], request[30:]))) == whole


async def pass_turns(count: int) -> None:
    """Let all that can go on do so, that many times."""
    for _ in range(count):
        await asyncio.sleep(0)


def known_after(*requests: bytes, given: Settings | None = None) -> int:
    """How many requests are remembered once each has come three times."""

    async def live() -> int:
        wired = Wired(given)
        for request in requests * 3:
            await wired.ask(request)
        return len(wired.recall or ())

    count: int = run(live())
    return count


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(post(), id="cached"),
        pytest.param(post("Ada", FRESH), id="computed"),
        pytest.param(post("Ada", KEY), id="with a token"),
        pytest.param(get(f"/api/models/{MODEL}"), id="look-up"),
    ],
)
def test_request_that_comes_again_is_remembered(request_: bytes) -> None:
    assert known_after(request_) == 1


def test_third_request_of_equal_bytes_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    async def live() -> bytes:
        wired = Wired()
        await ask_twice_and_again(wired, post())
        monkeypatch.setattr(Protocol, "on_message_begin", lambda _: pytest.fail("it is parsed"))
        return await wired.ask(post())

    assert run(live()).startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(post("Ada", "x-nertwin-fault: 503"), id="asks for a fault"),
        pytest.param(post("Ada", "x-nertwin-fault: latency;seconds=0"), id="asks for another"),
        pytest.param(post("Ada", "connection: close"), id="closes"),
        pytest.param(post("Ada", "expect: 100-Continue"), id="waits for a 100"),
        pytest.param(post("Ada", version="1.0"), id="HTTP/1.0"),
        pytest.param(post(path="/models/a/b"), id="unknown model"),
        pytest.param(post(payload={"inputs": 1}), id="refused"),
        pytest.param(post("hf_0123456789abcdefghijklmnopqrstuvwx"), id="holds a token"),
        pytest.param(get(f"/status/{MODEL}"), id="tells of the model's state"),
        pytest.param(get(f"/api/models/{MODEL}", method="HEAD"), id="HEAD"),
        pytest.param(get("/_nertwin/sessions"), id="control API"),
        pytest.param(post("a" * LONGEST), id="too long"),
    ],
)
def test_request_whose_answer_may_differ_is_not_remembered(request_: bytes) -> None:
    assert known_after(request_) == 0


@pytest.mark.parametrize(
    "given",
    [{"auth": "required"}, {"quota": QuotaPlan(calls=5)}, {"violate": ("shape.group-fields",)}],
)
def test_nothing_is_remembered_where_calls_are_counted_let_in_or_broken(
    given: dict[str, Any],
) -> None:
    assert known_after(post("Ada", KEY), given=Settings(clock="frozen", **given)) == 0


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Fault(kind="violate", clause="shape.group-fields"), id="breaks it"),
        pytest.param(Fault(kind="latency", seconds=2), id="holds it"),
        pytest.param(Fault(kind="evolve"), id="adds to it"),
    ],
)
def test_answer_hurt_by_a_fault_of_the_session_is_not_given_once_the_fault_is_gone(
    fault: Fault,
) -> None:
    async def live(*, recalls: bool) -> tuple[bytes, dict[str, Any]]:
        wired = Wired(recalls=recalls)
        await wired.ask(post())
        wired.session().faults.add(fault)
        await wired.ask(post())
        wired.session().faults.clear()
        return await wired.ask(post()), wired.left_behind()

    assert run(live(recalls=True)) == run(live(recalls=False))


@pytest.mark.parametrize(
    "deed",
    [
        pytest.param(lambda session: session.rules.add(Rule(say="[Ada](LOC)")), id="rules"),
        pytest.param(
            lambda session: session.change(replace(session.settings, profile="router")),
            id="settings",
        ),
    ],
)
def test_answer_that_waited_while_its_session_changed_is_not_given_again(
    deed: Callable[[Session], object],
) -> None:
    waiting = post("Ada", FRESH, "x-wait-for-model: true")

    async def live(*, recalls: bool) -> bytes:
        wired = Wired(Settings(clock="real"), recalls=recalls)
        session = wired.session()
        await wired.ask(waiting)
        session.set_life(MODEL, Life(starts="cold", after_seconds=1000))
        wired.protocol.data_received(waiting)
        await pass_turns(20)
        deed(session)
        session.states()[MODEL].warm()
        session.bell.ring()
        await pass_turns(20)
        return await wired.ask(waiting)

    assert run(live(recalls=True)) == run(live(recalls=False))


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda name: post(path=f"/s/{name}/models/{MODEL}"), id="path"),
        pytest.param(lambda name: post("Ada", f"X-nertwin-session: {name}"), id="header"),
    ],
)
def test_first_request_of_a_session_is_not_parsed_if_others_have_asked_the_same(
    ask: Callable[[str], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def live() -> tuple[bytes, bytes, int]:
        wired = Wired()
        await wired.ask(ask("one"))
        first = await wired.ask(ask("two"))
        monkeypatch.setattr(Protocol, "on_message_begin", lambda _: pytest.fail("it is parsed"))
        third = await wired.ask(ask("three"))
        return first, third, len(wired.session("three").cache)

    first, third, cached = run(live())

    ids = re.compile(rb"x-request-id: .*\r\n")
    assert ids.sub(b"", third) == ids.sub(b"", first)
    assert ids.findall(third) != ids.findall(first)
    assert cached == 1


LIKE_A_HEADER = b"x-nertwin-session: %b\r\n"
LOOK_UP = b"GET /api/models/%b HTTP/1.1\r\nX-NERTWIN-SESSION: two\r\n" % MODEL.encode()


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(
            lambda name: get(
                f"/api/models/{MODEL}", f"y-nertwin-session: {name}", "X-NERTWIN-SESSION: two"
            ),
            id="another header",
        ),
        pytest.param(
            lambda name: get(
                f"/api/models/{MODEL}",
                f"accept: x-nertwin-session: {name}",
                "X-NERTWIN-SESSION: two",
            ),
            id="value of another",
        ),
        pytest.param(
            lambda name: (
                LOOK_UP + b"content-length: 26\r\n\r\n\r\n" + LIKE_A_HEADER % name.encode()
            ),
            id="body",
        ),
        pytest.param(
            lambda name: (
                LOOK_UP
                + b"transfer-encoding: chunked\r\n\r\n0\r\n"
                + LIKE_A_HEADER % name.encode()
                + b"\r\n"
            ),
            id="trailer",
        ),
    ],
)
def test_what_only_looks_like_the_sessions_header_names_no_session(
    ask: Callable[[str], bytes],
) -> None:
    async def live(*, recalls: bool) -> tuple[list[bytes], list[int]]:
        wired = Wired(recalls=recalls)
        answers = [await wired.ask(ask(name)) for name in ("one", "one", "one", "six")]
        return answers, [wired.session(name).requests for name in ("one", "two", "six")]

    answers, counts = run(live(recalls=True))

    assert counts == [0, 4, 0]
    assert (answers, counts) == run(live(recalls=False))


def test_request_that_comes_in_head_and_body_is_not_parsed_if_it_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    head, blank, body = post().partition(b"\r\n\r\n")

    async def live() -> bytes:
        wired = Wired()
        for _ in range(3):
            await wired.ask(head + blank, body)
        monkeypatch.setattr(Protocol, "on_message_begin", lambda _: pytest.fail("it is parsed"))
        return await wired.ask(head + blank, body)

    assert run(live()).startswith(b"HTTP/1.1 200 OK\r\n")


def test_beginning_that_is_known_is_read_on_with_another_end() -> None:
    head, blank, body = post("Ada").partition(b"\r\n\r\n")

    async def live() -> tuple[bytes, bytes]:
        wired = Wired()
        for _ in range(3):
            await wired.ask(head + blank, body)
        other = body.replace(b"Ada", b"Bob")
        return await wired.ask(head + blank, other[:4], other[4:]), await wired.ask(head + blank)

    answer, unanswered = run(live())

    assert b'"word":"Bob"' in answer
    assert unanswered == b""


def test_offer_of_http2_behind_what_was_held_is_ignored_as_ever() -> None:
    head, blank, body = post("Ada").partition(b"\r\n\r\n")
    offer = post("Bob", "connection: Upgrade, HTTP2-Settings", "upgrade: h2c")

    async def live(*, recalls: bool) -> bytes:
        wired = Wired(recalls=recalls)
        for _ in range(3):
            await wired.ask(head + blank, body)
        before = len(wired.sink.data)
        wired.protocol.data_received(head + blank)
        await pass_turns(3)
        wired.protocol.data_received(body + offer)
        await pass_turns(50)
        return wired.sink.data[before:]

    answers = run(live(recalls=True))

    assert answers.count(b"HTTP/1.1 200 OK\r\n") == 2
    assert answers == run(live(recalls=False))


def test_beginning_is_not_held_where_another_profile_refuses_it_at_once() -> None:
    head, blank, body = post(path=f"/s/one/models/{MODEL}").partition(b"\r\n\r\n")

    async def live(*, recalls: bool) -> bytes:
        wired = Wired(recalls=recalls)
        for _ in range(3):
            await wired.ask(head + blank, body)
        session = wired.session("two")
        session.change(replace(session.settings, profile="router"))
        return await wired.ask((head + blank).replace(b"/s/one/", b"/s/two/"))

    answer = run(live(recalls=True))

    assert answer.startswith(b"HTTP/1.1 404 ")
    assert answer == run(live(recalls=False))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda session: session.faults.add(Fault(kind="429")), id="fault"),
        pytest.param(
            lambda session: session.change(
                replace(session.settings, violate=("shape.group-fields",))
            ),
            id="violation",
        ),
    ],
)
def test_beginning_is_not_held_where_calls_are_hurt(change: Callable[[Session], object]) -> None:
    head, blank, body = post().partition(b"\r\n\r\n")

    async def live() -> int:
        wired = Wired()
        for _ in range(3):
            await wired.ask(head + blank, body)
        change(wired.session())
        wired.protocol.data_received(head + blank)
        await pass_turns(3)
        return wired.session().in_flight

    assert run(live()) == 1


def test_beginning_is_held_by_a_session_of_its_own_settings() -> None:
    head, blank, body = post(path=f"/s/one/models/{MODEL}").partition(b"\r\n\r\n")

    async def live() -> int:
        wired = Wired()
        for _ in range(3):
            await wired.ask(head + blank, body)
        session = wired.session("two")
        session.change(replace(session.settings, hints=True))
        await wired.ask((head + blank).replace(b"/s/one/", b"/s/two/"))
        return session.in_flight

    assert run(live()) == 0


def test_server_that_ends_while_it_holds_a_beginning_answers_the_request() -> None:
    head, blank, body = post("Ada").partition(b"\r\n\r\n")

    async def live() -> tuple[bytes, bool]:
        wired = Wired()
        for _ in range(3):
            await wired.ask(head + blank, body)
        before = len(wired.sink.data)
        wired.protocol.data_received(head + blank)
        await pass_turns(3)
        wired.protocol.shutdown()
        wired.protocol.data_received(body)
        await pass_turns(20)
        return wired.sink.data[before:], wired.sink.closed

    answer, is_closed = run(live())

    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert is_closed


def test_beginnings_count_as_held() -> None:
    request = post("Ada " * 100)

    async def live() -> tuple[int, int]:
        wired = Wired()
        await ask_twice_and_again(wired, request)
        assert wired.recall is not None
        before = wired.recall.bytes_held
        for cut in range(len(request) - 200, len(request)):
            await wired.ask(request[:cut], request[cut:])
        return before, wired.recall.bytes_held

    before, after = run(live())

    assert after > before + 200 * 100


def test_beginning_is_journalled_where_its_client_leaves() -> None:
    head, blank, body = post("Ada").partition(b"\r\n\r\n")

    async def live(*, recalls: bool) -> dict[str, Any]:
        wired = Wired(recalls=recalls)
        for _ in range(3):
            await wired.ask(head + blank, body)
        wired.protocol.data_received(head + blank)
        await pass_turns(3)
        wired.protocol.connection_lost(None)
        await pass_turns(20)
        return wired.left_behind()

    with_recall = run(live(recalls=True))

    assert with_recall == run(live(recalls=False))
    assert with_recall["requests"] == 4


def test_one_request_takes_no_more_memory_for_being_asked_in_many_kinds_of_session() -> None:
    async def live() -> tuple[int, int]:
        wired = Wired()
        assert wired.recall is not None
        held = []
        kinds = [wired.session(f"own-{number}") for number in range(20)]
        for session in kinds:
            session.change(replace(session.settings, hints=True))
            await ask_twice_and_again(wired, post(path=f"/s/{session.id}/models/{MODEL}"))
            held.append(wired.recall.bytes_held)
        return held[5], held[-1]

    early, late = run(live())

    assert late == early


def test_request_that_comes_once_takes_no_memory() -> None:
    async def live() -> int:
        wired = Wired()
        for number in range(50):
            await wired.ask(post(f"Ada {number}", FRESH))
        return len(wired.recall or ())

    assert run(live()) == 0


def test_memory_is_bounded_in_bytes() -> None:
    async def live() -> tuple[int, int]:
        wired = Wired()
        assert wired.recall is not None
        wired.recall.max_bytes = 20_000
        most = 0
        for number in range(100):
            await ask_twice_and_again(wired, post(f"Ada {number}", FRESH))
            most = max(most, len(wired.recall))
        return most, wired.recall.bytes_held

    most, held = run(live())

    assert 2 <= most < 20
    assert held <= 20_000


def test_state_of_a_session_that_is_gone_is_not_held() -> None:
    async def live() -> tuple[int, object, object]:
        wired = Wired()
        session = wired.session()
        session.change(replace(session.settings, hints=True))
        session.rules.add(Rule(terms=("Ada",), label="LOC"))
        held = ref(session.endpoint), ref(session.rules.edition)
        await ask_twice_and_again(wired, get("/api/models"))
        wired.app.sessions.remove("default")
        wired.protocol.connection_lost(None)  # It holds the session of its last request, too.
        wired.connect()
        del session
        gc.collect()
        return len(wired.recall or ()), held[0](), held[1]()

    assert run(live()) == (1, None, None)


def test_answers_kept_by_sessions_count_as_held() -> None:
    async def live() -> tuple[int, int]:
        wired = Wired()
        assert wired.recall is not None
        length = 0
        for number in range(10):
            named = f"authorization: Bearer hf_nertwin_session-{number}"
            answers = await ask_twice_and_again(wired, post("Ada Lovelace " * 95, named))
            length += len(answers[2])
        return length, wired.recall.bytes_held

    length, held = run(live())

    assert held > length


def test_what_clients_do_wrong_counts_as_held() -> None:
    async def live(*headers: str) -> int:
        wired = Wired()
        await ask_twice_and_again(wired, post("Ada", *headers))
        assert wired.recall is not None
        return wired.recall.bytes_held

    assert run(live(*["api-key: 1"] * 80)) > run(live(*["pragma: 1"] * 80)) + 80 * 256


def test_no_token_is_held() -> None:
    async def live() -> Recall | None:
        wired = Wired()
        await ask_twice_and_again(wired, post("Ada", KEY))
        return wired.recall

    recall = run(live())

    assert len(recall) == 1
    assert "hf_0123456789" not in repr(vars(recall))


def test_what_answers_repeat_of_their_requests_counts_as_held() -> None:
    async def live(header: str) -> int:
        wired = Wired()
        await ask_twice_and_again(wired, post("Ada", header))
        assert wired.recall is not None
        return wired.recall.bytes_held

    long = "o" * 1000

    assert run(live(f"origin: {long}")) >= run(live(f"pragma: {long}")) + 1000


@pytest.mark.parametrize(
    ("token", "name"),
    [
        pytest.param("my-secret-token", "my-secret-token", id="token of the request"),
        pytest.param("my-secret-token", "a.my-secret-token.b", id="token within"),
        pytest.param("hf_ada", "hf_0123456789abcdefghijklmnopqrstuvwx", id="like another"),
    ],
)
def test_token_that_names_a_session_is_masked_in_its_journal(token: str, name: str) -> None:
    def ask(name: str) -> bytes:
        headers = (f"authorization: Bearer {token}", f"x-nertwin-session: {name}")
        return get(f"/api/models/{MODEL}", *headers)

    async def live(*, recalls: bool) -> dict[str, Any]:
        wired = Wired(recalls=recalls)
        await ask_twice_and_again(wired, ask("one"))
        await wired.ask(ask(name))
        return wired.left_behind(name)

    left_behind = run(live(recalls=True))

    assert name not in str(left_behind)
    assert left_behind == run(live(recalls=False))


def test_answer_carries_the_date_of_its_own_time() -> None:
    async def live() -> bytes:
        wired = Wired()
        await ask_twice_and_again(wired, post())
        wired.state.default_headers = [(b"date", b"Tue, 24 Nov 2026 00:00:00 GMT")]
        return await wired.ask(post())

    assert b"\r\ndate: Tue, 24 Nov 2026 00:00:00 GMT\r\n" in run(live())


def test_connection_used_the_short_way_alone_is_closed_when_nothing_more_comes() -> None:
    async def live() -> tuple[bool, bool]:
        wired = Wired()
        await ask_twice_and_again(wired, post())
        wired.connect()
        wired.protocol.timeout_keep_alive = 0
        await wired.ask(post())
        before = wired.sink.closed
        wired.protocol.timeout_keep_alive_handler()
        return before, wired.sink.closed

    assert run(live()) == (False, True)


def test_connection_used_the_short_way_stays_open_while_requests_come() -> None:
    async def live() -> bool:
        wired = Wired()
        await ask_twice_and_again(wired, post())
        wired.protocol.timeout_keep_alive_handler()
        return wired.sink.closed

    assert run(live()) is False


def test_requests_in_one_piece_are_each_answered() -> None:
    async def live() -> tuple[bytes, int]:
        wired = Wired()
        await ask_twice_and_again(wired, post())
        one = await wired.ask(post())
        before = len(wired.sink.data)
        wired.protocol.data_received(post() * 3 + post()[:40])
        await asyncio.sleep(0.0)
        wired.protocol.data_received(post()[40:])
        for _ in range(200):
            await asyncio.sleep(0)
        return one, wired.sink.data[before:].count(b"HTTP/1.1 200 OK")

    one, count = run(live())

    assert one.count(b"HTTP/1.1 200 OK") == 1
    assert count == 4
