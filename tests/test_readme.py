"""The README's code, run."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nertwin.mockserver import RunningServer, load_pack, load_settings
from nertwin.mockserver.configuration import read_config

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
NODE_MODULES = ROOT / "tests" / "clients" / "node" / "node_modules"
PORT = "http://127.0.0.1:8080"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize(
    "block", blocks("python"), ids=["huggingface_hub", "in process", "control"]
)
def test_python_block_runs(block: str, server: RunningServer, tmp_path: Path) -> None:
    code = block.replace(PORT, server.url)

    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "HF_HOME": str(tmp_path), "HF_HUB_DISABLE_TELEMETRY": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert run.returncode == 0, run.stderr
    assert "Jessica" in run.stdout or "Angela Merkel" in run.stdout


@pytest.mark.skipif(
    not NODE_MODULES.is_dir(),
    reason="no @huggingface/inference here; `nox -s clients` installs it",
)
def test_javascript_block_runs(server: RunningServer, tmp_path: Path) -> None:
    (block,) = blocks("javascript")
    program = tmp_path / "readme.mjs"
    program.write_text(block.replace(PORT, server.url))
    # Node looks for packages next to the program, wherever those are installed.
    (tmp_path / "node_modules").symlink_to(NODE_MODULES, target_is_directory=True)

    run = subprocess.run(["node", program], capture_output=True, text=True, timeout=60, check=True)

    assert "Sarah Jessica Parker" in run.stdout


def test_pack_block_is_a_rule_pack(tmp_path: Path) -> None:
    pack = tmp_path / "rules.toml"
    pack.write_text(blocks("toml")[0])

    assert load_pack(str(pack)).labels == ("O", "B-PRODUCT", "I-PRODUCT")


def test_toml_block_is_valid_settings(tmp_path: Path) -> None:
    block = blocks("toml")[1]
    file = tmp_path / "nertwin.toml"
    file.write_text(block)

    settings = load_settings(config=file, environ={})

    assert read_config(file)["port"] == settings.port == 0
    assert settings.models["acme/ner"].max_length == 128


def test_toml_block_of_lives_is_valid_settings(tmp_path: Path) -> None:
    file = tmp_path / "nertwin.toml"
    file.write_text(blocks("toml")[2])

    settings = load_settings(config=file, environ={})

    assert settings.models["acme/ner"].life.after_calls == 2
    assert settings.models["blaze999/Medical-NER"].life.starts == "too-big"


def test_toml_block_of_keys_and_limits_is_valid_settings(tmp_path: Path) -> None:
    file = tmp_path / "nertwin.toml"
    file.write_text(blocks("toml")[3])

    settings = load_settings(config=file, environ={})

    assert settings.auth == "required"
    assert settings.quota is not None
    assert settings.quota.calls == 300


def test_toml_block_of_faults_is_valid_settings(tmp_path: Path) -> None:
    file = tmp_path / "nertwin.toml"
    file.write_text(blocks("toml")[4])

    settings = load_settings(config=file, environ={})

    assert len(settings.script) == 3
    assert [fault.kind for fault in settings.faults] == ["429", "truncated"]


def test_toml_block_of_rules_is_valid_settings(tmp_path: Path) -> None:
    file = tmp_path / "nertwin.toml"
    file.write_text(blocks("toml")[5])

    settings = load_settings(config=file, environ={})

    assert [rule.kind for rule in settings.rules] == ["say", "terms", "regex"]


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl on this machine")
@pytest.mark.parametrize("block", blocks("console"), ids=["explain", "control", "check"])
def test_console_block_runs(block: str, server: RunningServer, tmp_path: Path) -> None:
    commands = [line.removeprefix("$ ") for line in block.splitlines()]
    bin_ = Path(sys.executable).parent

    run = subprocess.run(
        ["bash", "-euc", "\n".join(commands).replace(PORT, server.url)],
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{bin_}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl on this machine")
def test_curl_line_of_the_first_command_gets_the_answer_shown(server: RunningServer) -> None:
    (line,) = [block for block in blocks("sh") if "curl" in block]
    curl = line[line.index("curl") :].replace(PORT, server.url)

    run = subprocess.run(
        ["bash", "-c", curl], capture_output=True, text=True, timeout=60, check=True
    )

    assert run.stdout == blocks("json")[0].strip()


def test_block_of_fixtures_passes(tmp_path: Path) -> None:
    (block,) = (block for block in blocks("py") if "nertwin.say" in block)
    (tmp_path / "test_readme_block.py").write_text(block)

    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--strict-markers", "-W", "error", "-p", "nertwin"],
        cwd=tmp_path,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert "3 passed" in run.stdout


def test_test_command_is_the_one_that_ci_calls() -> None:
    commands = blocks("sh")

    assert len(commands) == 2
    assert "pytest" in commands[1]
    assert "\n" not in commands[1].strip()
    assert "<!-- test command -->" in (ROOT / ".ci" / "run").read_text()
