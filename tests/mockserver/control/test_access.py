"""Who may use the control API: in-process, for nothing here is bound off loopback."""

import asyncio
import re
from typing import Any

import httpx
import pytest

from nertwin.mockserver import NertwinError, Settings, create_app
from nertwin.mockserver.app import StandIn
from nertwin.mockserver.control.access import is_loopback

TOKEN = "canary-control-token"  # noqa: S105  # One of a test.
ANYWHERE = "0.0.0.0"  # noqa: S104  # Nothing is bound to it here.


def call(app: StandIn, method: str = "GET", path: str = "/_nertwin/health", **headers: str) -> Any:
    """What the app answers; header names are written with underscores."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}

    async def send() -> httpx.Response:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8080"
        ) as client:
            return await client.request(method, path, headers=sent)

    return asyncio.run(send())


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.0.0.1:8080", "127.9.9.9:1", "localhost", "LocalHost:80", "[::1]:8080"],
)
def test_loopback_names_are_let_in(host: str) -> None:
    assert call(create_app(), host=host).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8080",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "192.168.0.7",
        ANYWHERE,
        "",
        "127.0.0.1:x",
        "user@127.0.0.1",
        "[::1",
    ],
)
def test_other_names_are_refused(host: str) -> None:
    response = call(create_app(), host=host)

    assert response.status_code == 403
    assert "DNS rebinding" in response.json()["error"]


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:8080"])
def test_foreign_web_pages_are_refused(origin: str) -> None:
    response = call(create_app(), "POST", "/_nertwin/sessions", origin=origin)

    assert response.status_code == 403
    assert origin in response.json()["error"]


def test_own_web_page_is_let_in() -> None:
    assert call(create_app(), origin="http://127.0.0.1:8080").status_code == 200


def test_foreign_web_page_is_refused_with_the_token_too() -> None:
    app = create_app(Settings(host=ANYWHERE, control_token=TOKEN))

    response = call(app, x_nertwin_token=TOKEN, origin="http://evil.example")

    assert response.status_code == 403


@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_no_answer_grants_other_origins_anything(method: str) -> None:
    response = call(create_app(), method, access_control_request_method="POST")

    assert not [name for name in response.headers if name.startswith("access-control")]


def test_options_is_a_wrong_method() -> None:
    response = call(create_app(), "OPTIONS", "/_nertwin/sessions")

    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize(
    "headers",
    [
        {"x_nertwin_token": TOKEN},
        {"authorization": f"Bearer {TOKEN}"},
        {"authorization": f"bearer  {TOKEN}"},
    ],
    ids=["header", "bearer", "bearer in another spelling"],
)
def test_token_lets_in_under_any_name(headers: dict[str, str]) -> None:
    app = create_app(Settings(host=ANYWHERE, control_token=TOKEN))

    assert call(app, host="stand-in.example", **headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x_nertwin_token": "canary-control-tokem"},
        {"x_nertwin_token": ""},
        {"authorization": TOKEN},
        {"authorization": f"Basic {TOKEN}"},
        {"authorization": "Bearer "},
    ],
)
@pytest.mark.parametrize("host", [ANYWHERE, "127.0.0.1"])
def test_wrong_token_is_refused_wherever_one_is_set(host: str, headers: dict[str, str]) -> None:
    response = call(create_app(Settings(host=host, control_token=TOKEN)), **headers)

    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert TOKEN not in response.text


def test_off_loopback_each_server_asks_for_a_random_token() -> None:
    one, other = (create_app(Settings(host=ANYWHERE)) for _ in range(2))

    assert re.fullmatch(r"[\w-]{32}", one.control.token)
    assert one.control.token != other.control.token
    assert call(one).status_code == 401
    assert call(one, x_nertwin_token=one.control.token).status_code == 200


def test_on_loopback_no_token_is_asked_for() -> None:
    assert create_app().control.token == ""


@pytest.mark.parametrize(
    "token", ["short", "with a space in it", "line\nbreak-in-it", "Grüße-Grüße"]
)
def test_token_that_no_header_can_bring_is_refused_unseen(token: str) -> None:
    with pytest.raises(NertwinError, match="8 to 200") as caught:
        Settings(control_token=token)

    assert token not in str(caught.value)


def test_token_is_in_no_repr_journal_or_session() -> None:
    app = create_app(Settings(control_token=TOKEN))

    call(app, path="/models/x", x_nertwin_token=TOKEN, authorization=f"Bearer {TOKEN}")

    (exchange,) = app.sessions.find().journal
    shown = call(app, path="/_nertwin/sessions/default/journal", x_nertwin_token=TOKEN)
    assert TOKEN not in repr(app.settings) + repr(exchange) + shown.text


def test_control_can_be_switched_off() -> None:
    response = call(create_app(Settings(control=False)))

    assert response.status_code == 404
    assert "switched off" in response.json()["error"]


@pytest.mark.parametrize("path", ["sessions", "sessions/default", "sessions/default/journal"])
def test_one_of_several_processes_refuses_to_speak_for_all(path: str) -> None:
    response = call(create_app(Settings(workers=2)), path=f"/_nertwin/{path}")

    assert response.status_code == 409
    assert "one worker" in response.json()["error"]


def test_one_of_several_processes_tells_its_health() -> None:
    assert call(create_app(Settings(workers=2))).json()["workers"] == 2


@pytest.mark.parametrize("host", ["::1", "127.1.2.3", "LOCALHOST"])
def test_address_is_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["::", ANYWHERE, "example", ""])
def test_address_is_not_loopback(host: str) -> None:
    assert not is_loopback(host)
