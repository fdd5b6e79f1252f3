"""Starting: what nobody who waits for a first answer should wait for."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

# Each takes a part of the time that all of our own modules take, or of the memory.
NEEDLESS = (
    "httpx",
    "hypothesis",
    "importlib.metadata",
    "importlib.resources",
    "jsonschema",
    "nertwin.contract_tests.checks",
    "nertwin.contract_tests.manners",
    "nertwin.contract_tests.redirecting",
    "nertwin.mockserver.breaches",
    "nertwin.mockserver.availability",
    "nertwin.mockserver.boundedsearch",
    "nertwin.mockserver.control.routes",
    "nertwin.mockserver.explain",
    "nertwin.mockserver.faultheader",
    "nertwin.mockserver.faultplan",
    "nertwin.mockserver.har",
    "nertwin.mockserver.harm",
    "nertwin.mockserver.profiles.router",
    "nertwin.mockserver.sharing.address",
    "nertwin.mockserver.supervisor",
    "nertwin.mockserver.toolkit",
    "nertwin.mockserver.wirereply",
    "rich",
    "statistics",
    "zipfile",
)
CALL = """
import sys
before = {*sys.modules}
import socket

def call(port):
    lines = ("POST / HTTP/1.1", "host: localhost", "connection: close", "content-length: 17")
    head = "\\r\\n".join((*lines, "", ""))
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(head.encode() + b'{"inputs": "Ada"}')
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 200 "), answer
    return " ".join({*sys.modules} - before)
"""
SERVED = f"""{CALL}
from nertwin.contract_tests import cli
from nertwin.mockserver import load_settings, running_server

with running_server(load_settings({{"port": 0}})) as server:
    print("LOADED", call(int(server.url.rpartition(":")[2])))
"""
TESTED = f"""{CALL}
def test_it(nertwin_server, nertwin):
    print("LOADED", call(int(nertwin_server.url.rpartition(":")[2])))
"""
OPTIONS = "-s -p no:cacheprovider -p nertwin.contract_tests.plugin"


def modules_of(directory: Path, *arguments: str) -> set[str]:
    """What a Python has loaded when it has answered a call."""
    environment = {name: text for name, text in os.environ.items() if "NERTWIN" not in name}
    environment |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": OPTIONS}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=directory,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return set(done.stdout.partition("LOADED ")[2].splitlines()[0].split())


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    return modules_of(tmp_path_factory.mktemp("served"), "-c", SERVED)


@pytest.fixture(scope="module")
def tested(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    directory = tmp_path_factory.mktemp("tested")
    (directory / "test_it.py").write_text(TESTED)
    return modules_of(directory, "-m", "pytest", "test_it.py")


@pytest.mark.parametrize("name", [*NEEDLESS, "pytest"])
def test_first_answer_of_a_served_process_needs_no(served: set[str], name: str) -> None:
    assert "nertwin.mockserver.app" in served
    assert name not in served


@pytest.mark.parametrize("name", NEEDLESS)
def test_first_answer_of_a_fixture_needs_no(tested: set[str], name: str) -> None:
    assert "nertwin.mockserver.app" in tested
    assert name not in tested
