"""``nertwin selftest``: whether it would notice a kit that catches nothing."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from click.testing import CliRunner
from click.testing import Result as Printed
from support.endpoints import ENDPOINT, a_clause

from nertwin.contract_tests import selftest as module
from nertwin.contract_tests.checks import CHECKS, Check, Trial, Undecided
from nertwin.contract_tests.cli import main
from nertwin.contract_tests.outcomes import Outcome, Result, Verdict
from nertwin.contract_tests.violations import Violation

SPANS = ("--select", "span.no-overlap", "--select", "span.half-open")


#: Their breaches show in the life of a model, to some callers, or at some addresses alone.
AROUND = (
    "availability.call-starts-loading",
    "availability.wait",
    "availability.wait-in-options",
    "cache.equal-call-is-kept",
    "auth.bearer",
    "auth.token-changes-nothing",
    "route.pipeline",
    "relation.chunked-request",
    "relation.addresses",
    "security.no-server-error",
)


def selftest(*arguments: str) -> Printed:
    return CliRunner().invoke(main, ["selftest", *arguments])


def with_judge(monkeypatch: pytest.MonkeyPatch, judge: object) -> None:
    """Every check says what ``judge`` says."""

    def changed(selected: object) -> Iterator[Check]:
        del selected
        yield from (replace(check, judge=judge) for check in CHECKS if "span.half" in check.clause)  # type: ignore[arg-type]

    monkeypatch.setattr("nertwin.contract_tests.runner.checks_for", changed)


def test_broken_servers_are_caught() -> None:
    result = selftest(*SPANS)

    assert result.exit_code == 0, result.output
    assert "2 of 2 broken servers are caught" in result.output
    assert result.output.count("2 of 2 clauses hold") == 3


@pytest.mark.parametrize(
    "clause", ["shape.length-is-true", "shape.error-kind", "label.outside-hidden"]
)
def test_breach_of_any_kind_is_caught(clause: str) -> None:
    result = selftest("--select", clause)

    assert result.exit_code == 0, result.output
    assert f"{clause:<38}classic    caught\n" in result.output


def test_breaches_of_what_surrounds_an_answer_are_caught_at_once() -> None:
    wanted = [f"{clause:<38}classic    caught" for clause in AROUND]

    result = selftest(*(argument for clause in AROUND for argument in ("--select", clause)))

    assert result.exit_code == 0, result.output
    assert sorted(result.output.splitlines()[: len(AROUND)]) == sorted(wanted)
    assert "stays open" not in result.output


@pytest.mark.parametrize(
    ("clause", "where"),
    [
        ("auth.wrong-token", "where a token is asked for"),
        ("aggregation.bare-labels-join", "with labels that have no prefix"),
    ],
)
def test_breach_is_tried_in_surroundings_that_show_it(clause: str, where: str) -> None:
    result = selftest("--select", clause)

    assert result.exit_code == 0, result.output
    assert f"{clause:<38}classic    caught {where}\n" in result.output


def test_everything_counts_what_other_topics_say() -> None:
    result = selftest("--all", *SPANS)

    assert result.exit_code == 0, result.output
    assert "no check of another topic fails on 2 of 2" in result.output


def test_check_that_never_fails_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    with_judge(monkeypatch, lambda _: [])

    result = selftest("--select", "span.half-open")

    assert result.exit_code == 1
    assert "not caught" in result.output
    assert "0 of 1 broken servers" in result.output


def test_check_that_always_fails_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = Violation(where="body", expected="a", actual="b")
    with_judge(monkeypatch, lambda _: [wrong])

    result = selftest("--select", "span.half-open")

    assert result.exit_code == 1
    assert "false alarms: span.half-open" in result.output


def test_check_that_crashes_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(_: Trial) -> list[Violation]:
        raise ZeroDivisionError

    with_judge(monkeypatch, crash)

    result = selftest("--select", "span.half-open")

    assert result.exit_code == 1
    assert "the check itself failed: Traceback" in result.output


def test_check_that_decides_nothing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    with_judge(monkeypatch, lambda _: [Undecided("who knows")])

    result = selftest("--select", "span.half-open")

    assert result.exit_code == 1
    assert "span.half-open stays open: who knows" in result.output


def test_faithful_server_that_keeps_a_clause_open_is_not_good() -> None:
    clause = a_clause("span.half-open")
    results = (Result(clause=clause, outcome=Outcome.INCONCLUSIVE, why="who knows"),)
    verdict = Verdict(endpoint=ENDPOINT, seed=0, results=results, requests=1)
    caught = module.Trial(clause=clause.id, profile="classic", failed=(clause.id,))

    found = module.Selftest(faithful={"classic": verdict}, trials=(caught,), unchecked=())

    assert not found.is_good


def test_clause_without_a_check_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tuple(check for check in CHECKS if check.clause != "span.no-overlap")
    monkeypatch.setattr(module, "CHECKS", kept)

    result = selftest(*SPANS)

    assert "no check yet for 1 clauses that can be broken: span.no-overlap" in result.output


def test_server_that_is_sent_away_counts_as_caught() -> None:
    trial = module.Trial(clause="a.b", profile="classic", refusal="it redirects")

    assert trial.is_caught


def test_interrupt_is_exit_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("nertwin.contract_tests.selftesting.run_selftest", interrupt)

    assert selftest().exit_code == 130


def test_glob_that_matches_nothing_is_a_usage_error() -> None:
    result = selftest("--select", "spann.*")

    assert result.exit_code == 2
    assert "no clause matches 'spann.*'" in result.output
