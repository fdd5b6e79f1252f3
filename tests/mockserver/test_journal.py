import json
import tracemalloc
from functools import partial
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.journals import TOKENS, a_journal, record, record_each, record_loading, texts_of

from nertwin.mockserver.budget import Budget
from nertwin.mockserver.clock import ManualClock
from nertwin.mockserver.exchange import Body, Exchange
from nertwin.mockserver.journal import BadJournal, Journal
from nertwin.mockserver.notes import Note


def record_at(journal: Journal, clock: ManualClock, *times: float) -> None:
    for time in times:
        clock.advance(time - clock.now)
        record(journal)


def record_different(journal: Journal, times: int) -> None:
    headers = tuple((b"x-header-%d" % number, b"value") for number in range(10))
    for number in range(times):
        record(journal, f"text {number}", request_headers=headers, response_headers=headers)


def record_with_ids(journal: Journal, *ids: bytes) -> None:
    for request_id in ids:
        trace = ((b"X-Amzn-Trace-Id", request_id),)
        record(journal, request_headers=trace, response_headers=((b"x-request-id", request_id),))


def inputs_of(journal: Journal) -> list[str]:
    return [json.loads(exchange.request_body.kept)["inputs"] for exchange in journal]


def test_exchange_is_kept_as_it_was() -> None:
    journal = a_journal()

    record(journal, status=404, gate="route", why="no such model")

    (kept,) = journal
    assert (kept.method, kept.path, kept.model) == ("POST", "/models/acme/ner", "acme/ner")
    assert kept.request_headers == (("content-type", "application/json"),)
    assert kept.request_body == Body(b'{"inputs": "Ada"}', 17)
    assert (kept.status, kept.response_body) == (404, Body(b"[]", 2))
    assert (kept.gate, kept.why) == ("route", "no such model")


def test_exchanges_are_numbered_from_one() -> None:
    journal = a_journal()

    record_each(journal, "Ada", "Bo")

    assert [exchange.number for exchange in journal] == [1, 2]


def test_exchange_has_its_time_on_the_sessions_clock() -> None:
    clock = ManualClock(100)
    journal = a_journal(clock)
    clock.advance(20)

    kept = record(journal, began=100.0)

    assert (kept.time, kept.seconds) == (100, 20)


def test_exchange_that_took_no_time_happened_now() -> None:
    kept = record(a_journal(ManualClock(7)))

    assert (kept.time, kept.seconds) == (7, 0)


@pytest.mark.parametrize("name", [b"authorization", b"Authorization", b"proxy-authorization"])
def test_authorization_is_replaced_by_its_form(name: bytes) -> None:
    kept = record(a_journal(), request_headers=((name, b"Bearer: hf_abcdefgh"),))

    assert kept.request_headers == ((name.decode(), "colon"),)


def test_token_is_masked_wherever_else_it_stands() -> None:
    kept = record(
        a_journal(),
        "my token is hf_abcdefgh",
        path="/models/acme/ner?token=hf_abcdefgh",
        request_headers=((b"authorization", b"Bearer hf_abcdefgh"), (b"x-a", b"hf_abcdefgh")),
        response_headers=((b"x-nertwin-hint", b"hf_abcdefgh is no text"),),
        response_body=b'{"error":"hf_abcdefgh"}',
        why="hf_abcdefgh is not the token",
    )

    assert "abcdefgh" not in repr(kept)
    assert kept.path == "/models/acme/ner?token=***"


def test_half_a_token_is_not_left_where_a_body_is_cut() -> None:
    journal = a_journal(max_body_bytes=10)

    kept = record(
        journal,
        request_headers=((b"authorization", b"Bearer hf_abcdefgh"),),
        request_body=b"12345hf_abcdefgh",
    )

    assert kept.request_body.kept == b"12345***"


def test_cookies_are_masked() -> None:
    kept = record(a_journal(), request_headers=((b"Cookie", b"session=1"),))

    assert kept.request_headers == (("Cookie", "***"),)


@example("hf_nertwin_canary")
@given(TOKENS)
def test_token_never_appears_in_what_a_journal_gives(token: str) -> None:
    journal = a_journal()
    secret = token.encode()
    headers = ((b"authorization", b"Bearer " + secret), (b"x-other", b"a " + secret))

    record(journal, request_headers=headers, path=f"/{token}", request_body=secret, why=token)

    given_away = [*journal, journal.to_json()]
    assert not any(token in text for text in texts_of(given_away))


def test_body_is_cut_and_its_true_length_told() -> None:
    kept = record(a_journal(max_body_bytes=10), request_body=b"x" * 1000)

    assert kept.request_body == Body(b"x" * 10, 1000, is_cut=True)


def test_body_within_the_limit_is_not_cut() -> None:
    kept = record(a_journal(max_body_bytes=10), request_body=b"x" * 10)

    assert not kept.request_body.is_cut


def test_line_that_is_too_long_is_cut() -> None:
    kept = record(a_journal(), path="/" * 100_000, request_headers=((b"x", b"y" * 100_000),))

    assert len(kept.path) == 2000
    assert len(kept.request_headers[0][1]) == 2000


def test_oldest_exchanges_go_first_and_are_counted() -> None:
    journal = a_journal(max_exchanges=2)

    record_each(journal, "Ada", "Bo", "Cy", "Di")

    assert inputs_of(journal) == ["Cy", "Di"]
    assert (journal.total, journal.dropped, len(journal)) == (4, 2, 2)


def test_exchange_that_is_larger_than_the_journal_is_counted_only() -> None:
    journal = a_journal(max_bytes=10)

    record(journal)

    assert (journal.total, journal.dropped, len(journal), journal.bytes_held) == (1, 1, 0, 0)


def test_hot_loop_of_different_calls_stays_within_the_bounds() -> None:
    journal = a_journal(max_exchanges=500, max_bytes=1_000_000)

    record_different(journal, 20_000)

    assert len(journal) <= 500
    assert journal.bytes_held <= 1_000_000
    assert journal.dropped == 20_000 - len(journal)


def test_hot_loop_of_100_000_equal_calls_is_folded() -> None:
    journal = a_journal(fold_after=20)

    record_loading(journal, 100_000)

    assert len(journal) == 20
    assert journal.dropped == 0
    assert sum(exchange.count for exchange in journal) == journal.total == 100_000


def test_memory_is_no_more_than_what_the_journal_says() -> None:
    journal = a_journal(max_exchanges=10**9, max_bytes=1_000_000)
    tracemalloc.start()

    record_different(journal, 1000)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert journal.dropped > 0
    assert held < 1_100_000


def test_first_equal_calls_keep_their_times() -> None:
    clock = ManualClock()
    journal = a_journal(clock, fold_after=3)

    record_at(journal, clock, 0, 1, 3)

    assert [exchange.time for exchange in journal] == [0, 1, 3]


def test_folded_exchange_tells_how_many_there_were_and_until_when() -> None:
    clock = ManualClock()
    journal = a_journal(clock, fold_after=1)

    record_at(journal, clock, 5, 6, 9)

    (kept,) = journal
    assert (kept.number, kept.count, kept.time, kept.last_time) == (1, 3, 5, 9)


def test_different_call_ends_a_fold() -> None:
    journal = a_journal(fold_after=1)

    record_each(journal, "Ada", "Ada", "Bo", "Ada")

    assert inputs_of(journal) == ["Ada", "Bo", "Ada"]
    assert [exchange.count for exchange in journal] == [2, 1, 1]


def test_ids_do_not_keep_equal_calls_apart() -> None:
    journal = a_journal(fold_after=1)

    record_with_ids(journal, b"1", b"2", b"3")

    assert len(journal) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"status": 201},
        {"method": "GET"},
        {"path": "/models/acme/ner?"},
        {"model": "acme/pos"},
        {"gate": "cache"},
        {"why": "another reason"},
        {"request_body": b"{}"},
        {"response_body": b"{}"},
        {"request_headers": ()},
        {"request_headers": ((b"content-type", b"text/plain"),)},
        {"response_headers": ((b"x-request-id", b"1"),)},
    ],
    ids=str,
)
def test_calls_that_differ_are_kept_apart(change: dict[str, Any]) -> None:
    journal = a_journal(fold_after=1)
    record(journal)

    record(journal, **change)

    assert len(journal) == 2


def test_folded_exchanges_are_counted_when_they_go() -> None:
    journal = a_journal(fold_after=1, max_exchanges=1)

    record_each(journal, "Ada", "Ada", "Ada", "Bo")

    assert (len(journal), journal.dropped, journal.total) == (1, 3, 4)


@given(st.lists(st.sampled_from(["Ada", "Bo"])), st.integers(0, 5), st.integers(1, 4))
def test_no_exchange_is_lost_uncounted(calls: list[str], most: int, fold_after: int) -> None:
    journal = a_journal(max_exchanges=most, fold_after=fold_after)

    record_each(journal, *calls)

    kept = sum(exchange.count for exchange in journal)
    assert kept + journal.dropped == journal.total == len(calls)
    assert len(journal) <= most


def test_cleared_journal_begins_anew() -> None:
    journal = a_journal(max_exchanges=1)
    record_each(journal, "Ada", "Bo")

    journal.clear()

    assert (len(journal), journal.total, journal.dropped, journal.bytes_held) == (0, 0, 0, 0)
    assert record(journal).number == 1


@pytest.mark.parametrize("name", ["max_exchanges", "max_bytes", "max_body_bytes", "fold_after"])
def test_bound_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(BadJournal, match=f"{name} is -1; it must be at least"):
        a_journal(None, **{name: -1})


def test_journal_may_be_read_while_it_grows() -> None:
    journal = a_journal()
    record_each(journal, "Ada", "Bo")

    seen = [record(journal, "Cy") for _ in journal]

    assert len(seen) == 2


def test_hot_loop_of_100_000_calls_with_ids_stays_within_the_bounds() -> None:
    journal = a_journal(max_exchanges=10, fold_after=1)
    ids = [((b"x-request-id", b"%d" % number),) for number in range(100_000)]

    for headers in ids:
        record(journal, response_headers=headers, request_body=b"{}")

    assert (len(journal), journal.total) == (1, 100_000)


def test_note_has_its_time() -> None:
    clock = ManualClock(7)
    journal = a_journal(clock)

    journal.note("the clock was advanced")

    assert journal.notes == (Note(7, "the clock was advanced"),)
    assert journal.to_json()["notes"] == [{"time": 7.0, "text": "the clock was advanced"}]


def test_latest_notes_stay() -> None:
    journal = a_journal()

    for number in range(1000):
        journal.note(f"note {number}")

    assert [journal.notes[0].text, journal.notes[-1].text] == ["note 900", "note 999"]
    assert journal.bytes_held < 100_000


def test_note_is_cut_and_without_a_token() -> None:
    journal = a_journal()

    journal.note("hf_" + "a" * 1000)
    journal.note("x" * 1000)

    assert [len(note.text) for note in journal.notes] == [3, 500]


def test_watcher_hears_of_each_call_also_of_folded_ones() -> None:
    journal = a_journal(fold_after=1)
    heard: list[Exchange | None] = []

    with journal.watched(heard.append):
        record_each(journal, "Ada", "Ada")
        journal.clear()
    record(journal)

    assert [None if exchange is None else exchange.number for exchange in heard] == [1, 2, None]


@given(st.lists(st.sampled_from(["Ada", "Bo", "clear", "note"]), max_size=30))
def test_whole_budget_is_what_the_journal_says(calls: list[str]) -> None:
    whole = Budget()
    journal = a_journal(max_exchanges=3, fold_after=2, budget=whole)
    steps = {"clear": journal.clear, "note": lambda: journal.note("a note")}

    for call in calls:
        steps.get(call, partial(record, journal, call))()

    assert whole.held == journal.bytes_held >= 500 * len(journal)


def test_journal_is_json() -> None:
    journal = a_journal()
    record(journal, response_body=b"\xff\xfe")

    document = json.loads(json.dumps(journal.to_json()))

    assert (document["total"], document["dropped"]) == (1, 0)
    (exchange,) = document["exchanges"]
    assert exchange["request"]["body"] == '{"inputs": "Ada"}'
    assert exchange["response"] == {
        "headers": [["content-type", "application/json"]],
        "body": "��",
        "body_bytes": 2,
        "body_is_cut": False,
    }


def test_control_token_is_masked() -> None:
    exchange = record(a_journal(), request_headers=((b"X-Nertwin-Token", b"canary"),))

    assert exchange.request_headers == (("X-Nertwin-Token", "***"),)


@pytest.mark.parametrize("word", ["Canary0123456789Abcd", "canary0123456789abcd"])
def test_token_that_a_model_has_found_in_its_text_is_masked_in_the_answer(word: str) -> None:
    exchange = record(
        a_journal(),
        request_body=b'{"inputs":"My key is hf_Canary0123456789Abcd."}',
        response_body=b'[{"entity_group":"ORG","word":"%s"}]' % word.encode(),
    )

    assert exchange.response_body.kept == b'[{"entity_group":"ORG","word":"***"}]'


def test_answer_to_many_tokens_is_searched_for_the_first_only() -> None:
    tokens = b" ".join(b"hf_%020d" % number for number in range(1000))

    exchange = record(a_journal(), request_body=tokens, response_body=tokens.replace(b"hf_", b""))

    assert b"hf_" not in exchange.request_body.kept
    assert exchange.response_body.kept.count(b"***") == 20


def test_id_in_another_place_among_the_headers_ends_a_fold() -> None:
    journal = a_journal(fold_after=1)
    one, other = (b"x-request-id", b"1"), (b"x-other", b"2")

    record(journal, response_headers=(one, other))
    record(journal, response_headers=(one, other))
    record(journal, response_headers=(other, one))

    assert [exchange.repeats for exchange in journal] == [1, 0]


def test_folded_call_is_given_with_its_own_number_and_time() -> None:
    clock = ManualClock()
    journal = a_journal(clock, fold_after=1)
    record_at(journal, clock, 1, 2)

    given = record(journal, began=1.5)

    assert (given.number, given.time, given.seconds, given.repeats) == (3, 1.5, 0.5, 0)


def test_counted_repeats_are_gone_with_the_exchange_that_is_shed() -> None:
    journal = a_journal(fold_after=1)
    record_each(journal, "Ada", "Ada", "Ada")

    journal.shed()
    record_each(journal, "Ada")

    assert (journal.total, journal.dropped) == (4, 3)
    assert [exchange.repeats for exchange in journal] == [0]


def test_machines_time_is_told_from_the_first_request_on() -> None:
    ticks = iter([103.0, 111.5])
    journal = Journal(ManualClock(), monotonic=lambda: next(ticks))

    first = record(journal, "Ada", arrived=102.0)
    second = record(journal, "Bo", arrived=110.0)

    assert (first.real_time, first.real_seconds) == (0.0, 1.0)
    assert (second.real_time, second.real_seconds, second.last_real_time) == (8.0, 1.5, 8.0)


def test_folded_exchanges_tell_the_machines_time_of_the_last() -> None:
    ticks = iter([1.0, 2.0, 4.0])
    journal = Journal(ManualClock(), fold_after=1, monotonic=lambda: next(ticks))

    record_each(journal, "Ada", "Ada", "Ada")

    (kept,) = journal
    assert (kept.real_time, kept.last_real_time) == (0.0, 3.0)


def test_machines_time_begins_anew_when_all_is_forgotten() -> None:
    ticks = iter([1.0, 9.0])
    journal = Journal(ManualClock(), monotonic=lambda: next(ticks))
    record(journal)

    journal.clear()

    assert record(journal).real_time == 0.0


def test_other_threads_are_told_no_exchange_that_lacks_repeats() -> None:
    journal = a_journal(fold_after=1)
    record_each(journal, "Ada", "Ada")

    before = journal.settled
    in_loop = list(journal)

    assert before is None
    assert journal.settled == tuple(in_loop)
