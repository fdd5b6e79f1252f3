"""Which worker holds what; the numbers stand here because processes must agree on them."""

import sys
from collections import Counter
from typing import Any

import pytest

from nertwin.mockserver import Settings
from nertwin.mockserver.owners import have_owners, owner_of, session_of


@pytest.mark.parametrize(
    ("session", "owners"),
    [("default", [0, 1, 1, 3]), ("session-1", [0, 0, 1, 2]), ("Grüße", [0, 1, 0, 1])],
)
def test_owner_is_the_same_in_each_process(session: str, owners: list[int]) -> None:
    assert [owner_of(session, count) for count in (1, 2, 3, 4)] == owners


@pytest.mark.parametrize("count", [2, 3, 4, 8])
def test_sessions_spread_over_all_workers(count: int) -> None:
    owned = Counter(owner_of(f"session-{number}", count) for number in range(1000))

    assert len(owned) == count
    assert max(owned.values()) < 1.5 * 1000 / count


def a_scope(path: str, *headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return {"path": path, "headers": list(headers)}


@pytest.mark.parametrize(
    ("scope", "session"),
    [
        (a_scope("/models/x"), "default"),
        (a_scope("/s/a/models/x"), "a"),
        (a_scope("/s/a", (b"x-nertwin-session", b"b")), "b"),
        (a_scope("/", (b"authorization", b"Bearer hf_nertwin_c")), "c"),
        (a_scope("/s/.."), None),
        (a_scope("/_nertwin/sessions/a"), "a"),
        (a_scope("/_nertwin/sessions/a/journal", (b"x-nertwin-session", b"b")), "a"),
        (a_scope("/_nertwin/sessions", (b"x-nertwin-session", b"b")), None),
        (a_scope("/_nertwin/health"), None),
        (a_scope("/_nertwin"), None),
        (a_scope("/_nertwinned", (b"x-nertwin-session", b"b")), "b"),
    ],
)
def test_session_is_that_of_the_request(scope: dict[str, Any], session: str | None) -> None:
    assert session_of(scope) == session


def test_one_process_alone_needs_no_owners() -> None:
    assert not have_owners(Settings(workers=1))


@pytest.mark.parametrize(("platform", "do"), [("linux", True), ("darwin", False), ("win32", False)])
def test_several_processes_have_owners_on_linux(
    monkeypatch: pytest.MonkeyPatch, platform: str, do: bool
) -> None:
    monkeypatch.setattr(sys, "platform", platform)

    assert have_owners(Settings(workers=2)) is do


def test_shared_sessions_have_no_owners() -> None:
    assert not have_owners(Settings(workers=2, state="redis://127.0.0.1:6379/0"))
