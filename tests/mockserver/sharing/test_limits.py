"""Sessions that share a Redis are bounded in number, age and bytes, all servers together."""

import asyncio
from typing import Any

from support.redises import RedisServer
from support.together import Together, all_of, call, control, together

from nertwin.mockserver.sharing import sharing


def ids(both: Together, which: int = 0) -> list[str]:
    return [each["id"] for each in both.control(which, "GET", "sessions")["sessions"]]


def notes(both: Together, session_id: str) -> list[str]:
    found = both.control(0, "GET", f"sessions/{session_id}/journal")["notes"]
    return [note["text"] for note in found]


def test_idlest_of_too_many_sessions_is_forgotten_and_told_so(redis_server: RedisServer) -> None:
    with together(redis_server, max_sessions=2) as both:
        for which, session_id in enumerate(("a", "b", "a", "c")):
            both.call(which % 2, x_nertwin_session=session_id)

        assert ids(both, 1) == ["a", "c"]

        both.call(0, x_nertwin_session="b")

        (note,) = notes(both, "b")
        assert note.startswith("a session of this id was forgotten 0.")
        assert "because there were more than max_sessions = 2;" in note
        assert both.control(1, "GET", "sessions/b")["requests"] == 1


def test_session_that_was_idle_too_long_is_forgotten(redis_server: RedisServer) -> None:
    with together(redis_server, session_ttl=0.15) as both:
        both.call(0, x_nertwin_session="a")
        both.run(asyncio.sleep(0.2))  # Redis's own time, which nobody sets.

        assert ids(both, 1) == []

        both.call(1, x_nertwin_session="a")

        (note,) = notes(both, "a")
        assert "because it was idle for session_ttl = 0.15 s;" in note


def test_sessions_that_hold_too_much_together_are_forgotten(redis_server: RedisServer) -> None:
    with together(redis_server, max_session_bytes=100_000) as both:
        for session_id in "abc":
            calls = (
                call(both.apps[0], f"{number} {'x' * 900}", x_nertwin_session=session_id)
                for number in range(25)
            )
            both.run(all_of(calls))

        (note, *_) = both.run(again(both, "a"))
        assert "max_session_bytes = 100000" in note
        assert len(ids(both)) < 3
        assert int(both.redis.get(both.key("bytes", "")) or 0) < 200_000


def test_bytes_of_sessions_that_are_gone_count_no_more(both: Together) -> None:
    for session_id in "ab":
        both.call(0, x_nertwin_session=session_id)
        both.run(control(both.apps[1], "DELETE", f"sessions/{session_id}"))

    assert int(both.redis.get(both.key("bytes", "")) or 0) == 0
    assert both.redis.keys(both.key("leaves", "*")) == []


def test_copy_that_a_server_has_dropped_is_read_again(both: Together, monkeypatch: Any) -> None:
    monkeypatch.setattr(sharing, "_MOST_COPIES", 1)
    for session_id in "abab":
        both.call(0, x_nertwin_session=session_id)

    assert both.call(0, x_nertwin_session="a").headers["x-compute-type"] == "cache"
    assert both.control(0, "GET", "sessions/a/journal")["total"] == 3


def test_what_was_dropped_is_forgotten_by_copies_that_were_long_behind(both: Together) -> None:
    both.call(1)
    both.control(1, "GET", "sessions/default")
    both.run(all_of(call(both.apps[0], f"{number}") for number in range(1550)))

    # More has gone than Redis remembers the names of, so the copy is read anew.
    journal = both.control(1, "GET", "sessions/default/journal")

    assert journal == both.control(0, "GET", "sessions/default/journal")
    assert journal["total"] == 1551
    assert both.redis.hget(both.key("meta"), "floor") != b"0"


async def again(both: Together, session_id: str) -> list[str]:
    await call(both.apps[1], x_nertwin_session=session_id)
    found = await control(both.apps[1], "GET", f"sessions/{session_id}/journal")
    return [note["text"] for note in found.json["notes"]]
