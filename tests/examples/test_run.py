import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = sorted(file.parent.name for file in EXAMPLES.glob("*/pyproject.toml"))


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The runner, whose environments and tests are not made."""
    spec = importlib.util.spec_from_file_location("run_examples", EXAMPLES / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "make_environment", lambda folder, _packages: folder)
    return module


def try_with(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch, fixed: dict[str, bool], found: dict[str, bool]
) -> list[str]:
    """What is wrong with an example whose tests end like that; `test_bug` is to catch the bug."""
    results = iter((fixed, found))
    monkeypatch.setattr(run, "run_tests", lambda *_, **__: next(results))
    example = run.Example(
        folder=Path(),
        dependencies=(),
        caught_by=frozenset({"test_bug"}),
        command=run.PYTEST,
        buggy=("-o", "pythonpath=buggy"),
    )
    problems: list[str] = run.try_example(example, Path("wheel"), Path())
    return problems


@pytest.mark.parametrize("name", NAMES)
def test_example_names_tests_that_catch_its_bug(run: ModuleType, name: str) -> None:
    example = run.read_example(EXAMPLES / name)

    assert bool(example.buggy) == bool(example.caught_by) == (name != "hostile")


@pytest.mark.parametrize("name", NAMES)
def test_example_is_listed(name: str) -> None:
    assert f"[{name}]({name})" in (EXAMPLES / "README.md").read_text()


def test_bug_that_is_caught_is_no_problem(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    fixed, found = {"test_bug": True, "test_rest": True}, {"test_bug": False, "test_rest": True}

    assert try_with(run, monkeypatch, fixed, found) == []


@pytest.mark.parametrize(
    ("fixed", "found", "problem"),
    [
        ({"test_bug": True}, {"test_bug": True}, "test_bug passes, and was to catch the bug"),
        ({"test_bug": False}, {"test_bug": False}, "test_bug fails, and the code is right"),
        (
            {"test_bug": True, "test_rest": True},
            {"test_bug": False, "test_rest": False},
            "test_rest fails the code as it was found, and caught_by does not name it",
        ),
        (
            {"test_bug": True, "test_rest": True},
            {"test_bug": False},
            "the code as it was found has other tests, or breaks before they run",
        ),
    ],
)
def test_example_that_does_not_do_as_it_says_is_told(
    run: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    fixed: dict[str, bool],
    found: dict[str, bool],
    problem: str,
) -> None:
    assert try_with(run, monkeypatch, fixed, found) == [problem]


def test_example_whose_tests_do_not_run_is_told(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "no test ran" in try_with(run, monkeypatch, {}, {})


@pytest.mark.parametrize("outcome", ["failure", "error", "skipped"])
def test_test_that_does_not_pass_is_no_pass(run: ModuleType, outcome: str) -> None:
    case = run.ElementTree.fromstring(f"<testcase name='test_bug'><{outcome}/></testcase>")

    assert run.has_failed(case)


def test_unknown_example_is_told(run: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(Path("wheel"), ["redcator"]) == 2
    assert "redactor" in capsys.readouterr().out
