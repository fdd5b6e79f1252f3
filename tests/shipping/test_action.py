"""The action's scripts, run as the action runs them; the session `shipping` runs the installer."""

import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from nertwin.mockserver import RunningServer

ROOT = Path(__file__).parents[2]
ACTION = (ROOT / "action.yml").read_text(encoding="utf-8")
SCRIPTS = ROOT / "tools" / "action"
DEFAULTS = {
    "INPUT_MODE": "",
    "INPUT_URL": "",
    "INPUT_TOKEN": "",
    "INPUT_PROFILE": "",
    "INPUT_LEVEL": "should",
    "INPUT_SELECT": "span.*",
    "INPUT_BASELINE": "",
    "INPUT_REPORT": "nertwin-report",
    "INPUT_PORT": "0",
    "INPUT_CONFIG": "",
}

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """Run the script in a folder that is also the runner's; what it leaves behind is ended."""
    (tmp_path / "nertwin").mkdir()
    (tmp_path / "nertwin" / "bin").symlink_to(Path(sys.executable).parent)

    def run(**inputs: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", SCRIPTS / "run.sh"],
            cwd=tmp_path,
            env={
                **os.environ,
                **DEFAULTS,
                **inputs,
                "RUNNER_TEMP": str(tmp_path),
                "GITHUB_OUTPUT": str(tmp_path / "output"),
            },
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    yield run
    left = tmp_path / "nertwin.pid"
    if left.exists():
        with suppress(ProcessLookupError):  # It did not start.
            os.kill(int(left.read_text()), signal.SIGTERM)


def outputs(folder: Path) -> dict[str, str]:
    pairs = (line.partition("=") for line in (folder / "output").read_text().splitlines())
    return {name: value for name, _, value in pairs}


def test_each_input_reaches_the_script() -> None:
    script = (SCRIPTS / "run.sh").read_text() + (SCRIPTS / "install.sh").read_text()
    block = ACTION.partition("\ninputs:")[2].partition("\noutputs:")[0]
    inputs = re.findall(r"^  (\w+):$", block, flags=re.MULTILINE)

    assert {f"INPUT_{name.upper()}" for name in inputs} == set(re.findall(r"INPUT_\w+", script))
    assert [n for n in inputs if f"INPUT_{n.upper()}: ${{{{ inputs.{n} }}}}" not in ACTION] == []


def test_stand_in_serves_the_later_steps(run: Run, tmp_path: Path) -> None:
    ended = run(INPUT_MODE="serve")

    assert ended.returncode == 0, ended.stdout + ended.stderr
    url = outputs(tmp_path)["url"]
    with urllib.request.urlopen(
        f"{url}/models/dslim/bert-base-NER", b'{"inputs": "Ada"}'
    ) as answer:
        assert answer.status == 200


def test_stand_in_that_does_not_start_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "nertwin.toml").write_text("prot = 0\n")

    ended = run(INPUT_MODE="serve")

    assert ended.returncode == 1
    assert "::error title=nertwin::the stand-in did not start" in ended.stdout
    assert "port" in ended.stderr


def test_endpoint_is_judged(run: Run, tmp_path: Path, server: RunningServer) -> None:
    ended = run(INPUT_MODE="check", INPUT_URL=server.url, INPUT_TOKEN="hf_very_secret")  # noqa: S106

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert outputs(tmp_path) == {"status": "0"}
    reports = sorted(path.name for path in tmp_path.glob("nertwin-report.*"))
    assert reports == [f"nertwin-report.{kind}" for kind in ("html", "json", "md", "xml")]
    assert "hf_very_secret" not in ended.stdout + ended.stderr


@pytest.mark.parametrize("mode", ["check", "chekc"])
def test_missing_or_wrong_input_is_told(run: Run, mode: str) -> None:
    ended = run(INPUT_MODE=mode)

    assert ended.returncode == 2
    assert "::error title=nertwin::mode" in ended.stdout


def test_input_is_never_read_as_code(run: Run, tmp_path: Path) -> None:
    run(INPUT_MODE="check", INPUT_URL="$(touch here)", INPUT_SELECT="`touch there` *")

    assert not (tmp_path / "here").exists()
    assert not (tmp_path / "there").exists()
