"""The documentation's code, run: each page is a small project, its captioned blocks are files.

The session `docs` runs this file, with the packages that the pages compare nertwin with; pytest
does not collect it by its name.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from docs.blocks import ROOT, Block, blocks
from nertwin.contract_tests.baseline import load_baseline
from nertwin.mockserver import RunningServer, load_settings

PORT = "http://127.0.0.1:8080"
NODE_MODULES = ROOT / "tests" / "clients" / "node" / "node_modules"
BLOCKS = blocks()
FILES = [block for block in BLOCKS if block.caption]
TEST_FILES = sorted({block.page for block in FILES if block.caption.startswith("test_")})
DOCKER = (
    shutil.which("docker") is not None
    and not subprocess.run(["docker", "info"], capture_output=True, check=False).returncode
)


def of_language(language: str) -> list[object]:
    return [
        pytest.param(block, id=block.id)
        for block in BLOCKS
        if block.language == language and not block.caption
    ]


def files_named(*suffixes: str) -> list[object]:
    return [pytest.param(each, id=each.id) for each in FILES if each.caption.endswith(suffixes)]


@pytest.fixture
def run(tmp_path: Path, server: RunningServer) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a command in a page's folder, which has the page's files, those before ``number``."""

    def run(page: str, *command: str, number: int = 1000) -> subprocess.CompletedProcess[str]:
        for block in FILES:
            if block.page == page and block.number < number:
                file = tmp_path / block.caption
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(block.text.replace(PORT, server.url), encoding="utf-8")
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
        return subprocess.run(
            command,
            cwd=tmp_path,
            env={
                **inherited,
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                "HF_HOME": str(tmp_path / "hub"),
                "HF_HUB_DISABLE_TELEMETRY": "1",
                "PYTEST_ADDOPTS": "-p no:cacheprovider -p no:randomly -p no:schemathesis",
                "NERTWIN": str(ROOT),
                "PIP_NO_INDEX": "1",  # What a page installs is there already.
                "COLUMNS": "120",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )

    return run


Run = Callable[..., subprocess.CompletedProcess[str]]


def test_each_language_is_one_that_is_run() -> None:
    languages = {block.language for block in BLOCKS}

    assert languages <= {"python", "console", "javascript", "toml", "json", "yaml"}


@pytest.mark.parametrize("page", TEST_FILES)
def test_page_passes_its_tests(page: str, run: Run) -> None:
    names = [block.caption for block in FILES if block.page == page]
    tests = [name for name in names if name.startswith("test_")]
    failing = [name for name in tests if name in failing_files(page)]

    ended = run(page, "python", "-m", "pytest", "-q", *sorted({*tests} - {*failing}))

    assert ended.returncode == 0, ended.stdout


def failing_files(page: str) -> str:
    """What a page shows failing."""
    lines = [line for each in BLOCKS if each.page == page for line in each.text.splitlines()]
    return "\n".join(line for line in lines if line.endswith("# fails"))


@pytest.mark.parametrize("block", files_named(".py"))
def test_file_is_tested_or_imported_by_a_test(block: Block) -> None:
    module = Path(block.caption).stem
    others = [each.text for each in BLOCKS if each.page == block.page and each is not block]

    assert module.startswith("test_") or any(module in text for text in others)


@pytest.mark.parametrize("block", of_language("python"))
def test_script_runs(block: Block, run: Run, server: RunningServer) -> None:
    ended = run(block.page, "python", "-W", "error", "-c", block.text.replace(PORT, server.url))

    assert ended.returncode == 0, ended.stdout


@pytest.mark.parametrize("block", of_language("javascript"))
def test_script_for_node_runs(
    block: Block, run: Run, server: RunningServer, tmp_path: Path
) -> None:
    if "@huggingface/inference" in block.text:
        assert NODE_MODULES.is_dir(), "`npm ci` in tests/clients/node installs what this needs"
        (tmp_path / "node_modules").symlink_to(NODE_MODULES, target_is_directory=True)
    (tmp_path / "script.mjs").write_text(block.text.replace(PORT, server.url))

    ended = run(block.page, "node", "script.mjs")

    assert ended.returncode == 0, ended.stdout


@pytest.mark.parametrize("page", sorted({b.page for b in BLOCKS if b.language == "console"}))
def test_commands_print_what_the_page_shows(page: str, run: Run, server: RunningServer) -> None:
    for block in BLOCKS:
        if block.page != page or block.language != "console":
            continue
        for command, shown in commands_of(block):
            if command.startswith("docker ") and not DOCKER:
                pytest.skip("no Docker engine runs here; steps.py takes the image's steps")
            if command.startswith("nertwin serve"):
                assert shown.strip() == f"nertwin listening on {PORT}"
                assert first_line(f"{command} --port 0").startswith("nertwin listening on ")
                continue
            line = command.replace(PORT, server.url)
            ended = run(page, "bash", "-euc", line, number=block.number)
            output = ended.stdout.replace(server.url, PORT)

            assert (ended.returncode != 0) == command.endswith("# fails"), output
            assert not shown or re.search(pattern_of(shown), output, re.DOTALL), output


def commands_of(block: Block) -> list[tuple[str, str]]:
    """Each command of a block, and what is shown of its output."""
    parts = re.split(r"^\$ ", block.text, flags=re.MULTILINE)
    assert parts[0] == "", f"{block.id} begins without a prompt"
    pairs = [part.partition("\n") for part in parts[1:]]
    return [(command, shown) for command, _, shown in pairs]


def pattern_of(shown: str) -> str:
    """What matches the output that is shown, where … stands for anything."""
    parts = [re.escape(part.strip("\n")) for part in shown.strip().split("…")]
    return ".*?".join(parts)


def first_line(command: str) -> str:
    """What a command that goes on prints first; then it is ended."""
    process = subprocess.Popen(
        ["bash", "-c", f"exec {command}"],
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        line = process.stdout.readline()
        process.send_signal(signal.SIGTERM)
    return line


@pytest.mark.parametrize(
    "block",
    [*of_language("toml"), *files_named("nertwin.toml", "pyproject.toml")],
)
def test_settings_load(block: Block, tmp_path: Path) -> None:
    file = tmp_path / (block.caption or "nertwin.toml")
    file.write_text(block.text, encoding="utf-8")

    assert load_settings(config=file, environ={}).source == file


@pytest.mark.parametrize("block", files_named("known.toml"))
def test_baseline_loads(block: Block, tmp_path: Path) -> None:
    file = tmp_path / block.caption
    file.write_text(block.text, encoding="utf-8")

    assert load_baseline(file)


@pytest.mark.parametrize("block", of_language("json"))
def test_document_is_json(block: Block) -> None:
    assert yaml.safe_load(block.text)  # JSON is YAML.


@pytest.mark.parametrize("block", [*of_language("yaml"), *files_named(".yml", ".yaml")])
def test_document_is_yaml(block: Block) -> None:
    assert yaml.safe_load(block.text)


@pytest.mark.parametrize("block", files_named(".yml"))
def test_workflow_is_one(block: Block, run: Run) -> None:
    schema = ("--builtin-schema", "vendor.github-workflows")

    ended = run(block.page, "check-jsonschema", *schema, block.caption)

    assert ended.returncode == 0, ended.stdout


@pytest.mark.parametrize("block", files_named(".yml"))
def test_workflow_gives_the_action_what_it_takes(block: Block, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()  # Local actions are found from a repository's root.
    (tmp_path / "nertwin").mkdir()
    shutil.copy(ROOT / "action.yml", tmp_path / "nertwin")
    workflow = tmp_path / block.caption
    workflow.parent.mkdir(parents=True)
    workflow.write_text(block.text.replace("OWNER/nertwin@main", "./nertwin"), encoding="utf-8")

    ended = subprocess.run(
        [Path(sys.executable).parent / "actionlint", "-no-color", workflow],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert "./nertwin" in workflow.read_text(encoding="utf-8")
    assert ended.returncode == 0, ended.stdout
