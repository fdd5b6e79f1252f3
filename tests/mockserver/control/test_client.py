"""The clients, both by the same tests: ``ask`` gives what a property or a coroutine gives."""

import asyncio
import inspect
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest

from nertwin.mockserver import (
    AsyncControl,
    Control,
    ControlError,
    Fault,
    Life,
    Rule,
    RunningServer,
    Settings,
    Wanted,
    running_server,
)
from nertwin.mockserver.control import asyncclient, asyncparts, client, parts

MODEL = "dslim/bert-base-NER"
KINDS: Any = {"sync": Control, "async": AsyncControl}
FROZEN = {"clock": "frozen"}
#: What both have, by the name of the one for threads.
TWINS = [
    "Control",
    "ControlledSession",
    "ControlledClock",
    "ControlledFaults",
    "ControlledModels",
    "ControlledModel",
    "ControlledRules",
]


def ask(value: Any) -> Any:
    """The value, awaited if it is to be."""

    async def wait(value: Awaitable[Any]) -> Any:
        return await value

    return asyncio.run(wait(value)) if inspect.isawaitable(value) else value


@pytest.fixture(params=KINDS)
def control(request: pytest.FixtureRequest, server: RunningServer) -> Iterator[Any]:
    """A client, in both kinds."""
    control = KINDS[request.param](server.url)
    yield control
    ask(control.close())


@pytest.fixture
def session(control: Any) -> Any:
    """A fresh session on a frozen clock."""
    return ask(control.session(settings=FROZEN))


def classify(session: Any, inputs: str = "Ada", model: str = MODEL) -> int:
    url = f"{session.url}/models/{model}"
    return httpx.post(url, json={"inputs": inputs}, trust_env=False).status_code


def test_health_is_told(control: Any) -> None:
    assert ask(control.health())["status"] == "ok"


def test_fresh_sessions_differ(control: Any) -> None:
    assert ask(control.session()).id != ask(control.session()).id


def test_session_of_an_id_is_made_once(control: Any) -> None:
    one, other = (ask(control.session("client-once")) for _ in range(2))
    ask(one.change(**FROZEN))

    assert ask(other.settings)["clock"] == "frozen"
    assert "client-once" in ask(control.sessions())


def test_default_session_needs_no_making(control: Any) -> None:
    assert ask(ask(control.session("default")).settings)["clock"] == "real"


def test_session_that_is_there_takes_no_first_settings(control: Any, session: Any) -> None:
    with pytest.raises(ControlError, match="there is a session") as caught:
        ask(control.session(session.id, settings=FROZEN))

    assert caught.value.status == 409


def test_url_leads_to_the_session(session: Any) -> None:
    classify(session)

    (exchange,) = ask(session.journal())
    assert exchange["model"] == MODEL


def test_settings_are_changed(session: Any) -> None:
    assert ask(session.change(cache=False, quota={"calls": 2}))["cache"] is False

    settings = ask(session.settings)
    assert settings["cache"] is False
    assert settings["quota"]["calls"] == 2


def test_clock_is_advanced(session: Any) -> None:
    assert ask(session.clock.kind) == "frozen"
    assert ask(session.clock.advance(20)) == 20
    assert ask(session.clock.now) == 20


def test_model_goes_through_its_life(session: Any) -> None:
    model = session.models[MODEL]

    assert ask(model.state) == "ready"
    assert ask(model.set_life(Life(after_calls=1))) == "ready"
    assert ask(model.evict()) == "cold"
    assert ask(model.load()) == "loading"
    assert [classify(session), classify(session)] == [503, 200]
    assert ask(model.evict()) == "cold"
    assert ask(model.warm()) == "ready"
    assert ask(session.models.states())[MODEL] == "ready"


def test_journal_is_searched(session: Any) -> None:
    classify(session, "Ada")
    classify(session, "Grüße")

    found = ask(session.journal(Wanted(text="Grüße", status=200), after=1, limit=5))

    assert [exchange["number"] for exchange in found] == [2]


def test_calls_are_verified(session: Any) -> None:
    classify(session, "Ada")
    classify(session, "Bo")

    assert ask(session.verify(Wanted(text="Ada"), count=1)).holds
    assert ask(session.verify(Wanted(text="Ada"))).holds
    assert ask(session.verify_order([Wanted(text="Ada"), Wanted(text="Bo")])).holds
    verdict = ask(session.verify(Wanted(text="Ada"), count=2))
    assert not verdict.holds
    assert "wanted 2 exchanges" in verdict.difference


def test_calls_are_awaited(session: Any) -> None:
    with ThreadPoolExecutor(1) as threads:
        calling = threads.submit(classify, session)
        verdict = ask(session.wait_for(Wanted(model=MODEL), timeout=30))

    assert calling.result() == 200
    assert verdict.holds


def test_parts_are_reset(session: Any) -> None:
    classify(session)

    assert ask(session.clear_cache(MODEL)) == 1
    assert ask(session.reset("journal", "cache")) == {"journal": 1, "cache": 0}
    assert set(ask(session.reset())) == {
        "journal",
        "findings",
        "models",
        "cache",
        "quota",
        "faults",
        "rules",
        "settings",
    }


def test_next_calls_fail(session: Any) -> None:
    ask(session.fail_next("429", times=2, retry_after=7))

    assert [classify(session) for _ in range(3)] == [429, 429, 200]
    (planned,) = ask(session.faults.all())
    assert planned["fault"] == {"kind": "429", "times": 2, "retry_after": 7}
    assert (planned["seen"], planned["hits"]) == (3, 2)


def test_mistaken_fault_is_told_in_the_servers_words(session: Any) -> None:
    with pytest.raises(ControlError, match="only 503, ok-error use it"):
        ask(session.fail_next("429", estimated_time=3))

    assert ask(session.faults.all()) == []


def test_faults_are_planned_and_taken_out(session: Any) -> None:
    planned = ask(session.faults.add(Fault(kind="500", model=MODEL)))
    profile = ask(session.faults.add_profile("flaky"))

    ask(session.faults.remove(planned))

    assert [each["id"] for each in ask(session.faults.all())] == profile
    assert ask(session.faults.clear()) == len(profile) > 1


def test_script_answers_step_by_step(session: Any) -> None:
    ask(session.script("503", "429; retry_after=2", "200", "500", model=MODEL))

    assert [classify(session), classify(session)] == [503, 429]
    assert ask(session.scripts()) == {MODEL: ["200", "500"]}
    ask(session.script(model=MODEL))
    assert ask(session.scripts()) == {}
    assert classify(session) == 200


@pytest.mark.parametrize("strategy", ["none", "simple", "first", "average", "max"])
def test_said_text_is_answered_as_promised(session: Any, strategy: str) -> None:
    said = ask(session.say("[Ada](PER:0.97) met 𝔸 in [Zz Łódź](LOC)"))

    body = {"inputs": said.text, "parameters": {"aggregation_strategy": strategy}}
    response = httpx.post(f"{session.url}/models/{MODEL}", json=body, trust_env=False)

    assert said.text == "Ada met 𝔸 in Zz Łódź"
    assert response.json() == said.answers[strategy] != []


def test_said_text_is_for_one_model_in_utf16(session: Any) -> None:
    said = ask(session.say("𝔸 [Ada](PER)", "flair/ner-english", utf16=True))

    assert said.answers["simple"][0]["start"] == 3
    (each,) = ask(session.rules.all())
    assert each["rule"] == {"say": "𝔸 [Ada](PER)", "model": "flair/ner-english"}


def test_rules_are_added_and_taken_out(session: Any) -> None:
    one = ask(session.rules.add(Rule(terms=("Zz", "Qq"), label="ORG")))
    other = ask(session.rules.add(Rule(regex="X+", label="O", priority=7)))

    ask(session.rules.remove(one))

    assert [each["id"] for each in ask(session.rules.all())] == [other]
    assert ask(session.rules.clear()) == 1


def test_call_is_explained_and_not_made(session: Any) -> None:
    ask(session.fail_next("503"))

    explained = ask(session.explain("Ada", MODEL, headers={"x-nertwin-fault": "429"}))
    plain = ask(session.explain(["Ada"], parameters={"stride": 1}, options={"use_cache": False}))

    assert (explained["gate"], explained["status"]) == ("fault", 429)
    assert plain["status"] == 503
    assert [each["text"] for each in plain["explanations"]] == ["Ada"]
    assert ask(session.journal()) == []
    assert classify(session) == 503


def test_findings_are_told(session: Any) -> None:
    url = f"{session.url}/models/{MODEL}"
    httpx.post(url, json={"inputs": "Ada", "wait_for_model": True}, trust_env=False)

    assert [each["place"] for each in ask(session.findings())] == ["$.wait_for_model"]


def test_quota_and_archive_are_told(session: Any) -> None:
    classify(session)

    assert ask(session.quota())["plan"] is None
    assert len(ask(session.har())["log"]["entries"]) == 1


def test_closed_session_is_gone(control: Any, session: Any) -> None:
    ask(session.close())

    assert session.id not in ask(control.sessions())
    with pytest.raises(ControlError, match="there is no session") as caught:
        ask(session.reset())
    assert caught.value.status == 404


def test_mistake_is_told_in_the_servers_words(session: Any) -> None:
    with pytest.raises(ControlError, match="Did you mean 'clock'") as caught:
        ask(session.change(clok="frozen"))

    assert caught.value.status == 400


def test_session_is_removed_at_the_end_of_its_block(server: RunningServer) -> None:
    with Control(server.url) as control:
        with control.session() as session:
            assert session.id in control.sessions()

        assert session.id not in control.sessions()


def test_session_is_removed_at_the_end_of_its_async_block(server: RunningServer) -> None:
    async def use() -> tuple[str, list[str]]:
        async with AsyncControl(server.url) as control:
            async with await control.session() as session:
                assert await session.clock.kind == "real"
            return session.id, await control.sessions()

    session_id, left = asyncio.run(use())

    assert session_id not in left


@pytest.mark.parametrize("name", TWINS)
def test_async_client_has_whatever_the_other_has(name: str) -> None:
    one = getattr(client, name, None) or getattr(parts, name)
    other = getattr(asyncclient, f"Async{name}", None) or getattr(asyncparts, f"Async{name}")

    assert public_of(one) == public_of(other)


def public_of(cls: type) -> dict[str, Any]:
    """The public members: the parameters of methods, and which are properties."""
    return {
        name: isinstance(member, property) or parameters_of(member)
        for name, member in vars(cls).items()
        if not name.startswith("_")
    }


def parameters_of(method: Callable[..., Any]) -> list[str]:
    return [str(each.replace(annotation=each.empty)) for each in signature_of(method)]


def signature_of(method: Callable[..., Any]) -> list[inspect.Parameter]:
    return list(inspect.signature(method).parameters.values())


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_there_is_told_with_the_address_and_the_remedy(kind: str) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"

    with pytest.raises(ControlError, match="nobody listens") as caught:
        ask(KINDS[kind](url).health())

    assert url in str(caught.value)
    assert "nertwin serve" in str(caught.value)
    assert caught.value.status == 0


@pytest.mark.parametrize(
    "url",
    [
        "",
        "127.0.0.1:8080",
        "https://127.0.0.1:1",
        "http://",
        "http://a/models/x",
        "http://a?b",
        "http://me@a",
        "http://a:x",
        "http://[::1",
    ],
)
def test_url_that_is_no_stand_ins_is_refused(url: str) -> None:
    with pytest.raises(ControlError, match="http://HOST:PORT"):
        Control(url)


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("http://stand-in", "http://stand-in:80"),
    ],
)
def test_url_is_kept_without_a_slash(url: str, plain: str) -> None:
    assert Control(url).url == plain
    assert AsyncControl(url).url == plain


def test_token_is_sent_and_never_shown() -> None:
    token = "canary-token"  # noqa: S105  # One of a test.
    with running_server(Settings(port=0, control_token=token)) as server:
        with Control(server.url, server.control_token) as control:
            assert control.sessions() == []
        with Control(server.url) as stranger, pytest.raises(ControlError) as caught:
            stranger.sessions()

    assert caught.value.status == 401
    assert token not in repr(control) + repr(vars(control)) + str(caught.value)


def test_no_proxy_of_the_environment_is_used(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")

    with Control(server.url) as control:
        assert control.health()["status"] == "ok"


def test_connections_that_a_test_replaces_are_not_used(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("http.client.HTTPConnection", None)  # As vcrpy does with its own.

    with Control(server.url) as control, control.session() as session:
        session.say("[Ada](PER) sleeps")
        assert session.journal() == []


@pytest.mark.parametrize("token", ["a\r\nx-evil: 1", "tökén"])
def test_token_that_no_header_can_have_is_refused(token: str) -> None:
    with pytest.raises(ControlError, match="can't be sent in a header") as caught:
        Control("http://127.0.0.1:1", token)

    assert token not in str(caught.value)


def test_connection_is_kept_and_each_thread_has_its_own(server: RunningServer) -> None:
    with Control(server.url) as control, ThreadPoolExecutor(8) as threads:
        sessions = list(threads.map(lambda _: control.session().id, range(80)))
        kept = len(control._wire._idle)

    assert len(set(sessions)) == 80
    assert 1 <= kept <= 8


def test_client_outlives_a_restart_of_its_server() -> None:
    with running_server(Settings(port=0)) as server:
        control = Control(server.url)
        control.health()
        port = int(server.url.rpartition(":")[2])

    with running_server(Settings(port=port)), closing(control):
        assert control.health()["status"] == "ok"


class _Other(BaseHTTPRequestHandler):
    """A server that is no nertwin."""

    def do_GET(self) -> None:
        answers = {
            "redirect": (302, b""),
            "page": (200, b"<html>"),
            "list": (200, b"[]"),
            "error": (500, b"{}"),
        }
        if self.server.answer not in answers:  # type: ignore[attr-defined]  # Set below.
            return  # Closes without a word.
        status, body = answers[self.server.answer]  # type: ignore[attr-defined]  # As above.
        self.send_response(status)
        self.send_header("location", "http://127.0.0.1:1/")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def other() -> Iterator[HTTPServer]:
    with HTTPServer(("127.0.0.1", 0), _Other) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        ("redirect", 302, "as no nertwin does"),
        ("page", 200, "as no nertwin does"),
        ("list", 200, "as no nertwin does"),
        ("error", 500, "as no nertwin does"),
        ("nothing", 0, "doesn't answer"),
    ],
)
def test_answer_of_another_server_is_told(other: Any, answer: str, status: int, words: str) -> None:
    other.answer = answer
    control = Control(f"http://127.0.0.1:{other.server_port}")

    with closing(control), pytest.raises(ControlError, match=words) as caught:
        control.health()

    assert caught.value.status == status
