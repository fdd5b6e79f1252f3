import tomllib
from importlib.metadata import entry_points, files, version
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
SETUPTOOLS = PROJECT["tool"]["setuptools"]
FOLDERS = ("mockserver", "schemas", "contract_tests")


def packages_of_the_tree() -> set[str]:
    inits = (path for folder in FOLDERS for path in (ROOT / folder).rglob("__init__.py"))
    return {f"nertwin.{'.'.join(path.parent.relative_to(ROOT).parts)}" for path in inits}


def test_every_package_of_the_tree_is_listed() -> None:
    assert set(SETUPTOOLS["packages"]) == packages_of_the_tree()


def test_every_package_is_mapped_to_its_folder() -> None:
    mapping = {
        name: name.removeprefix("nertwin.").replace(".", "/") for name in SETUPTOOLS["packages"]
    }

    assert SETUPTOOLS["package-dir"] == mapping


@pytest.mark.parametrize("folder", FOLDERS)
def test_folder_is_marked_as_typed(folder: str) -> None:
    assert (ROOT / folder / "py.typed").is_file()


def test_every_data_file_of_the_packs_is_installed() -> None:
    folder = ROOT / "mockserver" / "packs"
    patterns = SETUPTOOLS["package-data"]["nertwin.mockserver.packs"]

    installed = {path for pattern in patterns for path in folder.glob(pattern)}
    assert installed == {
        path for path in folder.rglob("*.*") if path.suffix not in {".md", ".py", ".pyc"}
    }


def test_command_is_installed() -> None:
    (command,) = entry_points(group="console_scripts", name="nertwin")

    assert command.value == "nertwin.contract_tests.program:main"


def test_plugin_is_installed() -> None:
    (plugin,) = entry_points(group="pytest11", name="nertwin")

    assert plugin.value == "nertwin.contract_tests.plugin"


def test_installed_version_is_the_projects() -> None:
    assert version("nertwin") == PROJECT["project"]["version"]


def test_no_test_is_installed() -> None:
    assert not [file for file in files("nertwin") or () if "tests" in file.parts[:1]]
