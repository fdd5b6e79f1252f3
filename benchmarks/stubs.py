"""Stubs: the servers that are measured, what each needs to be there, and how it is served."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import MappingProxyType

from . import peerfiles
from .processes import SERVE, Server, free_port, python, started, started_at

_MODULES = Path(__file__).parent / "peers" / "node" / "node_modules"
_HOW = "`npm ci --ignore-scripts` in benchmarks/peers/node brings it"
_SHORT_WARM_UP = 1.0
_WIREMOCK_TUNED = (
    "--no-request-journal",
    "--disable-request-logging",
    "--disable-response-templating",
    "--disable-gzip",
)


class NotInstalled(Exception):
    """A server, or what runs it, is not on this machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stub:
    """A server that can be measured."""

    #: Its version; raises NotInstalled.
    version: Callable[[], str]
    #: What starts it on a port; without ``files`` it takes a free one and tells it.
    command: Callable[[int, Path], list[str]]
    #: What it reads, by name, for a port and a folder.
    files: Callable[[int, Path], Mapping[str, str]] | None = None
    #: Seconds of load before it is as fast as it gets: compilers need theirs.
    warm_up: float = 1.0


@contextmanager
def served(name: str, *, env: Mapping[str, str] | None = None) -> Iterator[Server]:
    """The stub of that name, on its core, listening.

    Raises:
        DidNotStart: It didn't.
    """
    stub = STUBS[name]
    if stub.files is None:
        with started(stub.command(0, Path()), env=env) as server:
            yield server
        return
    with tempfile.TemporaryDirectory() as scratch:
        port, folder = free_port(), Path(scratch)
        for file, text in stub.files(port, folder).items():
            (folder / file).parent.mkdir(exist_ok=True)
            (folder / file).write_text(text, encoding="utf-8")
        with started_at(stub.command(port, folder), port, folder / "log") as server:
            yield server


def versions() -> dict[str, str]:
    """What is installed."""
    return {name: found for name in STUBS if (found := _version(name))}


def skipped(*, is_short: bool) -> dict[str, str]:
    """The stubs that are not measured here, and why; the short form has no time to warm them up."""
    reasons = {}
    for name, stub in STUBS.items():
        try:
            stub.version()
        except NotInstalled as error:
            reasons[name] = str(error)
        else:
            if is_short and stub.warm_up > _SHORT_WARM_UP:
                reasons[name] = (
                    f"it needs {stub.warm_up:g} s to warm up, and this is the short form"
                )
    return reasons


def _version(name: str) -> str:
    try:
        return STUBS[name].version()
    except NotInstalled:
        return ""


def _of_python(package: str) -> Callable[[], str]:
    def find() -> str:
        try:
            return version(package)
        except PackageNotFoundError:
            raise NotInstalled(f"{package} is not installed; the extra bench brings it") from None

    return find


def _of_node(package: str, runner: str = "node") -> Callable[[], str]:
    def find() -> str:
        described = _MODULES / package / "package.json"
        if not described.exists():
            raise NotInstalled(f"{package} is not installed; {_HOW}")
        if not shutil.which(runner):
            raise NotInstalled(f"{runner} is not installed, which runs it")
        return str(json.loads(described.read_text(encoding="utf-8"))["version"])

    return find


def _of_nginx() -> str:
    if not shutil.which("nginx"):
        raise NotInstalled("nginx is not installed; Debian has it as nginx")
    told = subprocess.run(["nginx", "-v"], capture_output=True, text=True, check=True).stderr
    found = re.search(r"nginx/([\d.]+)", told)
    return found[1] if found else "unknown"


def _jar(package: str) -> str:
    return str(next((_MODULES / package).rglob("*.jar")))


def _wiremock(*options: str) -> Stub:
    def command(port: int, folder: Path) -> list[str]:
        where = ("--port", str(port), "--bind-address", "127.0.0.1", "--root-dir", str(folder))
        return ["java", "-jar", _jar("wiremock"), *where, "--disable-banner", *options]

    return Stub(
        version=_of_node("wiremock", "java"),
        command=command,
        files=lambda _port, _folder: {"mappings/peer.json": peerfiles.wiremock()},
        warm_up=15,
    )


def _mockserver(port: int, folder: Path) -> list[str]:
    quiet = ["java", "-Dmockserver.disableLogging=true", "-jar", _jar("mockserver-node")]
    return [*quiet, "-p", str(port), "-l", "OFF", "--init", str(folder / "peer.json")]


def _prism(port: int, folder: Path) -> list[str]:
    program = str(_MODULES / "@stoplight/prism-cli/dist/index.js")
    where = ["-h", "127.0.0.1", "-p", str(port)]
    return ["node", program, "mock", *where, "-v", "silent", str(folder / "peer.json")]


def _mockoon(port: int, folder: Path) -> list[str]:
    program = str(_MODULES / "@mockoon/cli/bin/run.js")
    where = ["-l", "127.0.0.1", "-p", str(port)]
    quiet = ["--disable-log-to-file", "--disable-admin-api"]
    return ["node", program, "start", "--repair", *where, *quiet, "-d", str(folder / "peer.json")]


#: All of them, by the names under which they are told.
STUBS: Mapping[str, Stub] = MappingProxyType(
    {
        "bare": Stub(
            version=_of_python("uvicorn"),
            command=lambda _port, _folder: python("-m", "benchmarks.peers.bare"),
        ),
        "nertwin": Stub(
            version=_of_python("nertwin"), command=lambda _port, _folder: python(*SERVE)
        ),
        "nginx": Stub(
            version=_of_nginx,
            command=lambda _, folder: ["nginx", "-c", f"{folder}/nginx.conf", "-e", "stderr"],
            files=lambda port, folder: {"nginx.conf": peerfiles.nginx(port, folder)},
        ),
        "pytest-httpserver": Stub(
            version=_of_python("pytest-httpserver"),
            command=lambda _port, _folder: python("-m", "benchmarks.peers.httpserver"),
        ),
        "WireMock": _wiremock(),
        "WireMock, tuned": _wiremock(*_WIREMOCK_TUNED),
        "MockServer, tuned": Stub(
            version=_of_node("mockserver-node", "java"),
            command=_mockserver,
            files=lambda _port, _folder: {"peer.json": peerfiles.mockserver()},
            warm_up=15,
        ),
        "Prism, silent": Stub(
            version=_of_node("@stoplight/prism-cli"),
            command=_prism,
            files=lambda _port, _folder: {"peer.json": peerfiles.openapi()},
            warm_up=4,
        ),
        "Mockoon": Stub(
            version=_of_node("@mockoon/cli"),
            command=_mockoon,
            files=lambda _port, _folder: {"peer.json": peerfiles.mockoon()},
            warm_up=4,
        ),
    }
)
