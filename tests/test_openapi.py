"""Schemathesis, run against the live server with the document that it serves."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nertwin.mockserver import RunningServer

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
