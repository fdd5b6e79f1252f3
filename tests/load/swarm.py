"""Locust's master and two workers against the stand-in. ``nox -s load`` runs it.

Locust patches the standard library when it is imported, so it runs in processes of its own.
"""

import csv
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from typing import Any

from nertwin.mockserver import Control, RunningServer

LOCUSTFILE = Path(__file__).parents[2] / "benchmarks" / "locustfile.py"
LOCUST = (sys.executable, "-m", "locust", "--locustfile", str(LOCUSTFILE))
LIMIT = 120  # Seconds, for a run that goes on for four.


@dataclass(frozen=True)
class Ended:
    """What a run has left behind."""

    exit_status: int
    output: str
    statuses: dict[str, int]  #: Requests by what became of them.
    failures: set[str]


def run_load(folder: Path, url: str, *options: str) -> Ended:
    """Let a master and two workers call a place for some seconds."""
    locust = (*LOCUST, "--nertwin-payloads", "30")
    port = f"{free_port()}"
    master = (
        *("--master", "--master-bind-host", "127.0.0.1", "--master-bind-port", port),
        *("--expect-workers", "2", "--expect-workers-max-wait", "60", "--headless"),
        *("--host", url, "--users", "4", "--spawn-rate", "4", "--run-time", "4s"),
        *("--stop-timeout", "10", "--csv", str(folder / "run"), *options),
    )
    worker = ("--worker", "--master-port", port)
    with ExitStack() as stack:
        workers = [stack.enter_context(spawn(folder, *locust, *worker)) for _ in range(2)]
        started = stack.enter_context(spawn(folder, *locust, *master))
        try:
            output, _ = started.communicate(timeout=LIMIT)
            for each in workers:
                each.communicate(timeout=LIMIT)
        finally:
            for each in (started, *workers):
                each.kill()
    names = [*rows(folder / "run_stats.csv")]
    return Ended(
        exit_status=started.returncode,
        output=output,
        statuses={row["Name"]: int(row["Request Count"]) for row in names if row["Type"]},
        failures={row["Error"] for row in rows(folder / "run_failures.csv")},
    )


def spawn(folder: Path, *command: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def free_port() -> int:
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return [*csv.DictReader(lines)]


def test_both_workers_call_and_no_answer_fails(tmp_path: Path, server: RunningServer) -> None:
    with Control(server.url) as control, control.session() as session:
        ended = run_load(tmp_path, server.url, "--nertwin-session", session.id)
        journal = session.journal()

    assert ended.exit_status == 0, ended.output
    assert ended.statuses.keys() == {"200"}
    assert callers(journal) == {"nertwin-load/0", "nertwin-load/1"}


def callers(journal: list[dict[str, Any]]) -> set[str]:
    """The user agents of a journal."""
    headers = (dict(each["request"]["headers"]) for each in journal)
    return {each["user-agent"] for each in headers}


def test_planned_faults_show_in_the_statistics(tmp_path: Path, server: RunningServer) -> None:
    faults = ("--nertwin-fault", "503; estimated_time=2", "--nertwin-fault-rate", "0.5")

    ended = run_load(tmp_path, server.url, *faults)

    assert ended.exit_status == 0, ended.output
    assert ended.statuses.keys() == {"200", "503"}
    assert not ended.failures


def test_hard_day_is_planned_once_for_all_workers(tmp_path: Path, server: RunningServer) -> None:
    ended = run_load(tmp_path, server.url, "--nertwin-fault-profile", "rush-hour")

    assert ended.exit_status == 0, ended.output
    assert ended.statuses.keys() >= {"200", "429"}
    total = sum(ended.statuses.values())
    assert abs(ended.statuses["429"] - total // 5) <= 1


def test_violation_fails_the_run(tmp_path: Path, server: RunningServer) -> None:
    breach = ("--nertwin-fault", "violate; clause=span.slice-is-word", "--nertwin-fault-rate", "1")

    ended = run_load(tmp_path, server.url, *breach)

    assert ended.exit_status == 1, ended.output
    assert ended.failures == {"Violated('span.slice-is-word')"}


def test_refusal_that_nobody_has_planned_fails_the_run(
    tmp_path: Path, server: RunningServer
) -> None:
    with Control(server.url) as control, control.session() as session:
        session.script("200", "504")
        ended = run_load(tmp_path, server.url, "--nertwin-session", session.id)

    assert ended.exit_status == 1, ended.output
    assert ended.statuses["504"] == 1
    assert ended.failures == {"Unexpected('504')"}


def test_unknown_hard_day_ends_the_run_at_once(tmp_path: Path, server: RunningServer) -> None:
    where = ("--headless", "--host", server.url, "--run-time", "60s")

    with spawn(tmp_path, *LOCUST, *where, "--nertwin-fault-profile", "flakey") as ended:
        output, _ = ended.communicate(timeout=LIMIT)

    assert ended.returncode == 2
    assert "no fault profile 'flakey'" in output
