"""Schemathesis, run against the live server with the document that it serves."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nertwin.mockserver import RunningServer, Settings, running_server

# The coverage phase alone takes half a minute; a nox session runs all of them.
PHASES = os.environ.get("SCHEMATHESIS_PHASES", "examples,fuzzing,stateful")


@pytest.mark.parametrize("seed", [1, 2])
def test_schemathesis_finds_nothing(server: RunningServer, tmp_path: Path, seed: int) -> None:
    run = subprocess.run(
        [
            Path(sys.executable).with_name("schemathesis"),
            "run",
            f"{server.url}/openapi.json",
            f"--phases={PHASES}",
            f"--seed={seed}",
            "--max-examples=20",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )

    assert run.returncode == 0, run.stdout[-5000:] + run.stderr[-2000:]
    assert "No issues found" in run.stdout


def test_schemathesis_finds_nothing_in_the_control_api(tmp_path: Path) -> None:
    with running_server(Settings(port=0)) as server:
        run = subprocess.run(
            [
                Path(sys.executable).with_name("schemathesis"),
                "run",
                f"{server.url}/_nertwin/openapi.json",
                f"--phases={os.environ.get('SCHEMATHESIS_PHASES', 'fuzzing')}",
                "--seed=1",
                "--max-examples=5",
                # It waits as long as it is asked to.
                "--exclude-path=/_nertwin/sessions/{id}/journal/wait",
                # Which values go together, as of a model's life, is told in words alone.
                "--exclude-checks=positive_data_acceptance",
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=400,
            check=False,
        )

    assert run.returncode == 0, run.stdout[-5000:] + run.stderr[-2000:]
    assert " passed" in run.stdout
