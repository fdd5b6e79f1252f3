"""100,000 calls in a hot loop. ``nox -s soak`` runs it; its name hides it from others."""

import tracemalloc

import pytest
from support.hotloop import MOST_EXCHANGES, loop, looping_app

CALLS = 100_000
MIB = 1024 * 1024


@pytest.mark.parametrize("texts", [1, 2, CALLS])
def test_journal_stays_within_its_bounds_and_the_log_silent(
    texts: int, caplog: pytest.LogCaptureFixture
) -> None:
    app = looping_app()

    journal = loop(app, CALLS, texts=texts)

    assert journal.total == CALLS
    assert len(journal) == (20 if texts == 1 else MOST_EXCHANGES)
    assert sum(each.count for each in journal) + journal.dropped == CALLS
    assert caplog.records == []


def test_full_journal_takes_no_more_memory() -> None:
    app = looping_app()
    tracemalloc.start()
    loop(app, 2_000, texts=CALLS)
    before = tracemalloc.get_traced_memory()[0]

    loop(app, 10_000, texts=CALLS)

    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < MIB
