"""Two servers with one state: whatever one is told, the other knows."""

import asyncio
import re

import pytest
from support.redises import RedisServer
from support.together import MODEL, Together, all_of, call, cold, control, together

DEFAULT = "sessions/default"


def test_answer_that_one_has_computed_the_other_has_kept(both: Together) -> None:
    first = both.call(0)

    second = both.call(1)

    assert first.headers["x-compute-type"] == "cpu"
    assert second.headers["x-compute-type"] == "cache"
    assert second.body == first.body


def test_requests_are_numbered_and_named_in_one_row(both: Together) -> None:
    answers = [both.call(which) for which in (0, 1, 1, 0)]

    journal = both.control(1, "GET", f"{DEFAULT}/journal")

    assert len({answer.headers["x-request-id"] for answer in answers}) == 4
    assert [each["number"] for each in journal["exchanges"]] == [1, 2, 3, 4]
    assert journal["total"] == 4


def test_long_run_of_equal_calls_is_counted_by_both(both: Together) -> None:
    gates = [both.call(which % 2).status for which in range(30)]

    journal = both.control(0, "GET", f"{DEFAULT}/journal")

    assert gates == [200] * 30
    assert sum(1 + each["repeats"] for each in journal["exchanges"]) == 30
    assert len(journal["exchanges"]) == 21  # The first was computed, then twenty, then a counter.


def test_setting_that_is_changed_on_one_holds_on_the_other(both: Together) -> None:
    both.control(0, "PATCH", DEFAULT, {"settings": {"profile": "router", "hints": False}})

    settings = both.control(1, "GET", DEFAULT)["settings"]

    assert (settings["profile"], settings["hints"]) == ("router", False)
    assert both.call(1).status == 404  # The router has its models elsewhere.


def test_settings_are_brought_back_on_both(both: Together) -> None:
    both.control(0, "PATCH", DEFAULT, {"settings": {"hints": False}})
    both.call(1)

    both.control(0, "POST", f"{DEFAULT}/reset", {"what": ["settings"]})

    assert both.control(1, "GET", DEFAULT)["settings"]["hints"] is True


def test_frozen_clock_stands_equally_on_both(both: Together) -> None:
    both.control(0, "POST", f"{DEFAULT}/clock/advance", {"seconds": 7})
    both.control(1, "POST", f"{DEFAULT}/clock/advance", {"seconds": 5})

    assert both.control(0, "GET", f"{DEFAULT}/clock")["now"] == 12


@pytest.mark.parametrize("kind", ["real", "scaled:1000"])
def test_running_clock_never_runs_backwards_from_one_to_the_other(
    both: Together, kind: str
) -> None:
    both.control(0, "PATCH", DEFAULT, {"settings": {"clock": kind}})

    times = [both.control(which % 2, "GET", f"{DEFAULT}/clock")["now"] for which in range(20)]

    assert times == sorted(times)
    assert len(set(times)) == len(times)


def test_model_that_one_has_begun_to_load_the_other_knows_to_be_loading(
    redis_server: RedisServer,
) -> None:
    with together(redis_server, **cold(after_seconds=10)) as both:
        before = both.call(0).status
        both.control(1, "POST", f"{DEFAULT}/clock/advance", {"seconds": 10})

        assert (before, both.call(1).status) == (503, 200)


def test_script_is_played_once_by_both_together(both: Together) -> None:
    both.control(0, "PUT", f"{DEFAULT}/script", {"steps": ["503", "404", "200"]})

    statuses = [both.call(which % 2).status for which in range(5)]

    assert statuses == [503, 404, 200, 200, 200]


def test_fault_that_was_planned_on_one_hurts_the_other_as_often(both: Together) -> None:
    both.control(0, "POST", f"{DEFAULT}/faults", {"kind": "500", "times": 3})

    statuses = [both.call(1 - which % 2).status for which in range(5)]

    assert statuses == [500, 500, 500, 200, 200]


def test_rule_that_was_added_on_one_is_found_by_the_other(both: Together) -> None:
    both.call(1, "Zork Zork")
    rule = {"say": "[Zork Zork](PER:0.97)"}
    added = both.control(0, "POST", f"{DEFAULT}/rules", rule)

    told = both.call(1, "Zork Zork").json
    both.run(control(both.apps[1], "DELETE", f"{DEFAULT}/rules/{added['id']}"))

    assert [each["entity_group"] for each in told] == ["PER"]
    assert both.control(0, "GET", f"{DEFAULT}/rules") == {"rules": []}
    assert both.control(0, "POST", f"{DEFAULT}/rules", rule)["id"] == added["id"] + 1


def test_quota_is_one_for_both(redis_server: RedisServer) -> None:
    with together(redis_server) as both:
        quota = {"calls": 3, "anonymous_calls": 0}
        both.control(0, "PATCH", DEFAULT, {"settings": {"quota": quota}})
        key = "Bearer hf_0123456789abcdefghij"

        statuses = [both.call(which % 2, authorization=key).status for which in range(5)]

        assert statuses == [200, 200, 200, 429, 429]
        assert both.control(0, "GET", f"{DEFAULT}/quota")["keys"] == 1


def test_hot_loop_over_both_is_found(both: Together) -> None:
    both.control(0, "POST", f"{DEFAULT}/faults", {"kind": "500"})
    for which in range(11):
        both.call(which % 2)

    found = both.control(0, "GET", f"{DEFAULT}/findings")["findings"]

    assert "retry.hot-loop" in [each["id"] for each in found]


def test_breach_remembers_what_the_other_was_asked(redis_server: RedisServer) -> None:
    with together(redis_server, violate=("relation.repeated",), cache=False) as both:
        first = both.call(0).json

        again = both.call(1).json

        assert again[0]["score"] < first[0]["score"]


def test_cache_is_cleared_on_both(both: Together) -> None:
    both.call(0)
    both.call(1)

    cleared = both.control(1, "DELETE", f"{DEFAULT}/cache")

    assert cleared == {"cleared": 1}
    assert both.call(0).headers["x-compute-type"] == "cpu"


def test_journal_that_one_has_cleared_begins_anew_on_both(both: Together) -> None:
    for which in (0, 1, 0):
        both.call(which)

    both.control(1, "DELETE", f"{DEFAULT}/journal")
    both.call(0, "Bob")
    both.call(1, "Eve")

    journal = both.control(0, "GET", f"{DEFAULT}/journal")
    bodies = [each["request"]["body"] for each in journal["exchanges"]]
    assert bodies == ['{"inputs": "Bob"}', '{"inputs": "Eve"}']
    assert journal["total"] == 2


def test_everything_is_reset_for_both(both: Together) -> None:
    both.control(0, "PUT", f"{DEFAULT}/script", {"steps": ["503"]})
    both.call(0, "x")
    both.call(1)

    both.control(0, "POST", f"{DEFAULT}/reset", {"what": ["everything"]})

    assert both.control(1, "GET", DEFAULT)["requests"] == 0
    assert both.control(1, "GET", f"{DEFAULT}/journal")["total"] == 0
    assert both.control(1, "GET", f"{DEFAULT}/cache")["answers"] == 0


def test_answers_are_kept_in_the_order_of_their_use(both: Together) -> None:
    texts = [f"Text {number}" for number in range(1001)]
    both.run(all_of(call(both.apps[0], text) for text in texts[:1000]))
    both.call(1, texts[0])  # The oldest is used, so that the next is the one to go.

    both.call(0, texts[1000])

    assert both.call(1, texts[0]).headers["x-compute-type"] == "cache"
    assert both.call(1, texts[1]).headers["x-compute-type"] == "cpu"


def test_journal_wait_on_one_ends_with_a_call_to_the_other(both: Together) -> None:
    first, second = both.apps

    async def wait() -> object:
        body = {"count": 1, "timeout": 20}
        waiting = asyncio.ensure_future(control(first, "POST", f"{DEFAULT}/journal/wait", body))
        await asyncio.sleep(0)
        await call(second)
        return (await waiting).json

    assert both.run(wait()) == {"holds": True, "difference": ""}


def test_sessions_of_both_are_listed_by_each(both: Together) -> None:
    both.control(0, "POST", "sessions", {"id": "ours"})
    both.control(1, "POST", "sessions", {"id": "theirs"})

    listed = [each["id"] for each in both.control(0, "GET", "sessions")["sessions"]]

    assert listed == ["ours", "theirs"]


def test_free_ids_are_free_on_both(both: Together) -> None:
    made = [both.control(which, "POST", "sessions", {})["id"] for which in (0, 1, 0)]

    assert made == ["session-1", "session-2", "session-3"]


def test_session_that_is_there_on_one_can_not_be_made_on_the_other(both: Together) -> None:
    both.control(0, "POST", "sessions", {"id": "ours"})

    refused = both.run(control(both.apps[1], "POST", "sessions", {"id": "ours"}))

    assert refused.status == 409


def test_session_that_one_has_removed_is_gone_on_the_other(both: Together) -> None:
    both.control(0, "POST", "sessions", {"id": "ours", "settings": {"hints": False}})
    both.control(1, "GET", "sessions/ours")

    both.run(control(both.apps[0], "DELETE", "sessions/ours"))

    assert both.run(control(both.apps[1], "GET", "sessions/ours")).status == 404
    assert both.control(1, "POST", "sessions", {"id": "ours"})["settings"]["hints"] is True
    assert both.control(0, "GET", "sessions/ours/journal")["notes"] == []


@pytest.mark.parametrize("name", ["no%20such", "a*b", "..", "nobody"])
def test_session_that_nobody_has_is_404(both: Together, name: str) -> None:
    assert both.run(control(both.apps[0], "GET", f"sessions/{name}")).status == 404


def test_no_token_stands_in_redis(both: Together) -> None:
    secret = "hf_given0123456789abcdef"  # noqa: S105
    both.control(0, "PATCH", DEFAULT, {"settings": {"auth": "token", "token": secret}})
    key = f"Bearer {secret}"

    statuses = [
        both.call(which, f"Is {secret} mine?", authorization=key).status for which in (0, 1)
    ]
    wrong = both.call(1, authorization="Bearer hf_other0123456789abcdef").status

    everything = b"".join(both.redis.dump(key) or b"" for key in both.redis.keys("*"))
    everything += b"".join(_values(both))
    assert (statuses, wrong) == ([200, 200], 400)
    assert b"inputs" in everything
    assert not re.search(secret[3:].encode(), everything)


def test_setting_for_another_token_holds_on_both(both: Together) -> None:
    for which, token in enumerate(("hf_first0123456789abc", "hf_second0123456789ab")):
        settings = {"auth": "token", "token": token}
        both.control(which, "PATCH", DEFAULT, {"settings": settings})

    old = both.call(0, authorization="Bearer hf_first0123456789abc").status
    new = both.call(0, authorization="Bearer hf_second0123456789ab").status

    assert (old, new) == (400, 200)


def test_health_tells_where_state_is(both: Together, redis_server: RedisServer) -> None:
    health = both.control(0, "GET", "health")

    assert health["state"] == f"Redis at {redis_server.address}"


def test_explanation_sees_what_the_other_has_kept(both: Together) -> None:
    both.call(0)

    told = both.control(1, "POST", f"{DEFAULT}/explain", {"inputs": "Ada", "model": MODEL})

    assert told["gate"] == "cache"
    assert both.gates(0) == ["rule"]


def _values(both: Together) -> list[bytes]:
    """All that stands in the values of hashes, uncompressed."""
    names = [name for name in both.redis.keys("*leaves*")]
    return [value for name in names for value in both.redis.hgetall(name).values()]
