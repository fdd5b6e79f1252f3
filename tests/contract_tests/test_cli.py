import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from nertwin.contract_tests.cli import main


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def test_help_names_the_commands() -> None:
    result = run("--help")

    assert result.exit_code == 0
    assert "serve" in result.output
    assert "explain" in result.output
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


def test_clauses_of_clients_are_listed_apart() -> None:
    result = run("clauses")

    endpoints, clients = result.output.split("What binds clients:")
    assert endpoints.startswith("What binds endpoints:")
    assert " client." not in endpoints
    assert all(line.split()[1].startswith("client.") for line in clients.splitlines()[1:])


def test_clauses_of_one_party_need_no_headline() -> None:
    assert "What binds" not in run("clauses", "client.*").output


def test_pattern_without_a_clause_is_a_usage_error_with_a_guess() -> None:
    result = run("clauses", "spann.slice-is-word")

    assert result.exit_code == 2
    assert "Did you mean" in result.output


def test_explain_says_which_rule_found_what() -> None:
    result = run("explain", "Ada Lovelace lived in London")

    assert result.exit_code == 0
    assert "^^^^^^^^^^^^" in result.output
    assert "[London](LOC) gazetteer.cities" in result.output


def test_explain_takes_model_strategy_and_stride() -> None:
    result = run(
        *("explain", "the house", "--model", "vblagoje/bert-english-uncased-finetuned-pos"),
        *("--strategy", "first", "--stride", "2"),
    )

    assert "strategy first" in result.output
    assert "the/DET house/NOUN" in result.output


def test_explain_knows_the_rules_of_the_settings(tmp_path: Path) -> None:
    config = tmp_path / "nertwin.toml"
    config.write_text('[[rules]]\nsay = "[a](PER:0.9) b"\n')

    result = run("explain", "a b", "--config", str(config), "--json")

    explanation = json.loads(result.output)
    assert explanation["pinned_by"] == "say.1"
    assert explanation["entities"][0]["score"] == 0.8999999761581421


def test_explain_speaks_the_profiles_dialect() -> None:
    result = run("explain", "a", "--profile", "router", "--json")

    assert json.loads(result.output)["strategy"] == "simple"


def test_explain_of_an_unknown_model_is_an_error_with_a_guess() -> None:
    result = run("explain", "a", "--model", "nertwin/pi")

    assert result.exit_code == 2
    assert "Did you mean 'nertwin/pii'?" in result.output


def test_explain_of_refused_parameters_says_why() -> None:
    result = run("explain", "a", "--stride", "1", "--strategy", "none")

    assert result.exit_code == 2
    assert "please select another one" in result.output


def test_explain_of_what_is_no_text_is_a_usage_error() -> None:
    result = run("explain", "a\udcff", "--json")

    assert result.exit_code == 2
    assert "no valid UTF-8" in result.output
