import pytest
from click.testing import CliRunner, Result

from nertwin.contract_tests.cli import main


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def test_help_names_the_commands() -> None:
    result = run("--help")

    assert result.exit_code == 0
    assert "serve" in result.output
    assert "clauses" in result.output


@pytest.mark.parametrize(
    "option",
    [
        "--host",
        "--port",
        "--profile",
        "--config",
        "--model",
        "--default-model",
        "--any-model",
        "--workers",
        "--reload",
        "--log-format",
    ],
)
def test_help_of_serve_explains_every_option(option: str) -> None:
    assert option in run("serve", "--help").output


def test_misspelt_command_is_guessed() -> None:
    result = run("sevre")

    assert result.exit_code == 2
    assert "serve" in result.output


def test_version_is_the_packages() -> None:
    assert run("--version").output.startswith("nertwin ")


def test_clauses_are_listed_with_level_and_text() -> None:
    result = run("clauses", "span.*")

    assert result.exit_code == 0
    assert all(line.split()[1].startswith("span.") for line in result.output.splitlines())
    assert "MUST" in result.output


def test_pattern_without_a_clause_is_a_usage_error_with_a_guess() -> None:
    result = run("clauses", "spann.slice-is-word")

    assert result.exit_code == 2
    assert "Did you mean" in result.output
