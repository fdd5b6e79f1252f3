"""What the image and the action install, done as commands where no engine runs.

The session `shipping` runs this file, which asks a package index for what nertwin needs.
"""

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")


def instructions(name: str) -> list[str]:
    return re.findall(rf"^\s*{name} (.*)$", DOCKERFILE, flags=re.MULTILINE)


@pytest.fixture(scope="module")
def open_folder() -> Iterator[Path]:
    """A folder that other users may look into; those of pytest are closed to them."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture(scope="module")
def image(open_folder: Path) -> Path:
    """A folder that stands for the root of the image's files."""
    root = open_folder / "image"
    root.mkdir()
    allowed = [
        line.removeprefix("!")
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    ]
    (root / "source").mkdir()
    for name in allowed:  # As COPY copies what .dockerignore leaves.
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, root / "source" / name)
    (command,) = instructions("RUN")
    here = command.replace("/opt/", f"{root}/opt/").replace(" /source", f" {root}/source")
    python = f'python() {{ {shlex.quote(sys._base_executable)} "$@"; }}; '  # type: ignore[attr-defined]
    subprocess.run(["bash", "-euc", python + here], check=True, timeout=300)
    return root


@pytest.fixture
def environment(image: Path) -> dict[str, str]:
    """The variables of the image, but for an address that nobody else reaches and a free port."""
    (line,) = instructions("ENV")
    values = dict(pair.split("=", 1) for pair in shlex.split(line))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    assert values["NERTWIN_HOST"] == "0.0.0.0"  # noqa: S104  # Inside of a container.
    assert instructions("EXPOSE") == [values["NERTWIN_PORT"]] == ["8080"]
    path = values["PATH"].replace("/opt/", f"{image}/opt/").replace("$PATH", os.environ["PATH"])
    return {"PATH": path, "NERTWIN_HOST": "127.0.0.1", "NERTWIN_PORT": port}


@pytest.fixture
def served(environment: dict[str, str], open_folder: Path) -> Iterator[subprocess.Popen[str]]:
    """The image's program, as a user without rights where the machine permits."""
    (entry,), (arguments,) = instructions("ENTRYPOINT"), instructions("CMD")
    uid, gid = map(int, instructions("USER")[0].split(":"))
    identity: dict[str, Any] = {}
    if os.geteuid() == 0 and all_may_enter(Path(sys._base_executable)):  # type: ignore[attr-defined]
        identity = {"user": uid, "group": gid, "extra_groups": []}
    command = [*json.loads(entry), *json.loads(arguments)]
    with serving(command, environment, open_folder, **identity) as process:
        yield process


def all_may_enter(path: Path) -> bool:
    """Whether any user may come to it: the Python of some machines is at home with root."""
    return all(folder.stat().st_mode & 0o001 for folder in path.resolve().parents)


@contextmanager
def serving(
    command: list[str], environment: dict[str, str], folder: Path, **identity: Any
) -> Iterator[subprocess.Popen[str]]:
    """A process that has said that it listens; it is ended whatever happens."""
    # The environment that counts for finding the program is the child's.
    program = shutil.which(command[0], path=environment["PATH"])
    process = subprocess.Popen(
        [str(program), *command[1:]],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        **identity,
    )
    with process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line == f"nertwin listening on http://127.0.0.1:{environment['NERTWIN_PORT']}\n"
            yield process
        finally:
            process.terminate()


def is_healthy(environment: dict[str, str]) -> bool:
    command = json.loads(instructions("HEALTHCHECK")[0].partition(" CMD ")[2])
    command[0] = str(shutil.which(command[0], path=environment["PATH"]))
    ended = subprocess.run(command, env=environment, capture_output=True, timeout=30, check=False)
    return ended.returncode == 0


def test_user_has_no_rights() -> None:
    assert instructions("USER") == ["10001:10001"]


@pytest.mark.usefixtures("served")
def test_image_that_serves_is_healthy(environment: dict[str, str]) -> None:
    assert is_healthy(environment)


def test_image_that_does_not_serve_is_not_healthy(environment: dict[str, str]) -> None:
    assert not is_healthy(environment)


def test_image_ends_when_it_is_told_to(served: subprocess.Popen[str]) -> None:
    served.terminate()

    assert served.wait(30) == 0


@pytest.mark.parametrize("control", ["a-token-of-mine", ""])
def test_image_is_healthy_though_its_control_api_is_closed(
    environment: dict[str, str], control: str, tmp_path: Path
) -> None:
    closed = {"NERTWIN_CONTROL_TOKEN": control} if control else {"NERTWIN_CONTROL": "false"}
    with serving(["nertwin", "serve"], {**environment, **closed}, tmp_path):
        assert is_healthy(environment)


def test_action_installs_itself(tmp_path: Path) -> None:
    subprocess.run(
        ["bash", ROOT / "tools" / "action" / "install.sh"],
        env={
            **os.environ,
            "RUNNER_TEMP": str(tmp_path),
            "GITHUB_ACTION_PATH": str(ROOT),
            "INPUT_VERSION": "",
        },
        check=True,
        timeout=300,
    )

    program = tmp_path / "nertwin" / "bin" / "nertwin"
    ended = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    assert ended.stdout.startswith("nertwin ")


def test_action_says_that_a_python_is_too_old(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.8.0 || exit 1\n')
    old.chmod(0o755)

    ended = subprocess.run(
        ["bash", ROOT / "tools" / "action" / "install.sh"],
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "RUNNER_TEMP": ""},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert ended.returncode == 2
    assert "Python 3.8.0 is too old, nertwin needs 3.11" in ended.stdout
