"""Throughput: the stand-in beside a bare function and beside other stubs, in turns."""

from __future__ import annotations

import importlib.util
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import create_connection, socket
from time import sleep

from .load import Request, drive, missing, sentence
from .processes import SERVE, Server, python, started
from .samples import Samples, collect, print_table

_BASE = "bare function on uvicorn"
_MODEL = "/models/dslim/bert-base-NER"
_NGINX = """
worker_processes 1; daemon off; pid {folder}/pid; error_log stderr crit;
events {{ worker_connections 256; }}
http {{ access_log off; keepalive_requests 100000000; client_body_temp_path {folder};
server {{ listen 127.0.0.1:{port}; default_type application/json; return 200 '[]'; }} }}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    """What is asked of which server."""

    name: str
    server: str
    request: Request


_ASKED = Request(path=_MODEL, body=sentence())
_FRESH = Request(path=_MODEL, body=sentence(), headers={"x-use-cache": "false"})
_LOOK_UP = Request(path="/api/models/dslim/bert-base-NER", method="GET")
CONTESTANTS = (
    Contestant(name=_BASE, server="bare", request=_ASKED),
    Contestant(name="cached answer", server="nertwin", request=_ASKED),
    Contestant(name="computed answer", server="nertwin", request=_FRESH),
    Contestant(name="hub look-up", server="nertwin", request=_LOOK_UP),
    Contestant(
        name="cached answer, 1,000 sessions",
        server="nertwin",
        request=Request(path=_MODEL, body=sentence(), sessions=1000),
    ),
    Contestant(
        name="computed answer, 1,000 sessions",
        server="nertwin",
        request=Request(
            path=_MODEL, body=sentence(), headers={"x-use-cache": "false"}, sessions=1000
        ),
    ),
    Contestant(name="nginx return", server="nginx", request=_ASKED),
    Contestant(name="pytest-httpserver", server="httpserver", request=_ASKED),
)


def run(*, rounds: int, seconds: float) -> dict[str, object]:
    """Measure all that is installed in turns, print it and give it as JSON."""
    if reason := missing():
        print(f"throughput is skipped: {reason}")
        return {"skipped": reason}
    skipped = _not_installed()
    for name, reason in skipped.items():
        print(f"{name} is skipped: {reason}")
    contestants = [each for each in CONTESTANTS if each.server not in skipped]
    measured: dict[str, list[dict[str, float]]] = {each.name: [] for each in contestants}
    with ExitStack() as stack:
        servers = {
            name: stack.enter_context(_serve(name))
            for name in dict.fromkeys(each.server for each in contestants)
        }
        for each in contestants:
            drive(servers[each.server], each.request, 1)
        for _ in range(rounds):
            for each in contestants:
                measured[each.name].append(drive(servers[each.server], each.request, seconds))
    figures = {name: collect(values) for name, values in measured.items()}
    _tell(figures)
    return {
        "skipped": skipped,
        "contestants": {
            name: {
                **{key: samples.to_json() for key, samples in each.items()},
                "ratio": each["a_second"].ratio(figures[_BASE]["a_second"]),
                "ratio_of_cpu": figures[_BASE]["cpu"].ratio(each["cpu"]),
                "ratio_of_p99": each["p99"].ratio(figures[_BASE]["p99"]),
            }
            for name, each in figures.items()
        },
    }


def _tell(figures: dict[str, dict[str, Samples]]) -> None:
    base = figures[_BASE]
    rows = [
        (
            name,
            str(each["a_second"]),
            f"{each['a_second'].ratio(base['a_second']):.2f}",
            f"{each['cpu'].median * 1e6:.1f}",
            f"{base['cpu'].ratio(each['cpu']):.2f}",
            f"{each['p99'].median * 1e3:.2f}",
            f"{each['p99'].ratio(base['p99']):.2f}",
        )
        for name, each in figures.items()
    ]
    columns = ("", "answers/s", "ratio", "cpu us", "by cpu", "p99 ms", "ratio")
    print_table("Throughput, 64 connections; ratios to the bare function", columns, rows)


def _not_installed() -> dict[str, str]:
    """The servers that can't be measured here, and why."""
    reasons = {}
    if not shutil.which("nginx"):
        reasons["nginx"] = "nginx is not installed"
    if importlib.util.find_spec("pytest_httpserver") is None:
        reasons["httpserver"] = "pytest-httpserver is not installed"
    return reasons


@contextmanager
def _serve(name: str) -> Iterator[Server]:
    if name == "nginx":
        with _serve_nginx() as server:
            yield server
        return
    commands = {
        "nertwin": python(*SERVE),
        "bare": python("-m", "benchmarks.peers.bare"),
        "httpserver": python("-m", "benchmarks.peers.httpserver"),
    }
    with started(commands[name]) as server:
        yield server


@contextmanager
def _serve_nginx() -> Iterator[Server]:
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        configuration = Path(folder) / "nginx.conf"
        configuration.write_text(_NGINX.format(folder=folder, port=port), encoding="ascii")
        command = ["nginx", "-c", str(configuration), "-e", "stderr"]
        with started(command, url=f"http://127.0.0.1:{port}") as server:
            for _ in range(100):
                try:
                    create_connection(("127.0.0.1", port)).close()
                    break
                except ConnectionRefusedError:
                    sleep(0.05)
            yield Server(_worker_of(server.pid), server.url)


def _worker_of(pid: int) -> int:
    """The process that answers for nginx."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    return int(children.read_text(encoding="ascii").split()[0]) if children.exists() else pid
