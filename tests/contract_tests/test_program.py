"""The command ``nertwin`` as a process that is interrupted, as by Ctrl-C, at a chosen moment."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

# Signals its own process when a module is about to be imported: always at the same moment.
INTERRUPTING = """
import os
import signal
import sys


class Interrupting:
    def find_spec(name, path=None, target=None):
        if name == os.environ["INTERRUPTED_AT"]:
            sys.meta_path.remove(Interrupting)
            os.kill(os.getpid(), signal.SIGINT)


sys.meta_path.insert(0, Interrupting)
"""


def interrupt(at: str, *arguments: str, site: Path) -> tuple[int, str, str]:
    """Exit status, standard output and standard error of a command that is interrupted there."""
    (site / "sitecustomize.py").write_text(INTERRUPTING)
    finished = subprocess.run(
        [Path(sys.executable).with_name("nertwin"), *arguments],
        env={**os.environ, "PYTHONPATH": str(site), "INTERRUPTED_AT": at},
        cwd=site,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return finished.returncode, finished.stdout, finished.stderr


@pytest.mark.parametrize(
    ("at", "command"),
    [
        ("nertwin.contract_tests.cli", "--help"),
        ("click", "clauses"),
        ("nertwin.contract_tests.kitcommands", "doctor"),
        ("nertwin.contract_tests.standincommands", "selftest"),
        ("importlib.metadata", "--version"),
        ("nertwin.mockserver.configuration", "serve"),
        ("uvicorn", "serve"),
        ("nertwin.contract_tests.checking", "check http://127.0.0.1:1"),
        ("nertwin.contract_tests.command", "run -- true"),
    ],
    ids=lambda value: value.split()[0],
)
def test_command_that_is_interrupted_says_so_in_one_line(
    at: str, command: str, tmp_path: Path
) -> None:
    status, stdout, stderr = interrupt(at, *command.split(), site=tmp_path)

    assert (status, stdout, stderr) == (130, "", "nertwin: interrupted\n")


def test_command_that_is_not_interrupted_goes_on(tmp_path: Path) -> None:
    status, stdout, _ = interrupt("no.such.module", "--version", site=tmp_path)

    assert status == 0
    assert stdout.startswith("nertwin ")
