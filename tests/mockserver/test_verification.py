import asyncio
import math
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from support.journals import TOKENS, a_journal, record, record_each, record_loading, texts_of

from nertwin.mockserver.exchange import Body
from nertwin.mockserver.journal import Journal
from nertwin.mockserver.verification import (
    BadWait,
    Verdict,
    Wanted,
    find,
    verify_count,
    verify_order,
    wait_for_count,
)


@pytest.mark.parametrize(
    ("wanted", "number"),
    [
        (Wanted(model="acme/pos"), 2),
        (Wanted(status=503), 3),
        (Wanted(method="GET"), 4),
        (Wanted(path="/health"), 4),
        (Wanted(path="/health?deep=1"), 4),
        (Wanted(text="Grüße"), 1),
        (Wanted(text='say "hi"'), 2),
        (Wanted(gate="availability"), 3),
        (Wanted(status=200, text="hi"), 2),
    ],
    ids=str,
)
def test_exchanges_are_found(wanted: Wanted, number: int) -> None:
    journal = a_journal()
    record(journal, "Grüße")
    record(journal, 'say "hi"', model="acme/pos")
    record_loading(journal)
    record(journal, method="GET", path="/health?deep=1", request_body=b"")

    assert [exchange.number for exchange in find(journal, wanted)] == [number]


def test_text_that_is_no_unicode_is_not_found() -> None:
    assert not Body(b'{"inputs":"Ada"}', 16).holds("\ud800")


def test_count_holds() -> None:
    journal = a_journal()
    record_loading(journal, 2)

    assert verify_count(journal, Wanted(status=503), 2) == Verdict(holds=True)


def test_call_without_a_reply_is_wanted_by_its_status() -> None:
    assert str(Wanted(status=0, text="Ada")) == "status 0 and text 'Ada'"


def test_count_includes_what_is_folded() -> None:
    journal = a_journal(fold_after=1)
    record_loading(journal, 50)

    assert verify_count(journal, Wanted(status=503), 50).holds


def test_count_that_fails_tells_what_came_near() -> None:
    journal = a_journal()
    record(journal, "Ada")
    record_loading(journal)

    verdict = verify_count(journal, Wanted(status=200, text="Bo"), 1)

    assert not verdict.holds
    assert verdict.difference.splitlines() == [
        "wanted 1 exchange with status 200 and text 'Bo'; found 0.",
        '  near: #1 POST /models/acme/ner -> 200: the body is \'{"inputs": "Ada"}\','
        " wanted 'Bo' in it",
        "  near: #2 POST /models/acme/ner -> 503: status is 503, wanted 200;"
        " the body is '{\"inputs\": \"Ada\"}', wanted 'Bo' in it",
    ]


def test_count_that_is_exceeded_names_what_was_too_much() -> None:
    journal = a_journal(fold_after=1)
    record_loading(journal, 3)

    verdict = verify_count(journal, Wanted(gate="availability"), 1)

    assert verdict.difference.splitlines() == [
        "wanted 1 exchange with gate 'availability'; found 3.",
        "  #1 POST /models/acme/ner -> 503 (3 times)",
    ]


def test_count_of_an_empty_journal_tells_that_nothing_came_near() -> None:
    verdict = verify_count(a_journal(), Wanted(), 1)

    assert verdict.difference == "wanted 1 exchange with anything; found 0.\n  nothing came near."


def test_each_respect_of_a_near_miss_is_named() -> None:
    journal = a_journal(max_body_bytes=3)
    record(journal)

    verdict = verify_count(journal, Wanted(model="m", method="GET", path="/x", text="Bo"), 1)

    assert verdict.difference.endswith(
        "model is 'acme/ner', wanted 'm'; method is 'POST', wanted 'GET';"
        " path is '/models/acme/ner', wanted '/x';"
        " the body is '{\"i', of which only the beginning is kept, wanted 'Bo' in it"
    )


@pytest.mark.parametrize("count", [0, 1])
def test_count_never_holds_when_exchanges_are_gone(count: int) -> None:
    journal = a_journal(max_exchanges=1)
    record_each(journal, "Ada", "Bo")

    verdict = verify_count(journal, Wanted(text="Cy" if count == 0 else "Bo"), count)

    assert not verdict.holds
    assert "No longer kept: 1 exchange, so the rest is unknown." in verdict.difference


def test_count_never_holds_when_a_cut_body_might_have_had_the_text() -> None:
    journal = a_journal(max_body_bytes=10)
    record(journal, "Ada")

    verdict = verify_count(journal, Wanted(text="Bo"), 0)

    assert not verdict.holds
    assert "Only the beginning is kept of the body of #1" in verdict.difference


def test_cut_body_of_another_model_does_not_matter() -> None:
    journal = a_journal(max_body_bytes=10)
    record(journal, "Ada", model="acme/pos")

    assert verify_count(journal, Wanted(model="acme/ner", text="Bo"), 0).holds


def test_order_holds_with_others_in_between() -> None:
    journal = a_journal()
    record_each(journal, "Ada", "Bo", "Cy")

    verdict = verify_order(journal, [Wanted(text="Ada"), Wanted(text="Cy")])

    assert verdict == Verdict(holds=True)


def test_order_takes_each_exchange_once() -> None:
    journal = a_journal()
    record_each(journal, "Ada", "Bo")

    assert not verify_order(journal, [Wanted(text="Ada"), Wanted(text="Ada")]).holds


def test_order_takes_a_folded_exchange_as_often_as_it_came() -> None:
    journal = a_journal(fold_after=1)
    record_each(journal, "Ada", "Ada")

    assert verify_order(journal, [Wanted(text="Ada")] * 2).holds
    assert not verify_order(journal, [Wanted(text="Ada")] * 3).holds


def test_order_that_fails_names_the_step_and_what_came_near() -> None:
    journal = a_journal()
    record_each(journal, "Bo", "Ada")

    verdict = verify_order(journal, [Wanted(text="Ada"), Wanted(text="Bo")])

    assert verdict.difference.splitlines() == [
        "step 2 of 2: nothing with text 'Bo' came after #2 POST /models/acme/ner -> 200.",
        '  near: #2 POST /models/acme/ner -> 200: the body is \'{"inputs": "Ada"}\','
        " wanted 'Bo' in it",
    ]


def test_order_that_fails_tells_what_is_gone() -> None:
    journal = a_journal(max_exchanges=1)
    record_each(journal, "Ada", "Bo", "Cy")

    verdict = verify_order(journal, [Wanted(text="Ada")])

    assert "nothing with text 'Ada' came at all" in verdict.difference
    assert "No longer kept: 2 exchanges before these." in verdict.difference


@given(TOKENS)
def test_token_never_appears_in_a_near_miss(token: str) -> None:
    journal = a_journal()
    secret = token.encode()
    headers = ((b"authorization", b"Bearer " + secret),)

    record(journal, request_headers=headers, path=f"/{token}", request_body=secret)
    verdict = verify_count(journal, Wanted(path="/", text="Ada"), 1)

    assert not any(token in text for text in texts_of(verdict))


async def wait_and(journal: Journal, count: int, *acts: Callable[[], Any]) -> Verdict:
    """The verdict of a wait during which these acts are done one after the other."""
    waiting = asyncio.create_task(wait_for_count(journal, Wanted(status=200), count, longest=30))
    await asyncio.sleep(0)
    for act in acts:
        assert not waiting.done()
        act()
        await asyncio.sleep(0)
    return await waiting


def test_wait_ends_with_the_call_that_was_wanted() -> None:
    journal = a_journal()
    record(journal)

    acts = (partial(record_loading, journal), partial(record, journal))
    verdict = asyncio.run(wait_and(journal, 2, *acts))

    assert verdict.holds


def test_wait_counts_calls_that_are_folded() -> None:
    journal = a_journal(fold_after=1)

    verdict = asyncio.run(wait_and(journal, 3, *[partial(record, journal)] * 3))

    assert verdict.holds


def test_wait_begins_anew_when_the_journal_is_cleared() -> None:
    journal = a_journal()
    record(journal)

    acts = (journal.clear, partial(record, journal), partial(record, journal))
    verdict = asyncio.run(wait_and(journal, 2, *acts))

    assert verdict.holds


def test_wait_for_what_has_come_already_ends_at_once() -> None:
    journal = a_journal()
    record(journal)

    assert asyncio.run(wait_for_count(journal, Wanted(), 1, longest=0)).holds


def test_wait_in_vain_tells_what_came_near() -> None:
    journal = a_journal()
    record_loading(journal)

    verdict = asyncio.run(wait_for_count(journal, Wanted(status=200), 1, longest=0))

    assert "near: #1 POST /models/acme/ner -> 503" in verdict.difference


def test_wait_that_is_given_up_leaves_nothing_behind() -> None:
    journal = a_journal()

    async def give_up() -> None:
        waiting = asyncio.create_task(wait_for_count(journal, Wanted(), 1, longest=30))
        await asyncio.sleep(0)
        assert journal.watchers == 1
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    asyncio.run(give_up())

    assert journal.watchers == 0


@pytest.mark.parametrize("longest", [-1, 601, math.nan, math.inf])
def test_wait_without_a_bound_is_refused(longest: float) -> None:
    with pytest.raises(BadWait, match="must be from 0 to 600 seconds"):
        asyncio.run(wait_for_count(a_journal(), Wanted(), 1, longest=longest))
