import json
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from nertwin.mockserver import RunningServer

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl in PATH")

# The line of the documentation page, as people paste it.
DOCUMENTED = r"""
curl https://api-inference.huggingface.co/models/dslim/bert-base-NER \
	-X POST \
	-d '{"inputs": "My name is Sarah Jessica Parker but you can call me Jessica"}' \
	-H 'Content-Type: application/json' \
	-H "Authorization: Bearer hf_***"
"""
TEXT = "My name is Sarah Jessica Parker but you can call me Jessica"
PAYLOAD = json.dumps({"inputs": TEXT})
RECORDED_MODEL = "dbmdz/bert-large-cased-finetuned-conll03-english"
RECORDED = (Path(__file__).parent / "recorded.json").read_bytes().rstrip()


class Printed(NamedTuple):
    """What ``curl --include`` prints: the heads, interim ones first, and the body."""

    heads: list[bytes]
    body: bytes

    @property
    def status_lines(self) -> list[bytes]:
        return [head.splitlines()[0] for head in self.heads]


def curl(*arguments: str, stdin: bytes = b"") -> Printed:
    """Run curl without the user's configuration and without a proxy."""
    command = ["curl", "--disable", "--noproxy", "*", "-sS", "--include", "--max-time", "10"]
    done = subprocess.run([*command, *arguments], input=stdin, capture_output=True, check=True)
    *heads, body = done.stdout.split(b"\r\n\r\n")
    return Printed(heads, body)


def test_documented_line_gets_its_entities(server: RunningServer) -> None:
    line = DOCUMENTED.replace("https://api-inference.huggingface.co", server.url)
    _, *arguments = shlex.split(line.replace("\\\n", " "))

    printed = curl(*arguments)

    found = [(item["entity_group"], item["word"]) for item in json.loads(printed.body)]
    assert found == [("PER", "Sarah Jessica Parker"), ("PER", "Jessica")]


def test_data_without_a_content_type_is_read_as_json(server: RunningServer) -> None:
    printed = curl(f"{server.url}/models/{RECORDED_MODEL}", "-d", PAYLOAD)

    assert printed.body == RECORDED


def test_encoded_slash_in_the_model_is_a_slash(server: RunningServer) -> None:
    encoded = RECORDED_MODEL.replace("/", "%2F")

    printed = curl(f"{server.url}/models/{encoded}", "--data-raw", PAYLOAD)

    assert printed.body == RECORDED


def test_upload_of_unknown_length_comes_in_chunks(server: RunningServer) -> None:
    printed = curl(
        *("-X", "POST", "-H", "Transfer-Encoding: chunked", "-T", "-"),
        f"{server.url}/models/{RECORDED_MODEL}",
        stdin=PAYLOAD.encode(),
    )

    assert printed.body == RECORDED


def test_chunked_upload_over_the_limit_is_refused(server: RunningServer) -> None:
    printed = curl(
        *("-X", "POST", "-H", "Expect:", "-T", "-"),
        f"{server.url}/models/{RECORDED_MODEL}",
        stdin=b" " * 2**21,
    )

    assert printed.status_lines[-1].startswith(b"HTTP/1.1 413 ")


def test_larger_body_is_sent_after_100_continue(server: RunningServer) -> None:
    body = json.dumps({"inputs": "word " * 50_000})

    printed = curl(
        *("-H", "Expect: 100-continue", "--expect100-timeout", "9", "--data-binary", "@-"),
        f"{server.url}/models/{RECORDED_MODEL}",
        stdin=body.encode(),
    )

    assert printed.status_lines == [b"HTTP/1.1 100 Continue", b"HTTP/1.1 200 OK"]


def test_body_over_the_limit_is_refused_before_it_is_sent(server: RunningServer) -> None:
    printed = curl(
        *("-H", "Expect: 100-continue", "--expect100-timeout", "9", "--data-binary", "@-"),
        f"{server.url}/models/{RECORDED_MODEL}",
        stdin=b" " * 2**21,
    )

    assert len(printed.heads) == 1
    assert printed.status_lines[0].startswith(b"HTTP/1.1 413 ")


def test_compressed_is_as_good_as_plain(server: RunningServer) -> None:
    printed = curl("--compressed", f"{server.url}/models/{RECORDED_MODEL}", "-d", PAYLOAD)

    assert printed.body == RECORDED


@pytest.mark.parametrize("path", ["/", "/models/dslim/bert-base-NER", "/health", "/openapi.json"])
def test_head_has_a_head_and_no_body(server: RunningServer, path: str) -> None:
    printed = curl("--head", f"{server.url}{path}")

    assert printed.status_lines == [b"HTTP/1.1 200 OK"]
    assert printed.body == b""


def test_options_names_the_methods(server: RunningServer) -> None:
    printed = curl("-X", "OPTIONS", f"{server.url}/models/dslim/bert-base-NER")

    assert b"allow: GET, HEAD, OPTIONS, POST" in printed.heads[0].splitlines()


def test_preflight_lets_a_browser_page_send_its_headers(server: RunningServer) -> None:
    printed = curl(
        *("-X", "OPTIONS", "-H", "Origin: http://localhost:3000"),
        *("-H", "Access-Control-Request-Method: POST"),
        *("-H", "Access-Control-Request-Headers: authorization,content-type"),
        f"{server.url}/models/dslim/bert-base-NER",
    )

    head = printed.heads[0].splitlines()
    assert b"access-control-allow-origin: http://localhost:3000" in head
    assert b"access-control-allow-headers: authorization,content-type" in head


def test_wrong_method_is_told_the_right_ones(server: RunningServer) -> None:
    printed = curl("-X", "DELETE", f"{server.url}/models/dslim/bert-base-NER")

    assert printed.status_lines == [b"HTTP/1.1 405 Method Not Allowed"]
    assert "POST" in json.loads(printed.body)["error"]


def test_one_connection_serves_all_the_urls_of_a_line(server: RunningServer) -> None:
    url = f"{server.url}/models/{RECORDED_MODEL}"

    printed = curl("-d", PAYLOAD, "-w", "<%{num_connects}>", url, url)

    assert b"<1>" in printed.heads[1]
    assert printed.body.endswith(b"<0>")
