import json
import shutil
import subprocess

import pytest
from support.endpoints import ENDPOINT
from support.raw_servers import raw_server

from nertwin.contract_tests.curl import as_curl
from nertwin.contract_tests.endpoint import Endpoint
from nertwin.contract_tests.exchange import Request


def test_token_is_a_variable() -> None:
    command = as_curl(ENDPOINT.classify("a"), ENDPOINT)

    assert '"authorization: Bearer $HF_TOKEN"' in command
    assert "canary" not in command


def test_wrong_token_of_a_check_is_not_shown_either() -> None:
    request = ENDPOINT.classify("a").with_headers(("authorization", "Bearer hf_wrong000"))

    assert "hf_wrong" not in as_curl(request, ENDPOINT)


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"inputs": "it's $HOME"}).encode(),
        '{"inputs": "Zoë\n%s \\u00e9"}'.encode(),
        b'\xff\x00{"inputs',
        b"@file",
    ],
    ids=["quotes", "line break", "no UTF-8", "an at sign"],
)
def test_pasted_command_sends_the_same_bytes(body: bytes) -> None:
    with raw_server(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n") as server:
        endpoint = Endpoint(base=server.url)
        command = as_curl(endpoint.call(body), endpoint)
        subprocess.run(["bash", "-c", command], check=True, capture_output=True, timeout=10)

    head, _, sent = server.received[0].partition(b"\r\n\r\n")
    assert sent == body
    assert head.startswith(b"POST /models/dslim/bert-base-NER HTTP/1.1")


def test_get_names_its_method() -> None:
    assert "-X GET http://127.0.0.1:1/health" in as_curl(ENDPOINT.get("/health"), ENDPOINT)


def test_very_long_body_is_left_out() -> None:
    command = as_curl(Request(target="/", body=b"a" * 9000), ENDPOINT)

    assert "# 9000 bytes" in command
