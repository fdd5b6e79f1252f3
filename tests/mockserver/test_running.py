"""The process: readiness, signals, ports, workers, reload. All through ``nertwin serve``."""

import asyncio
import json
import os
import select
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from support.processes import WITHIN, Process, eventually

from nertwin.mockserver import NertwinError, Settings, running_server
from nertwin.mockserver.running import bind, tell_control_token


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    processes: list[Process] = []

    def start(*arguments: str) -> Process:
        processes.append(Process(*arguments, cwd=tmp_path))
        return processes[-1]

    yield start
    for process in processes:
        if process.popen.poll() is None:
            process.popen.kill()
        process.popen.communicate(timeout=WITHIN)


def classify(url: str, text: str = "Ada", model: str = "dslim/bert-base-NER") -> Any:
    body = json.dumps({"inputs": text}).encode()
    headers = {"x-use-cache": "false"}
    request = urllib.request.Request(f"{url}/models/{model}", body, headers)
    with urllib.request.urlopen(request, timeout=WITHIN) as response:
        return json.load(response)


def test_server_is_ready_when_it_says_so(serve: Callable[..., Process]) -> None:
    url = serve().url

    assert classify(url, "My name is Sarah Jessica Parker")[0]["word"] == "Sarah Jessica Parker"


def test_sigterm_ends_it_cleanly_and_silently(serve: Callable[..., Process]) -> None:
    process = serve()
    _ = process.url

    assert process.end() == (0, "")


def test_port_in_use_is_said_in_one_sentence(serve: Callable[..., Process]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        process = serve("--port", str(port))
        _, stderr = process.popen.communicate(timeout=WITHIN)

    assert process.popen.returncode == 2
    assert stderr == (
        f"nertwin: can't listen on 127.0.0.1 port {port}: Address already in use."
        " Choose another --port, or 0 for a free one.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--model", "acme/ner=konll"), "no rule pack 'konll'"),
        (("--profile", "clasic"), "Did you mean 'classic'?"),
        (("--model", "acme/ner=missing.toml"), "missing.toml"),
    ],
    ids=["pack", "profile", "pack file"],
)
def test_wrong_argument_ends_it_with_status_2_and_one_sentence(
    serve: Callable[..., Process], arguments: tuple[str, ...], words: str
) -> None:
    process = serve(*arguments)
    _, stderr = process.popen.communicate(timeout=WITHIN)

    assert process.popen.returncode == 2
    assert words in stderr
    assert "Traceback" not in stderr


def test_model_from_the_command_line_is_served(serve: Callable[..., Process]) -> None:
    url = serve("--model", "acme/pos=pos").url

    assert {entity["entity_group"] for entity in classify(url, "Ada runs.", "acme/pos")} >= {"VERB"}


def test_unknown_model_is_logged_once_with_the_remedy(serve: Callable[..., Process]) -> None:
    process = serve("--log-format", "json")
    url = process.url
    for _ in range(3):
        with pytest.raises(urllib.error.HTTPError):
            classify(url, model="acme/ner")

    _, stderr = process.end()

    (line,) = stderr.splitlines()
    record = json.loads(line)
    assert record["level"] == "WARNING"
    assert "--model acme/ner=PACK" in record["message"]


def test_workers_share_the_port_and_end_together(serve: Callable[..., Process]) -> None:
    process = serve("--workers", "2")
    url = process.url

    answers = [classify(url) for _ in range(10)]

    assert answers == [answers[0]] * 10
    assert process.end() == (0, "")


def test_reload_serves_changed_rules(serve: Callable[..., Process], tmp_path: Path) -> None:
    pack = tmp_path / "mine.toml"
    rules = 'labels = ["O", "B-X", "I-X"]\n[[gazetteer]]\nid = "x"\nlabel = "X"\nterms = ["{}"]\n'
    pack.write_text(rules.format("Ada"))
    url = serve("--reload", "--model", "acme/x=mine.toml").url
    before = [entity["word"] for entity in classify(url, "Ada met Bob", "acme/x")]

    pack.write_text(rules.format("Bob"))
    after = eventually(lambda: words_of(url, "Ada met Bob", "acme/x"), ["Bob"])

    assert (before, after) == (["Ada"], ["Bob"])


def words_of(url: str, text: str, model: str) -> list[str] | None:
    """The words, or None while the server is between two lives."""
    try:
        return [entity["word"] for entity in classify(url, text, model)]
    except OSError:
        return None


def test_two_servers_in_one_process_do_not_share_a_port() -> None:
    with running_server() as one, running_server() as other:
        assert one.url != other.url


def test_host_of_another_machine_is_refused() -> None:
    with pytest.raises(NertwinError, match=r"can't listen on 192\.0\.2\.1 port 0"):
        bind("192.0.2.1", 0)


def test_ipv6_loopback_is_served() -> None:
    with running_server(Settings(host="::1", port=0)) as server:
        assert server.url.startswith("http://[::1]:")
        assert classify(server.url) is not None


def test_server_in_a_thread_leaves_the_event_loops_of_others_alone() -> None:
    before = type(asyncio.get_event_loop_policy())

    with running_server():
        assert type(asyncio.get_event_loop_policy()) is before


def test_answers_do_not_depend_on_the_hash_seed(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from nertwin.mockserver import Settings\n"
        "from nertwin.mockserver.app import create_endpoint\n"
        "endpoint = create_endpoint(Settings())\n"
        "for card in endpoint.models:\n"
        "    print(endpoint.answer(endpoint.models.model(card.id), sys.stdin.buffer.read() or B))\n"
    ).replace("sys.stdin.buffer.read() or B", repr(b'{"inputs": "Bob met Ann in Paris, Texas."}'))

    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=tmp_path,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            timeout=WITHIN,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(outputs) == 1


def test_small_requests_are_answered_while_a_large_one_is_computed() -> None:
    text = "Bob met Ann. " * 20_000
    finished: list[str] = []

    with running_server() as server, ThreadPoolExecutor() as pool:
        large = pool.submit(post_stride, server.url, text)
        large.add_done_callback(lambda _: finished.append("large"))
        small = [classify(server.url) for _ in range(3)]
        finished.append("small")
        large.result(timeout=WITHIN)

    assert small == [small[0]] * 3
    assert finished == ["small", "large"]


def post_stride(url: str, text: str) -> int:
    body = json.dumps({"inputs": text, "parameters": {"stride": 128}}).encode()
    with urllib.request.urlopen(f"{url}/models/dslim/bert-base-NER", body, timeout=WITHIN) as reply:
        return int(reply.status)


def test_sigterm_ends_it_while_a_long_request_is_computed(serve: Callable[..., Process]) -> None:
    process = serve("--log-format", "json")
    url = process.url
    body = json.dumps({"inputs": ["Bob met Ann in Paris. " * 20] * 1900}).encode()

    with ThreadPoolExecutor() as pool:
        request = pool.submit(urllib.request.urlopen, f"{url}/", body, timeout=WITHIN)
        assert eventually(lambda: classify(url) is not None, wanted=True)
        returncode, stderr = process.end()
        request.exception(timeout=WITHIN)

    assert returncode == 0
    assert "Traceback" not in stderr


def test_broken_file_under_reload_leaves_the_old_rules_in_place(
    serve: Callable[..., Process], tmp_path: Path
) -> None:
    pack = tmp_path / "mine.toml"
    rules = 'labels = ["O", "B-X", "I-X"]\n[[gazetteer]]\nid = "x"\nlabel = "X"\nterms = ["{}"]\n'
    pack.write_text(rules.format("Ada"))
    process = serve("--reload", "--model", "acme/x=mine.toml")
    url = process.url

    pack.write_text("labels = 3")
    lines = read_until(process, "what was there before still is")
    kept = words_of(url, "Ada met Bob", "acme/x")
    pack.write_text(rules.format("Bob"))
    after = eventually(lambda: words_of(url, "Ada met Bob", "acme/x"), ["Bob"])

    assert "labels" in lines
    assert (kept, after) == (["Ada"], ["Bob"])


def read_until(process: Process, words: str) -> str:
    """Standard error up to the line that holds the words."""
    assert process.popen.stderr is not None
    lines: list[str] = []
    while not lines or words not in lines[-1]:
        ready, _, _ = select.select([process.popen.stderr], [], [], WITHIN)
        assert ready, lines
        lines.append(process.popen.stderr.readline())
    return "".join(lines)


@pytest.mark.parametrize("header", ["Upgrade: h2c", "upgrade:  H2C"])
def test_offer_of_http2_is_ignored(header: str) -> None:
    body = b'{"inputs": "Bob"}'
    head = (
        "POST / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings, close\r\n"
        f"{header}\r\nHTTP2-Settings: AAEAAEAAAAIAAAAAAAMAAAAAAAQBAAAAAAUAAEAAAAYABgAA\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )

    with (
        running_server() as server,
        socket.create_connection(
            ("127.0.0.1", int(server.url.rpartition(":")[2])), WITHIN
        ) as client,
    ):
        client.sendall(head.encode())
        client.sendall(body)
        answer = client.makefile("rb").read()

    assert answer.startswith(b"HTTP/1.1 200")
    assert b'"word":"Bob"' in answer


def test_random_control_token_is_told_on_standard_error_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tell_control_token(Settings(), "canary")

    assert capsys.readouterr() == ("", "nertwin: the control token is canary\n")


def test_random_control_token_is_told_as_a_line_of_a_json_log(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tell_control_token(Settings(log_format="json"), "canary")

    line = json.loads(capsys.readouterr().err)
    assert (line["logger"], line["level"], line["control_token"]) == ("nertwin", "INFO", "canary")


@pytest.mark.parametrize(
    "settings",
    [Settings(control_token="given-token"), Settings(control=False)],  # noqa: S106  # One of a test.
    ids=["given", "no control"],
)
def test_control_token_is_not_told(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    tell_control_token(settings, settings.control_token or "canary")

    assert capsys.readouterr() == ("", "")


def test_server_in_a_thread_tells_its_control_token_to_who_runs_it() -> None:
    with running_server(Settings(port=0, control_token="given-token")) as server:  # noqa: S106
        assert server.control_token == "given-token"  # noqa: S105
        assert "given-token" not in repr(server)


def test_answers_don_t_wait_for_acknowledgements_on_the_loop_of_asyncio_itself() -> None:
    accepted: list[int] = []

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = writer.get_extra_info("socket")
        accepted.append(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    async def connect(listener: socket.socket) -> None:
        async with await asyncio.start_server(answer, sock=listener):
            reader, writer = await asyncio.open_connection(*listener.getsockname())
            await reader.read()
            writer.close()

    with bind("127.0.0.1", 0) as listener:
        asyncio.run(connect(listener))

    assert [bool(each) for each in accepted] == [True]
