"""``nertwin check`` as its users see it: output and exit status."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support.raw_servers import raw_server

from nertwin.contract_tests.cli import main
from nertwin.mockserver import RunningServer, Settings, running_server

QUICK = ("--select", "shape.*", "--level", "must")


def check(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(main, ["check", *arguments], env=environment)


def test_good_endpoint_is_exit_0_with_a_summary(server: RunningServer) -> None:
    result = check(server.url, *QUICK)

    assert result.exit_code == 0, result.output
    assert "11 passed" in result.output


def test_violation_is_exit_1(server: RunningServer) -> None:
    result = check(server.url, "--profile", "dedicated", "--select", "shape.token-fields")

    assert result.exit_code == 1
    assert "entity is missing" in result.output


def test_known_violation_is_exit_0_or_3_but_never_1(server: RunningServer, tmp_path: Path) -> None:
    path = tmp_path / "known.toml"
    path.write_text('[[known]]\nclause = "shape.token-fields"\nreason = "an old gateway"\n')

    result = check(
        server.url, "--profile", "dedicated", "--select", "shape.t*", "--baseline", str(path)
    )

    assert result.exit_code != 1
    assert "an old gateway" in result.output


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("http://127.0.0.1:1",), 3, "can't reach 127.0.0.1 port 1"),
        (("127.0.0.1:8080",), 2, "is no URL"),
        (("http://127.0.0.1:1", "--select", "spann.*"), 2, "no clause matches"),
        (("http://127.0.0.1:1", "--token-env", "NO_SUCH_TOKEN"), 2, "NO_SUCH_TOKEN"),
        (("http://127.0.0.1:1", "--report", "jsn=a"), 2, "Did you mean 'json'"),
        (("http://127.0.0.1:1", "--baseline", "/no/such"), 2, "/no/such"),
        (("http://127.0.0.1:1", "--profile", "clasic"), 2, "clasic"),
    ],
)
def test_what_cannot_be_checked_is_said_in_a_sentence(
    arguments: tuple[str, ...], status: int, words: str
) -> None:
    result = check(*arguments)

    assert result.exit_code == status
    assert words in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("option", "value"),
    [("--timeout", "nan"), ("--timeout", "inf"), ("--timeout", "1e300"), ("--rate", "nan")],
)
def test_seconds_are_finite(option: str, value: str) -> None:
    result = check("http://127.0.0.1:1", option, value)

    assert result.exit_code == 2
    assert f"Invalid value for '{option}'" in result.output


def test_token_given_as_its_variable_is_not_printed() -> None:
    result = check("http://127.0.0.1:1", "--token-env", "hf_canary0123456789")

    assert result.exit_code == 2
    assert "canary" not in result.output


def test_report_that_cannot_be_written_is_said_in_a_sentence_after_the_verdict(
    server: RunningServer,
) -> None:
    result = check(server.url, *QUICK, "--report", "json=/dev/full")

    assert result.exit_code == 2
    assert "11 passed" in result.output
    assert "No space left" in result.output
    assert "Traceback" not in result.output


def test_folder_is_no_report(tmp_path: Path) -> None:
    result = check("http://127.0.0.1:1", "--report", f"json={tmp_path}")

    assert result.exit_code == 2
    assert "is a folder" in result.output


def test_terminal_without_emoji_gets_escapes() -> None:
    with running_server(Settings(port=0, violate=("span.code-points",))) as broken:
        command = ["check", broken.url, "--select", "span.code-points"]
        finished = subprocess.run(
            [sys.executable, "-m", "nertwin.contract_tests.cli", *command],
            env={**os.environ, "PYTHONIOENCODING": "cp1252"},
            capture_output=True,
            timeout=60,
        )

    assert finished.returncode == 1
    assert b"\\U0001f" in finished.stdout


def test_unknown_model_is_a_mistake_of_the_caller(server: RunningServer) -> None:
    result = check(f"{server.url}/models/no/such")

    assert result.exit_code == 2
    assert "does not exist" in result.output


def test_plan_prints_requests_and_sends_none() -> None:
    result = check("http://127.0.0.1:1", "--plan", "--select", "span.code-points")

    assert result.exit_code == 0
    assert "POST /models/dslim/bert-base-NER" in result.output
    assert "none was sent" in result.output


def test_reports_are_written(server: RunningServer, tmp_path: Path) -> None:
    path = tmp_path / "report.json"

    check(server.url, *QUICK, "--report", f"json={path}")

    assert json.loads(path.read_text())["counts"]["passed"] == 11


def test_token_is_sent_and_never_printed(server: RunningServer, tmp_path: Path) -> None:
    path = tmp_path / "report.json"

    result = check(
        server.url, *QUICK, "--token-env", "MINE", "--report", f"json={path}",
        MINE="hf_canary0123456789",
    )  # fmt: skip

    assert result.exit_code == 0
    assert "canary" not in result.output + path.read_text()


@pytest.mark.parametrize(
    ("error", "status"),
    [(KeyboardInterrupt(), 130), (BrokenPipeError(errno.EPIPE, "no reader"), 1)],
)
def test_end_from_outside_is_no_fault_of_ours(
    error: BaseException, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def end(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("nertwin.contract_tests.checking.run", end)

    result = check("http://127.0.0.1:1")

    assert result.exit_code == status
    assert "Traceback" not in result.output


@pytest.mark.parametrize("status", [500, 502])
def test_server_that_always_fails_is_told_so_and_judged_no_further(status: int) -> None:
    reply = f"HTTP/1.1 {status} No\r\ncontent-length: 6\r\n\r\n<html>".encode()

    with raw_server(reply, reply, reply) as server:
        result = check(server.url, "--select", "s*")

    assert f"{status} to a plain call, again and again; come back later" in result.output
    assert len(server.received) == 3


def test_broken_503_is_shown_though_nothing_else_was_decided() -> None:
    body = b'{"error": "loading", "estimated_time": "soon"}'
    reply = b"HTTP/1.1 503 No\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)

    with raw_server(reply, reply, reply) as server:
        result = check(server.url, "--select", "availability.*")

    assert result.exit_code == 1
    assert "availability.loading-form" in result.output


def test_fault_of_ours_is_exit_4(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nertwin.contract_tests.checking.run", lambda *_, **__: 1 / 0)

    result = check(server.url)

    assert result.exit_code == 4
    assert "nertwin itself failed" in result.output


@pytest.mark.parametrize(
    ("reply", "status", "words"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 22\r\n\r\n<!DOCTYPE html>\n<html>", 2, "web page"),
        (b"HTTP/1.1 301 Moved\r\nlocation: /\r\ncontent-length: 0\r\n\r\n", 2, "redirects to"),
        (b"220 smtp ready\r\n", 2, "no HTTP/1.1"),
        (b"", 3, "closed without an answer"),
        (b"HTTP/1.1 401 No\r\ncontent-length: 0\r\n\r\n", 3, "--token-env"),
    ],
    ids=["web page", "redirect", "mail server", "silence", "no token"],
)
def test_what_is_no_endpoint_is_said_in_a_sentence(reply: bytes, status: int, words: str) -> None:
    with raw_server(reply) as server:
        result = check(server.url, "--timeout", "5")

    assert result.exit_code == status
    assert words in result.output
    assert len(result.output.splitlines()) == 1
