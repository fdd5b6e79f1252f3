"""The made pages of the documentation have all that they are made of.

The session `docs` runs this file, which needs Sphinx; pytest does not collect it by its name.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from docs.blocks import DOCS
from nertwin.contract_tests.cli import main
from nertwin.contract_tests.twin import Twin
from nertwin.mockserver import Settings
from nertwin.mockserver.control.routes import ROUTES
from nertwin.mockserver.tables import keys_of
from nertwin.schemas import clauses

sys.path.insert(0, str(DOCS))

from extension import (  # It stands beside the pages.
    clauselist,
    commandlist,
    controllist,
    fixturelist,
    settingslist,
)
from extension.text import code, plain, table


def test_each_clause_has_a_target_and_its_text() -> None:
    page = clauselist.markdown()

    known = (*clauses(), *clauses("client"))
    assert [each.id for each in known if f"\n({each.id})=\n" not in page] == []
    assert [each.id for each in known if plain(each.text) not in page] == []


def test_each_setting_is_told() -> None:
    page = settingslist.markdown()

    assert [name for name in keys_of(Settings) if f"| `{name}` |" not in page] == []


def test_no_setting_is_without_words() -> None:
    rows = [line for line in settingslist.markdown().splitlines() if line.startswith("| `")]

    assert [row for row in rows if re.search(r"\|\s*⟳?\s*\|$", row)] == []


def test_each_route_of_the_control_api_is_told() -> None:
    page = controllist.markdown()

    wanted = [f"### `{route.method} /_nertwin/{route.path}`" for route in ROUTES]
    assert [each for each in wanted if each not in page] == []


def test_each_command_is_told() -> None:
    page = commandlist.markdown()

    assert [name for name in main.commands if f"## `nertwin {name}`" not in page] == []


def test_each_fixture_is_told(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "pytest", "--fixtures", str(tmp_path))
    shown = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False).stdout

    page = fixturelist.markdown()

    names = re.findall(r"^(\w*nertwin\w*)(?: \[(\w+) scope\])? --", shown, flags=re.MULTILINE)
    told = re.findall(r"^\| `(\w+)` \| (test|session) \|", page, flags=re.MULTILINE)
    assert sorted(told) == sorted((name, scope or "test") for name, scope in names)
    assert ("nertwin_server", "session") in told


def test_each_method_of_a_twin_is_told() -> None:
    page = fixturelist.markdown()

    own = {"surprises", "account", "close", "drive", "visits"}  # Of the plugin.
    methods = {name for name, each in vars(Twin).items() if callable(each) and name[0] != "_"}
    assert [name for name in methods - own if f"### `{name}`" not in page] == []
    assert "`nertwin.fail_next(kind, *, times=1, **fields)`" in page


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a *b* [c](d)", r"a \*b\* \[c\]\(d)".replace(r"\(", "(")),
        ("`a*b` c*d", r"`a*b` c\*d"),
        ("``None`` is never", "`None` is never"),
    ],
)
def test_text_means_nothing_but_itself(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_code_may_hold_a_backtick() -> None:
    assert code("a`b") == "`` a`b ``"


def test_pipe_in_a_cell_is_one() -> None:
    assert r"| a\|b |" in table(("x",), [("a|b",)])
