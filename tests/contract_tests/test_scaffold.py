import os
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from nertwin.contract_tests.cli import main
from nertwin.contract_tests.scaffold import template
from nertwin.mockserver import Settings, load_settings
from nertwin.mockserver.configuration import read_config
from nertwin.mockserver.tables import keys_of

# Where nothing is the default, or the default can't be written, the file has an example.
EXAMPLES = {"models", "rules", "faults", "quota", "cache_ttl"}


def init(folder: Path | str) -> Result:
    return CliRunner().invoke(main, ["init", str(folder)])


def uncommented() -> str:
    return re.sub(r"^#(?! |$)", "", template("nertwin.toml"), flags=re.MULTILINE)


def test_empty_folder_gets_both_files(tmp_path: Path) -> None:
    result = init(tmp_path)

    assert result.exit_code == 0
    assert "wrote" in result.output
    assert (tmp_path / "nertwin.toml").read_text() == template("nertwin.toml")
    assert (tmp_path / "tests" / "test_ner.py").read_text() == template("test_ner.txt")


def test_folder_is_made_where_there_is_none(tmp_path: Path) -> None:
    assert init(tmp_path / "new" / "project").exit_code == 0

    assert (tmp_path / "new" / "project" / "nertwin.toml").is_file()


@pytest.mark.parametrize("name", ["nertwin.toml", "tests/test_ner.py"])
def test_file_that_is_there_stays(tmp_path: Path, name: str) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / name).write_text("# mine\n")

    result = init(tmp_path)

    assert result.exit_code == 0
    assert f"left out {tmp_path / name}" in result.output
    assert (tmp_path / name).read_text() == "# mine\n"


def test_second_time_changes_nothing(tmp_path: Path) -> None:
    init(tmp_path)

    result = init(tmp_path)

    assert result.exit_code == 0
    assert "wrote" not in result.output


def test_settings_in_pyproject_are_not_hidden_by_a_file(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.nertwin]\nport = 0\n")

    result = init(tmp_path)

    assert "pyproject.toml has settings already" in result.output
    assert not (tmp_path / "nertwin.toml").exists()


def test_settings_above_are_not_hidden_by_a_file(tmp_path: Path) -> None:
    (tmp_path / "nertwin.toml").write_text("port = 0\n")

    result = init(tmp_path / "service")

    assert f"the settings of {tmp_path / 'nertwin.toml'} hold here" in result.output
    assert not (tmp_path / "service" / "nertwin.toml").exists()


def test_file_in_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "tests").write_text("")

    result = init(tmp_path)

    assert result.exit_code == 2
    assert "is a file where a folder was to be" in result.output


def test_file_in_place_of_the_project_is_told(tmp_path: Path) -> None:
    (tmp_path / "project").write_text("")

    result = init(tmp_path / "project")

    assert result.exit_code == 2
    assert "nertwin: " in result.output


def test_settings_are_all_commented_out() -> None:
    lines = template("nertwin.toml").splitlines()

    assert [line for line in lines if line and not line.startswith("#")] == []


def test_file_as_written_changes_nothing(tmp_path: Path) -> None:
    init(tmp_path)

    assert read_config(tmp_path / "nertwin.toml") == {}


def test_every_setting_is_there() -> None:
    names = re.findall(r"^#\[*([a-z_]+)", template("nertwin.toml"), flags=re.MULTILINE)

    assert set(keys_of(Settings)) <= set(names)


def test_every_setting_loads_and_is_the_default(tmp_path: Path) -> None:
    file = tmp_path / "nertwin.toml"
    file.write_text(uncommented())

    loaded, default = load_settings(config=file, environ={}), Settings()

    names = {field.name for field in fields(Settings)} - EXAMPLES - {"source"}
    assert {name: getattr(loaded, name) for name in names} == {
        name: getattr(default, name) for name in names
    }
    assert loaded.quota is not None
    assert len(loaded.faults) == 1
    assert len(loaded.rules) == 2


EASY = pytest.param(uncommented().partition("[quota]")[0], id="uncommented but for the hard days")


@pytest.mark.parametrize("settings", ["", EASY, 'profile = "router"', 'profile = "dedicated"'])
def test_example_passes(tmp_path: Path, settings: str) -> None:
    init(tmp_path)
    if settings:
        (tmp_path / "nertwin.toml").write_text(settings)

    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--strict-markers", "-W", "error", "-p", "nertwin"],
        cwd=tmp_path,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert "6 passed" in run.stdout
