"""Schemathesis, run against live servers with the documents that they serve: ``nox -s openapi``."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from nertwin.mockserver import RunningServer, Settings, running_server

# The coverage phase alone takes half a minute; the nox session runs all of them.
PHASES = os.environ.get("SCHEMATHESIS_PHASES", "examples,fuzzing,stateful")
# The toolkit takes more than a client should send.
WIDER = "negative_data_rejection"
# The router's front refuses a model that it doesn't know with the status of a wrong body.
UNKNOWN_IS_400 = "positive_data_acceptance"


def schemathesis(folder: Path, url: str, *options: str) -> str:
    """What Schemathesis writes of the document at ``url``; it must find nothing."""
    run = subprocess.run(
        [Path(sys.executable).with_name("schemathesis"), "run", url, *options],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-5000:] + run.stderr[-2000:]
    return run.stdout


@pytest.mark.parametrize("seed", [1, 2])
def test_schemathesis_finds_nothing(server: RunningServer, tmp_path: Path, seed: int) -> None:
    url = f"{server.url}/openapi.json"

    written = schemathesis(
        tmp_path, url, f"--phases={PHASES}", f"--seed={seed}", "--max-examples=20"
    )

    assert "No issues found" in written


@pytest.mark.parametrize(
    ("profile", "excluded"),
    [("router", f"{WIDER},{UNKNOWN_IS_400}"), ("dedicated", WIDER)],
    ids=["router", "dedicated"],
)
def test_schemathesis_finds_nothing_in_other_profiles(
    profile: str, excluded: str, tmp_path: Path
) -> None:
    options = ("--seed=1", "--max-examples=20", f"--exclude-checks={excluded}")

    with running_server(Settings(port=0, profile=profile)) as server:
        url = f"{server.url}/openapi.json"
        written = schemathesis(tmp_path, url, f"--phases={PHASES}", *options)

    # It may warn, where it has drawn many models that nobody serves.
    assert re.search(r"\b(\d\d+) generated, \1 passed", written), written[-5000:]


def test_schemathesis_finds_nothing_in_the_control_api(tmp_path: Path) -> None:
    options = (
        f"--phases={os.environ.get('SCHEMATHESIS_PHASES', 'fuzzing')}",
        "--seed=1",
        "--max-examples=5",
        # It waits as long as it is asked to.
        "--exclude-path=/_nertwin/sessions/{id}/journal/wait",
        # Which values go together, as of a model's life, is told in words alone.
        "--exclude-checks=positive_data_acceptance",
    )

    with running_server(Settings(port=0)) as server:
        written = schemathesis(tmp_path, f"{server.url}/_nertwin/openapi.json", *options)

    assert " passed" in written
