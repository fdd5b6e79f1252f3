"""What GitHub Actions is told, and when."""

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.endpoints import WRONG, a_check, verdict_of

from nertwin.contract_tests.cli import main
from nertwin.contract_tests.reporters import Finished, Started, github_reporters
from nertwin.contract_tests.reporters.github import GitHubReport, workflow_commands
from nertwin.contract_tests.violations import Violation
from nertwin.mockserver import RunningServer


def test_elsewhere_nothing_is_told() -> None:
    assert github_reporters({"GITHUB_STEP_SUMMARY": "summary.md"}) == ()


def test_violation_is_an_annotation_with_everything_escaped() -> None:
    wrong = Violation(where="body", expected="50 %", actual="a\r\nb")

    (line,) = workflow_commands(verdict_of(a_check(says=lambda _: [wrong])))

    assert line.startswith(
        "::error title=shape.no-label (MUST)::body: expected 50 %25, got a%0D%0A"
    )


def test_title_holds_no_colon_and_no_comma() -> None:
    verdict = verdict_of(a_check(says=lambda _: 1 / 0))  # type: ignore[arg-type, return-value]

    (line,) = workflow_commands(verdict)

    assert line.startswith("::error title=shape.no-label%3A the check itself failed::Traceback")


def test_summary_is_added_to_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "summary.md"
    path.write_text("before\n")
    (report,) = github_reporters({"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(path)})

    report(Finished(verdict=verdict_of(a_check())))

    assert path.read_text().startswith("before\n# The contract is kept\n")


def test_summary_is_cut_where_github_would_drop_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nertwin.contract_tests.reporters.github._LARGEST_SUMMARY", 100)
    path = tmp_path / "summary.md"

    GitHubReport(path)(Finished(verdict=verdict_of(a_check(says=lambda _: [WRONG]))))

    assert len(path.read_bytes()) < 200
    assert "The rest did not fit" in path.read_text()


def test_without_a_summary_there_are_still_annotations() -> None:
    told: list[str] = []
    verdict = replace(verdict_of(a_check()), stopped="interrupted", stale=("a.b (gone)",))
    report = GitHubReport(echo=told.append)

    report(Started(endpoint=verdict.endpoint, seed=0, clauses=1))
    report(Finished(verdict=verdict))

    assert told == [
        "::error title=stale baseline entry::a.b (gone)",
        "::warning title=nertwin check ended early::interrupted",
    ]


def test_command_tells_github_where_it_runs_there(server: RunningServer, tmp_path: Path) -> None:
    path = tmp_path / "summary.md"
    there = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(path)}
    arguments = ["check", server.url, "--profile", "dedicated", "--select", "shape.token-fields"]

    result = CliRunner().invoke(main, arguments, env=there)

    assert "::error title=shape.token-fields (MUST)::" in result.output
    assert "The contract is violated" in path.read_text()
