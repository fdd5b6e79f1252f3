"""``nertwin doctor`` by what it prints of environments that are made for it."""

import json
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from nertwin.contract_tests import doctor
from nertwin.contract_tests.cli import main

Told = dict[str, dict[str, Any]]


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Told]:
    """What it says of an empty folder and PATH, by name."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(doctor, "is_granted", lambda: False)

    def tell() -> Told:
        result = CliRunner().invoke(main, ["doctor", "--json"], catch_exceptions=False)
        return {each["name"]: each for each in json.loads(result.stdout)}

    return tell


def add_program(name: str, prints: str) -> None:
    program = Path("bin") / name
    program.write_text(f"#!{sys.executable}\nprint({prints!r})\n")
    program.chmod(0o700)


def test_python_packages_are_told_with_version_and_recipe(told: Callable[[], Told]) -> None:
    found = told()

    assert found["requests"]["version"] == metadata.version("requests")
    assert found["requests"]["standing"] == "redirected"
    assert "pycurl" not in found
    assert "urllib" in found


def test_programs_of_the_path_are_told(told: Callable[[], Told]) -> None:
    add_program("node", "v20.20.2")
    add_program("java", "openjdk 17.0.15 2025-04-15")

    found = told()

    assert (found["node"]["version"], found["node"]["standing"]) == ("20.20.2", "redirected")
    assert (found["java"]["version"], found["java"]["standing"]) == ("17.0.15", "leaks")
    assert found["java"]["remedy"]
    assert "curl" not in found


def test_program_that_does_not_tell_its_version_is_told_without(told: Callable[[], Told]) -> None:
    add_program("curl", "hello")

    assert told()["curl"]["version"] == ""


def test_node_packages_of_the_folder_are_told(told: Callable[[], Told]) -> None:
    package = Path("node_modules/@huggingface/inference")
    package.mkdir(parents=True)
    (package / "package.json").write_text('{"version": "3.15.0"}')
    broken = Path("node_modules/axios")
    broken.mkdir(parents=True)
    (broken / "package.json").write_text("{")

    found = told()

    assert "for ever" in found["@huggingface/inference"]["why"]
    assert "axios" not in found


@pytest.mark.parametrize("name", ["HF_ENDPOINT", "HF_HUB_OFFLINE", "HTTPS_PROXY", "HF_TOKEN"])
def test_variable_that_matters_is_told_without_its_value(
    told: Callable[[], Told], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "hf_secretsecret")

    found = told()

    assert found[name]["how"]
    assert "secret" not in json.dumps(found)


@pytest.mark.parametrize(
    ("proxy", "standing"),
    [("http://ada:secret@proxy.corp:3128", "redirected"), ("socks5://ada:secret@s", "conditional")],
)
def test_proxy_is_told_by_whether_other_hosts_are_reached(
    told: Callable[[], Told], monkeypatch: pytest.MonkeyPatch, proxy: str, standing: str
) -> None:
    monkeypatch.setenv("HTTP_PROXY", proxy)

    found = told()

    assert found["HTTP_PROXY"]["standing"] == standing
    assert "secret" not in json.dumps(found)


def test_missing_trustme_is_told_with_the_remedy(
    told: Callable[[], Told], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = metadata.version

    def version(name: str) -> str:
        if name == "trustme":
            raise metadata.PackageNotFoundError(name)
        return known(name)

    monkeypatch.setattr(metadata, "version", version)

    found = told()

    assert found["trustme"]["standing"] == "conditional"
    assert "pip install 'nertwin[redirect]'" in found["trustme"]["remedy"]


@pytest.mark.parametrize(("granted", "standing"), [(True, "redirected"), (False, "conditional")])
def test_network_of_ones_own_is_told(
    told: Callable[[], Told], monkeypatch: pytest.MonkeyPatch, *, granted: bool, standing: str
) -> None:
    monkeypatch.setattr(doctor, "is_granted", lambda: granted)

    found = told()["network"]

    assert found["standing"] == standing
    assert "curl --noproxy" in found["why"]


@pytest.mark.usefixtures("told")
def test_report_marks_what_would_leak() -> None:
    add_program("java", "openjdk 17.0.15")

    result = CliRunner().invoke(main, ["doctor"], catch_exceptions=False)

    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].startswith("Python 3.")
    assert [line for line in lines if line.startswith("  ✗ java 17.0.15 ")]
    assert lines[-1] == "Not redirected: java."


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("width", [80, 120])
def test_report_is_no_wider_than_the_terminal(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    add_program("curl", "curl 7.88.1")
    monkeypatch.setenv("COLUMNS", str(width))

    result = CliRunner().invoke(main, ["doctor"], catch_exceptions=False)

    _, *lines = result.stdout.splitlines()  # The first has the path of this Python.
    assert max(map(len, lines)) <= width
    assert "nertwin run --isolate" in " ".join(result.stdout.split())
