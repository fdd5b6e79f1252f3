"""``nertwin selftest``: whether it would notice a kit that catches nothing."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from click.testing import CliRunner, Result

from nertwin.contract_tests import selftest as module
from nertwin.contract_tests.checks import CHECKS, Check, Trial
from nertwin.contract_tests.cli import main
from nertwin.contract_tests.violations import Violation

SPANS = ("--select", "span.no-overlap", "--select", "span.half-open")


def selftest(*arguments: str) -> Result:
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
    assert f"{clause:<36}classic    caught\n" in result.output


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
