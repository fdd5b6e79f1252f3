"""The released @huggingface/inference, 2.6 to 4, unmodified, with only a model's id."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nertwin.contract_tests.redirect import Redirect
from nertwin.contract_tests.twin import Twin

PROGRAMS = Path(__file__).parent / "node"
REQUIRED = os.environ.get("REQUIRE_NODE", "") not in ("", "0")
RELEASES = ("inference-2.6", "inference-2", "inference-3.0", "inference-3", "inference-4")
MODEL = "dslim/bert-base-NER"
TEXT = "My name is Sarah Jessica Parker but you can call me Jessica"
FOUND = [["PER", "Sarah Jessica Parker"], ["PER", "Jessica"]]
MAPPING = f"GET /api/models/{MODEL}?expand[]=inferenceProviderMapping"
CLASSIC = [f"POST /models/{MODEL}"]
ROUTED = [MAPPING, f"POST /hf-inference/models/{MODEL}"]
ASKED = {
    "inference-2.6": CLASSIC,
    "inference-2": CLASSIC,
    "inference-3.0": CLASSIC,
    "inference-3": ROUTED,
    "inference-4": ROUTED,
}


@pytest.fixture
def node() -> str:
    """Node, where it and the clients are installed."""
    found = shutil.which("node")
    is_there = found and (PROGRAMS / "node_modules" / RELEASES[0]).is_dir()
    if not is_there:
        reason = f"no node in PATH, or no clients in {PROGRAMS}; `nox -s redirect` installs them"
        if REQUIRED:
            pytest.fail(f"REQUIRE_NODE is set, but {reason}")
        pytest.skip(reason)
    return str(found)


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=PROGRAMS, capture_output=True, text=True, timeout=60, check=False
    )


def found_in(printed: str) -> object:
    """The last line; some releases write what they do before it."""
    return json.loads(printed.splitlines()[-1])


@pytest.mark.parametrize("release", RELEASES)
def test_program_that_a_test_starts_is_answered(
    nertwin: Twin, nertwin_redirect: Redirect, node: str, release: str
) -> None:
    done = run([node, "classify.mjs", release, TEXT])

    assert done.returncode == 0, done.stderr
    assert found_in(done.stdout) == FOUND
    assert [f"{each['method']} {each['path']}" for each in nertwin.journal] == ASKED[release]
    assert nertwin_redirect.attempts == ()


@pytest.mark.parametrize("release", RELEASES)
def test_program_below_nertwin_run_is_answered(node: str, release: str) -> None:
    nertwin = [sys.executable, "-m", "nertwin.contract_tests.cli", "run", "--guard", "any"]

    done = run([*nertwin, "--", node, "classify.mjs", release, TEXT])

    assert done.returncode == 0, done.stderr
    assert found_in(done.stdout) == FOUND


def test_cold_model_is_called_again_with_the_wait_header(
    nertwin: Twin, nertwin_redirect: Redirect, node: str
) -> None:
    nertwin.cold(after_calls=1)

    done = run([node, "classify.mjs", "inference-2", TEXT])

    assert found_in(done.stdout) == FOUND
    assert [each["status"] for each in nertwin.journal] == [503, 200]
    assert nertwin_redirect.attempts == ()
