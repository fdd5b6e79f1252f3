"""The process: readiness, signals, ports, workers, reload. All through ``nertwin serve``."""

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

import pytest
from support.asking import classify
from support.processes import WITHIN, Process, eventually


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
