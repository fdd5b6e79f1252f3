"""A client that asks again at once and for ever; ``tests/soak`` has 100,000 calls of it."""

import pytest
from support.hotloop import MOST_EXCHANGES, loop, looping_app


def test_hot_loop_of_equal_calls_is_told_in_twenty_lines(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = looping_app()

    journal = loop(app, 1500, texts=1)

    assert (journal.total, len(journal), journal.dropped) == (1500, 20, 0)
    assert [found.finding.id for found in app.sessions.find().findings] == ["retry.hot-loop"]
    assert caplog.records == []


def test_hot_loop_of_different_calls_leaves_the_latest_thousand(
    caplog: pytest.LogCaptureFixture,
) -> None:
    journal = loop(looping_app(), 2500, texts=2)

    assert (journal.total, len(journal), journal.dropped) == (2500, MOST_EXCHANGES, 1500)
    assert caplog.records == []
