"""``nertwin check`` as its users see it: output and exit status."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support.raw_servers import raw_server

from nertwin.contract_tests.cli import main
from nertwin.mockserver import RunningServer

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
