"""Sessions: found by header, path or token, apart from each other and bounded."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from nertwin.mockserver import ModelCard, Settings, create_app, running_server
from nertwin.mockserver.app import create_endpoint
from nertwin.mockserver.life import Life
from nertwin.mockserver.session import Session
from nertwin.mockserver.sessions import BadSession, Sessions, check_session_id

MODEL = "acme/ner"
COLD = Life(starts="cold", after_calls=1)
ENDPOINT = create_endpoint(Settings(clock="frozen"))


def new_session(session_id: str) -> Session:
    return Session(session_id, ENDPOINT)


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
