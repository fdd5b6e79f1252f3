"""Schemathesis against the other profiles' documents: ``nox -s openapi`` runs it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from nertwin.mockserver import Settings, running_server

# The toolkit takes more than a client should send.
WIDER = "negative_data_rejection"
# The router's front refuses a model that it doesn't know with the status of a wrong body.
UNKNOWN_IS_400 = "positive_data_acceptance"


@pytest.mark.parametrize(
    ("profile", "excluded"),
    [("router", f"{WIDER},{UNKNOWN_IS_400}"), ("dedicated", WIDER)],
    ids=["router", "dedicated"],
)
def test_schemathesis_finds_nothing(profile: str, excluded: str, tmp_path: Path) -> None:
    with running_server(Settings(port=0, profile=profile)) as server:
        run = subprocess.run(
            [
                Path(sys.executable).with_name("schemathesis"),
                "run",
                f"{server.url}/openapi.json",
                f"--phases={os.environ.get('SCHEMATHESIS_PHASES', 'examples,fuzzing')}",
                "--seed=1",
                "--max-examples=20",
                f"--exclude-checks={excluded}",
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=400,
            check=False,
        )

    assert run.returncode == 0, run.stdout[-5000:] + run.stderr[-2000:]
    # It may warn, where it has drawn many models that nobody serves.
    assert re.search(r"\b(\d\d+) generated, \1 passed", run.stdout), run.stdout[-5000:]
