import json
import math
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nertwin.contract_tests.strategies import payloads
from nertwin.mockserver.cache import AnswerCache, BadCache, CachedAnswer, CacheKey, cache_key
from nertwin.mockserver.clock import ManualClock
from nertwin.mockserver.payload import parse_request


def a_key(
    payload: Any = None, *, model: str = "acme/ner", sha: str = "0" * 40, form: str = "json"
) -> CacheKey:
    body = json.dumps({"inputs": "Ada"} if payload is None else payload).encode()
    return key_of(body, model=model, sha=sha, form=form)


def key_of(body: bytes, *, model: str = "acme/ner", sha: str = "", form: str = "json") -> CacheKey:
    return cache_key(model, sha, parse_request(body), form=form)


def an_answer(body: bytes = b"[]", *, seconds: float = 0.07, status: int = 200) -> CachedAnswer:
    return CachedAnswer(body=body, seconds=seconds, status=status)


def a_cache(clock: ManualClock | None = None, **bounds: Any) -> AnswerCache:
    return AnswerCache(clock or ManualClock(), **bounds)


def keep_many(cache: AnswerCache, number: int, body: bytes = b"[]") -> None:
    for count in range(number):
        cache.keep(a_key({"inputs": f"text {count}"}), an_answer(body))


def test_unknown_key_is_a_miss() -> None:
    assert a_cache().find(a_key()) is None


def test_hit_gives_the_same_bytes_with_the_time_of_the_computation() -> None:
    cache = a_cache()
    cache.keep(a_key(), an_answer(b'[{"score":0.9991335868835449}]', seconds=0.174))

    hit = cache.find(a_key())

    assert hit == an_answer(b'[{"score":0.9991335868835449}]', seconds=0.174)


@pytest.mark.parametrize("status", [201, 400, 429, 500, 503])
def test_only_answers_of_status_200_are_kept(status: int) -> None:
    cache = a_cache()

    kept = cache.keep(a_key(), an_answer(status=status))

    assert not kept
    assert cache.find(a_key()) is None


def test_newer_answer_takes_the_place_of_an_older_one() -> None:
    cache = a_cache()
    cache.keep(a_key(), an_answer(b"old"))

    cache.keep(a_key(), an_answer(b"new"))

    assert cache.find(a_key()) == an_answer(b"new")
    assert len(cache) == 1


def test_answer_is_found_until_its_time_to_live_is_over() -> None:
    clock = ManualClock()
    cache = a_cache(clock, ttl=60)
    cache.keep(a_key(), an_answer())

    clock.advance(59)

    assert cache.find(a_key()) == an_answer()


def test_answer_is_gone_when_its_time_to_live_is_over() -> None:
    clock = ManualClock()
    cache = a_cache(clock, ttl=60)
    cache.keep(a_key(), an_answer())

    clock.advance(60)

    assert cache.find(a_key()) is None
    assert (len(cache), cache.bytes_held) == (0, 0)


def test_hit_does_not_prolong_the_time_to_live() -> None:
    clock = ManualClock()
    cache = a_cache(clock, ttl=60)
    cache.keep(a_key(), an_answer())
    clock.advance(59)
    cache.find(a_key())

    clock.advance(1)

    assert cache.find(a_key()) is None


def test_answer_lives_for_ever_by_default() -> None:
    clock = ManualClock()
    cache = a_cache(clock)
    cache.keep(a_key(), an_answer())

    clock.advance(1e12)

    assert cache.find(a_key()) == an_answer()


def test_question_whether_there_is_an_answer_keeps_none_from_going() -> None:
    cache = a_cache(max_entries=2)
    cache.keep(a_key({"inputs": "first"}), an_answer())
    cache.keep(a_key({"inputs": "second"}), an_answer())

    assert cache.has(a_key({"inputs": "first"}))
    cache.keep(a_key({"inputs": "third"}), an_answer())

    assert not cache.has(a_key({"inputs": "first"}))
    assert cache.has(a_key({"inputs": "second"}))


def test_answer_that_is_too_old_is_not_there() -> None:
    clock = ManualClock()
    cache = a_cache(clock, ttl=5)
    cache.keep(a_key(), an_answer())

    clock.advance(5)

    assert not cache.has(a_key())


def test_least_recently_asked_for_goes_first() -> None:
    cache = a_cache(max_entries=2)
    cache.keep(a_key({"inputs": "first"}), an_answer())
    cache.keep(a_key({"inputs": "second"}), an_answer())
    cache.find(a_key({"inputs": "first"}))

    cache.keep(a_key({"inputs": "third"}), an_answer())

    assert cache.find(a_key({"inputs": "first"})) == an_answer()
    assert cache.find(a_key({"inputs": "second"})) is None


def test_answer_that_is_larger_than_the_cache_is_not_kept() -> None:
    cache = a_cache(max_bytes=10_000)
    keep_many(cache, 3)

    kept = cache.keep(a_key(), an_answer(b"x" * 10_000))

    assert not kept
    assert len(cache) == 3


@pytest.mark.parametrize("bounds", [{"max_entries": 0}, {"max_bytes": 0}, {"ttl": 0}], ids=str)
def test_bound_of_zero_keeps_nothing(bounds: dict[str, Any]) -> None:
    assert not a_cache(**bounds).keep(a_key(), an_answer())


@pytest.mark.parametrize("name", ["max_entries", "max_bytes", "ttl"])
@pytest.mark.parametrize("bound", [-1, math.nan])
def test_bound_that_is_none_is_refused(name: str, bound: Any) -> None:
    with pytest.raises(BadCache, match=f"{name} is .*; it must be at least 0"):
        a_cache(None, **{name: bound})


def test_one_model_is_cleared_and_the_others_stay() -> None:
    cache = a_cache()
    cache.keep(a_key(model="acme/ner"), an_answer(b"ner"))
    cache.keep(a_key(model="acme/pos"), an_answer(b"pos"))

    cleared = cache.clear("acme/ner")

    assert cleared == 1
    assert cache.find(a_key(model="acme/ner")) is None
    assert cache.find(a_key(model="acme/pos")) == an_answer(b"pos")


def test_all_models_are_cleared() -> None:
    cache = a_cache()
    keep_many(cache, 5)

    cleared = cache.clear()

    assert cleared == 5
    assert (len(cache), cache.bytes_held) == (0, 0)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4000))), st.integers(0, 10_000))
def test_cache_stays_within_its_bounds(kept: list[tuple[int, int]], max_bytes: int) -> None:
    cache = a_cache(max_entries=5, max_bytes=max_bytes)

    for number, size in kept:
        cache.keep(CacheKey("acme/ner", bytes([number])), an_answer(b"x" * size))

    assert len(cache) <= 5
    assert cache.bytes_held <= max_bytes


def test_huge_texts_leave_nothing_of_theirs_behind() -> None:
    cache = a_cache()

    key = a_key({"inputs": ["x" * 10_000_000, "y"]})
    cache.keep(key, an_answer())

    assert len(key.digest) == 32
    assert cache.bytes_held < 2000


def test_memory_is_no_more_than_what_the_cache_says() -> None:
    cache = a_cache(max_entries=10**9, max_bytes=1_000_000)
    tracemalloc.start()

    keep_many(cache, 2000)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert held < 1_100_000


@pytest.mark.parametrize(
    "body",
    [
        b'{"inputs": "Ada", "parameters": {"stride": 2, "aggregation_strategy": "max"}}',
        b'{"parameters":{"aggregation_strategy":"max","stride":2},"inputs":"Ada"}',
        b'{"inputs":"\\u0041da","parameters":{"aggregation_strategy":"MAX","stride":2}}',
        b'\n{"inputs":"Ada","parameters":{"stride":2,"aggregation_strategy":"max"},"options":{}}',
        b'{"inputs":"Ada","parameters":{"stride":2,"aggregation_strategy":"max"},"x":1}',
    ],
    ids=["spaces", "order", "escapes", "options", "unknown"],
)
def test_spelling_of_the_body_does_not_matter(body: bytes) -> None:
    plain = {"inputs": "Ada", "parameters": {"aggregation_strategy": "max", "stride": 2}}

    assert key_of(body) == a_key(plain, sha="")


def test_empty_parameters_equal_none() -> None:
    assert a_key({"inputs": "Ada", "parameters": {}}) == a_key({"inputs": "Ada"})


DIFFERENT: list[dict[str, Any]] = [
    {"inputs": "Ada"},
    {"inputs": "Ada "},
    {"inputs": "ada"},
    {"inputs": ["Ada"]},
    {"inputs": ["Ada", ""]},
    {"inputs": ["Ad", "a"]},
    {"inputs": ["A", "da"]},
    {"inputs": ["A", "1:d1:a"]},
    {"inputs": "Ada", "parameters": {"aggregation_strategy": "none"}},
    {"inputs": "Ada", "parameters": {"aggregation_strategy": None}},
    {"inputs": "Ada", "parameters": {"aggregation_strategy": "max"}},
    {"inputs": "Ada", "parameters": {"stride": 0}},
    {"inputs": "Ada", "parameters": {"stride": 1}},
    {"inputs": "Ada", "parameters": {"ignore_labels": []}},
    {"inputs": "Ada", "parameters": {"ignore_labels": ["O"]}},
    {"inputs": "Ada", "parameters": {"ignore_labels": ["1"]}},
]


@pytest.mark.parametrize("labels", [[1], [True], [{"1": [None]}]], ids=str)
def test_labels_that_match_nothing_change_no_key(labels: list[object]) -> None:
    body = {"inputs": "Ada", "parameters": {"ignore_labels": labels}}

    assert a_key(body) == a_key({"inputs": "Ada", "parameters": {"ignore_labels": []}})


def test_different_questions_have_different_keys() -> None:
    keys = {a_key(payload) for payload in DIFFERENT}

    assert len(keys) == len(DIFFERENT)


def test_model_commit_and_form_are_part_of_the_key() -> None:
    keys = {a_key(), a_key(model="acme/pos"), a_key(sha="1" * 40), a_key(form="sse")}

    assert len(keys) == 4


@given(payloads())
def test_order_of_keys_changes_no_key(payload: dict[str, Any]) -> None:
    backwards = dict(reversed(payload.items()))

    assert a_key(payload) == a_key(backwards)


def test_text_that_is_no_unicode_has_a_key_too() -> None:
    request = parse_request(b'{"inputs":"Ada"}')

    key = cache_key("m", "", request._replace(texts=("\ud800",)))

    assert key != cache_key("m", "", request)
