"""What a person sees while a run goes on."""

import io

from rich.console import Console
from support.endpoints import ENDPOINT, Listener, a_check, a_plan, good, verdict_of

from nertwin.contract_tests.reporters.events import Exchanged, Finished, Started
from nertwin.contract_tests.reporters.progress import ProgressBar


def drawn(*, is_terminal: bool) -> str:
    """All that is written from a start to an end."""
    written = io.StringIO()
    bar = ProgressBar(Console(file=written, force_terminal=is_terminal, width=100))
    bar(Started(endpoint=ENDPOINT, seed=0, clauses=164))
    bar(Exchanged(exchange=good(ENDPOINT.classify("a")), topic="span", decided=41, violated=2))
    bar(Finished(verdict=verdict_of(a_check())))
    return written.getvalue()


def test_bar_tells_topic_clauses_requests_and_violations() -> None:
    output = drawn(is_terminal=True)

    assert "span" in output
    assert "41/164" in output
    assert "1 requests" in output
    assert "2 violated" in output


def test_bar_leaves_nothing_behind_but_a_cursor() -> None:
    last = drawn(is_terminal=True).rpartition("violated")[2]

    assert "\x1b[2K" in last
    assert "\x1b[?25h" in last


def test_nothing_is_drawn_where_nobody_watches() -> None:
    assert drawn(is_terminal=False) == ""


def test_run_tells_how_many_clauses_are_decided_and_what_is_tried() -> None:
    heard = Listener()

    verdict_of(a_check(), a_check("span.not-empty", plans=(a_plan("b"),)), reporters=[heard])

    told = [event for event in heard.events if isinstance(event, Exchanged)]
    assert [event.decided for event in told] == sorted(event.decided for event in told)
    assert {event.topic for event in told} >= {"shape", "span"}
