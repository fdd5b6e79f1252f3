"""Sessions: found by header, path or token, apart from each other and bounded."""

import asyncio
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.journals import record

from nertwin.mockserver import ModelCard, Settings, create_app, running_server
from nertwin.mockserver.app import create_endpoint
from nertwin.mockserver.budget import Budget
from nertwin.mockserver.cache import CachedAnswer, CacheKey
from nertwin.mockserver.clock import ManualClock
from nertwin.mockserver.findings import Finding
from nertwin.mockserver.life import Life
from nertwin.mockserver.retries import RetryWatch
from nertwin.mockserver.session import Session
from nertwin.mockserver.sessions import BadSession, Sessions, check_session_id

MODEL = "acme/ner"
COLD = Life(starts="cold", after_calls=1)
ENDPOINT = create_endpoint(Settings(clock="frozen"))


def new_session(session_id: str, budget: Budget | None = None, first_note: str = "") -> Session:
    return Session(session_id, ENDPOINT, budget=budget, first_note=first_note)


@pytest.fixture
def cold() -> Iterator[httpx.Client]:
    """A client of a server whose model is cold for the first call of each session."""
    models = {MODEL: ModelCard(id=MODEL, life=COLD)}
    with (
        running_server(Settings(port=0, models=models)) as server,
        httpx.Client(base_url=server.url, trust_env=False) as client,
    ):
        yield client


def call(client: httpx.Client, path: str = f"/models/{MODEL}", **headers: str) -> int:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(path, json={"inputs": "Ada"}, headers=sent).status_code


def fill(session: Session, size: int) -> Session:
    answer = CachedAnswer(body=bytes(size), seconds=0.1)
    session.cache.keep(CacheKey(MODEL, b"%d" % size), answer)
    return session


def use(session: Session, text: str) -> None:
    session.state(MODEL, COLD)
    for _ in range(3):
        record(session.journal, text)
    fill(session, 200)


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        (f"/models/{MODEL}", {"x_nertwin_session": "a"}),
        (f"/s/a/models/{MODEL}", {}),
        (f"/models/{MODEL}", {"authorization": "Bearer hf_nertwin_a"}),
        (f"/models/{MODEL}", {"authorization": "bearer: hf_nertwin_a"}),
    ],
    ids=["header", "path", "token", "token with the stray colon"],
)
def test_session_is_found(cold: httpx.Client, path: str, headers: dict[str, str]) -> None:
    assert call(cold, path, **headers) == 503

    assert call(cold, f"/s/a/models/{MODEL}") == 200
    assert call(cold) == 503


def test_header_wins_over_path_and_path_over_token(cold: httpx.Client) -> None:
    bearer = "Bearer hf_nertwin_c"

    call(cold, f"/s/b/models/{MODEL}", x_nertwin_session="a", authorization=bearer)
    call(cold, f"/s/d/models/{MODEL}", authorization=bearer)

    assert call(cold, x_nertwin_session="a") == 200
    assert call(cold, x_nertwin_session="b") == 503
    assert call(cold, x_nertwin_session="c") == 503
    assert call(cold, x_nertwin_session="d") == 200


def test_other_tokens_share_the_default_session(cold: httpx.Client) -> None:
    call(cold, authorization="Bearer hf_anything")

    assert call(cold, x_nertwin_session="default") == 200


def test_prefixed_path_leads_to_every_route(cold: httpx.Client) -> None:
    assert cold.get("/s/a/health").text == "Ok"
    assert cold.get("/s/a").json()["profile"] == "classic"


@pytest.mark.parametrize("bad", ["a b", "a" * 65, "ä", ""])
def test_malformed_id_is_a_400_that_says_so(cold: httpx.Client, bad: str) -> None:
    response = cold.post(
        f"/models/{MODEL}",
        json={"inputs": "Ada"},
        headers={b"x-nertwin-session": bad.encode("latin-1")},
    )

    assert response.status_code == 400
    assert response.headers["x-nertwin-error"] == "session"
    assert "x-nertwin-session is malformed; write 1 to 64" in response.json()["error"]


def test_malformed_id_in_the_path_is_a_400(cold: httpx.Client) -> None:
    response = cold.get("/s//health")

    assert response.status_code == 400
    assert "in the path is malformed" in response.json()["error"]


def test_malformed_id_in_a_token_is_not_repeated(cold: httpx.Client) -> None:
    headers = {"authorization": "Bearer hf_nertwin_canary!"}

    response = cold.get("/health", headers=headers)

    assert response.status_code == 400
    assert "in the bearer token is malformed" in response.json()["error"]
    assert "canary" not in response.text


def test_profile_without_life_has_sessions_in_its_paths_all_the_same() -> None:
    app = create_app(Settings(profile="dedicated"))

    async def post() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://nertwin") as client:
            return await client.post("/s/a/predict", json={"inputs": "Ada"})

    assert asyncio.run(post()).status_code == 200


def test_fifty_sessions_with_opposite_lives_never_see_each_other() -> None:
    lives = {"even/model": Life(starts="cold", after_calls=3), "odd/model": Life()}
    models = {id_: ModelCard(id=id_, life=life) for id_, life in lives.items()}

    def use(server_url: str, number: int) -> list[int]:
        model = ("even/model", "odd/model")[number % 2]
        with httpx.Client(base_url=server_url, trust_env=False) as client:
            headers = {"x-nertwin-session": f"test-{number}"}
            json = {"inputs": "Ada"}
            return [
                client.post(f"/models/{model}", json=json, headers=headers).status_code
                for _ in range(5)
            ]

    with (
        running_server(Settings(port=0, models=models)) as server,
        ThreadPoolExecutor(16) as threads,
    ):
        seen = list(threads.map(lambda number: use(server.url, number), range(50)))

    assert seen[0::2] == [[503, 503, 503, 200, 200]] * 25
    assert seen[1::2] == [[200] * 5] * 25


def test_session_is_made_once() -> None:
    sessions = Sessions(new_session)

    assert sessions.find("a") is sessions.find("a") is not sessions.find("b")


def test_idlest_session_goes_first_when_there_are_too_many() -> None:
    sessions = Sessions(new_session, most=2)
    first, second = sessions.find("first"), sessions.find("second")

    sessions.find("first")
    sessions.find("third")

    assert len(sessions) == 2
    assert sessions.find("first") is first
    assert sessions.find("second") is not second


def test_session_that_was_idle_for_too_long_is_forgotten() -> None:
    now = ManualClock()
    sessions = Sessions(new_session, session_ttl=60, monotonic=lambda: now.now)
    first, second = sessions.find("first"), sessions.find("second")
    now.advance(59)
    sessions.find("second")

    now.advance(1)

    assert sessions.find("second") is second
    assert len(sessions) == 1
    assert sessions.find("first") is not first


def test_session_is_forgotten_at_its_own_next_call_too() -> None:
    now = ManualClock()
    sessions = Sessions(new_session, session_ttl=60, monotonic=lambda: now.now)
    first = sessions.find()

    now.advance(60)

    assert sessions.find() is not first


def test_idlest_session_goes_when_all_hold_too_much() -> None:
    sessions = Sessions(new_session, max_bytes=1_000_000)
    first = fill(sessions.find("first"), 400_000)
    second = fill(sessions.find("second"), 400_000)
    sessions.find("first")
    fill(sessions.find("third"), 400_000)

    sessions.find("first")

    assert sessions.find("first") is first
    assert sessions.find("second") is not second
    assert sessions.bytes_held <= 1_000_000


def test_sessions_with_long_journals_lose_of_these_and_not_each_other() -> None:
    sessions = Sessions(new_session, max_bytes=200_000)
    ids = [f"session-{number}" for number in range(4)]
    first = [sessions.find(session_id) for session_id in ids]

    for number in range(400):
        record(sessions.find(ids[number % 4]).journal, f"text {number} {'x' * 1000}")

    assert [sessions.find(session_id) for session_id in ids] == first
    assert sessions.bytes_held <= 210_000
    assert all(session.journal.total == 100 for session in first)
    assert all(len(session.journal) + session.journal.dropped == 100 for session in first)
    assert "exchanges dropped to save memory" in first[0].journal.notes[0].text


def test_session_that_alone_holds_too_much_stays() -> None:
    sessions = Sessions(new_session, max_bytes=1)

    session = fill(sessions.find(), 100_000)

    assert sessions.find() is session


def test_session_knows_what_it_holds() -> None:
    session = Sessions(new_session).find()
    empty = session.bytes_held

    fill(session, 100_000)
    record(session.journal)
    session.state(MODEL, COLD)

    held = session.cache.bytes_held + session.journal.bytes_held
    assert 100_000 < held < session.bytes_held - empty
    session.cache.clear()
    assert session.bytes_held < 10_000


def test_session_that_is_forgotten_while_in_use_goes_on_and_counts_for_nothing() -> None:
    sessions = Sessions(new_session, most=1)
    forgotten = sessions.find("first")
    sessions.find("second")
    held = sessions.bytes_held

    fill(forgotten, 100_000)
    forgotten.state(MODEL, COLD)
    record(forgotten.journal)

    assert sessions.bytes_held == held == sessions.find("second").bytes_held
    assert len(forgotten.journal) == len(forgotten.cache) == 1


@pytest.mark.parametrize(
    "look",
    [
        list,
        len,
        lambda sessions: sessions.bytes_held,
        lambda sessions: sessions.get("a"),
        lambda sessions: sessions.peek("a"),
    ],
    ids=["all", "number", "bytes", "get", "peek"],
)
def test_session_that_goes_soon_is_gone_for_whoever_looks(look: Callable[[Sessions], Any]) -> None:
    sessions = Sessions(new_session)
    fill(sessions.find("a"), 100)

    sessions.remove_soon("a")

    assert not look(sessions)


def test_session_that_goes_soon_begins_anew_and_then_stays() -> None:
    sessions = Sessions(new_session)
    first = sessions.find("a")

    sessions.remove_soon("a")

    second = sessions.find("a")
    assert second is not first
    assert sessions.find("a") is sessions.peek("a") is second


def test_forgotten_session_is_remembered_in_the_journal_of_the_next() -> None:
    now = ManualClock()
    sessions = Sessions(new_session, most=1, monotonic=lambda: now.now)
    sessions.find("first")
    sessions.find("second")
    now.advance(20)

    (note,) = sessions.find("first").journal.notes

    assert note.text == (
        "a session of this id was forgotten 20 s ago, because there were more than"
        " max_sessions = 1; its clock, models, answers and journal began anew"
    )


@pytest.mark.parametrize(
    ("bounds", "why"),
    [
        ({"session_ttl": 60}, "it was idle for session_ttl = 60 s"),
        ({"max_bytes": 1}, "all held more than max_session_bytes = 1;"),
    ],
    ids=["age", "bytes"],
)
def test_note_says_which_bound_it_was(bounds: dict[str, Any], why: str) -> None:
    now = ManualClock()
    sessions = Sessions(new_session, **bounds, monotonic=lambda: now.now)
    sessions.find("first")
    now.advance(60)
    sessions.find("second")

    (note,) = sessions.find("first").journal.notes

    assert why in note.text


def test_new_session_has_no_notes() -> None:
    assert Sessions(new_session).find().journal.notes == ()


def test_forgotten_ids_are_remembered_up_to_a_bound() -> None:
    sessions = Sessions(new_session, most=1)
    for number in range(10_003):
        sessions.find(f"session-{number}")

    assert sessions.find("session-1").journal.notes == ()
    assert len(sessions.find("session-9000").journal.notes) == 1


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 300_000)), max_size=30))
def test_total_is_what_the_sessions_hold(uses: list[tuple[str, int]]) -> None:
    sessions = Sessions(new_session, most=3, max_bytes=500_000)

    for session_id, size in uses:
        fill(sessions.find(session_id), size)

    assert sessions.bytes_held == sum(session.bytes_held for session in sessions)


def test_thousand_used_sessions_take_no_more_than_they_say() -> None:
    sessions = Sessions(new_session)
    sessions.find("warm-up").journal.note("what Python makes once is made now")
    tracemalloc.start()

    for number in range(1000):
        use(sessions.find(f"session-{number}"), f"text {number}")
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(sessions) == 1001
    assert held < sessions.bytes_held * 1.1


def test_each_session_has_a_clock_of_its_own() -> None:
    sessions = Sessions(new_session)

    assert sessions.find("a").clock is not sessions.find("b").clock


def test_session_remembers_a_bounded_number_of_models() -> None:
    session = new_session("a")
    first = session.state("model/0", COLD)

    states: list[Any] = [session.state(f"model/{number}", COLD) for number in range(1, 1001)]

    assert session.state("model/1000", COLD) is states[-1]
    assert session.state("model/0", COLD) is not first


def test_id_of_sixty_four_of_the_allowed_characters_passes() -> None:
    text = "Az09_.-".ljust(64, "x")

    assert check_session_id(text, source="the path") == text


def test_id_with_a_line_end_is_refused() -> None:
    with pytest.raises(BadSession, match="in the path is malformed"):
        check_session_id("a\n", source="the path")


def test_session_is_not_made_by_looking_for_it() -> None:
    sessions = Sessions(new_session)

    assert sessions.get("a") is None
    assert len(sessions) == 0


def test_session_that_is_looked_for_is_not_the_idlest() -> None:
    sessions = Sessions(new_session, most=2)
    first = sessions.find("a")
    sessions.find("b")

    sessions.get("a")
    sessions.find("c")

    assert [each.id for each in sessions] == ["a", "c"]
    assert sessions.get("a") is first


def test_free_ids_skip_those_that_are_taken_and_never_come_again() -> None:
    sessions = Sessions(new_session)
    sessions.find("session-2")
    ids = [sessions.free_id()]
    sessions.remove("session-1")

    assert [*ids, sessions.free_id(), sessions.free_id()] == ["session-1", "session-3", "session-4"]


def test_what_clients_do_wrong_counts_for_the_session_until_it_is_forgotten() -> None:
    session = Sessions(new_session).find()
    empty = session.bytes_held

    session.findings.add(Finding("options.misplaced", "$.use_cache", "x" * 1000), 1)
    session.retries.see(model="acme/" + "x" * 1000, body=1, status=503, now=0.0)

    assert session.bytes_held > empty + 3000
    session.findings.clear()
    session.retries.clear()
    assert session.bytes_held == empty


@given(st.lists(st.tuples(st.integers(0, 30), st.sampled_from([200, 429, 503])), max_size=60))
def test_retries_hold_what_is_watched_and_no_more(calls: list[tuple[int, int]]) -> None:
    watch = RetryWatch()

    for body, status in calls:
        watch.see(model="acme/ner", body=body, status=status, now=0.0)
    held = watch.bytes_held
    for body in range(31):
        watch.see(model="acme/ner", body=body, status=200, now=0.0)

    assert 0 <= held <= 16 * 1200
    assert watch.bytes_held == 0
