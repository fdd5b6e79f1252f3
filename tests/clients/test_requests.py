import json
from pathlib import Path

import pytest
import requests

from nertwin.mockserver import RunningServer

MODEL = "dslim/bert-base-NER"
TEXT = "My name is Sarah Jessica Parker but you can call me Jessica"
RECORDED_MODEL = "dbmdz/bert-large-cased-finetuned-conll03-english"
RECORDED = (Path(__file__).parent / "recorded.json").read_bytes().rstrip()
TOKEN = {"Authorization": "Bearer hf_not_a_token"}


def test_no_test_of_this_folder_reaches_another_host() -> None:
    with pytest.raises(pytest.fail.Exception, match="only the stand-in"):
        requests.get("https://huggingface.co/api/tasks", timeout=5)


def test_documented_program_gets_its_entities(server: RunningServer) -> None:
    response = requests.post(
        f"{server.url}/models/{MODEL}", headers=TOKEN, json={"inputs": TEXT}, timeout=5
    )

    found = [(item["entity_group"], item["word"]) for item in response.json()]
    assert found == [("PER", "Sarah Jessica Parker"), ("PER", "Jessica")]


def test_recorded_sentence_gets_the_recorded_bytes(server: RunningServer) -> None:
    response = requests.post(
        f"{server.url}/models/{RECORDED_MODEL}", headers=TOKEN, json={"inputs": TEXT}, timeout=5
    )

    assert response.content == RECORDED


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="no content type"),
        pytest.param({"Content-Type": "text/plain;charset=UTF-8"}, id="plain text"),
        pytest.param({"Content-Type": "application/json; charset=utf-8"}, id="with a charset"),
        pytest.param({"Content-Type": "application/x-www-form-urlencoded"}, id="a form"),
    ],
)
def test_body_is_json_whatever_its_type_is_said_to_be(
    server: RunningServer, headers: dict[str, str]
) -> None:
    response = requests.post(
        f"{server.url}/models/{RECORDED_MODEL}",
        headers=headers,
        data=json.dumps({"inputs": TEXT}).encode(),
        timeout=5,
    )

    assert response.content == RECORDED


@pytest.mark.parametrize(
    "authorization",
    ["Bearer hf_not_a_token", "Bearer: hf_not_a_token", "hf_not_a_token", "Basic YTpi"],
)
def test_any_token_is_taken(server: RunningServer, authorization: str) -> None:
    response = requests.post(
        f"{server.url}/models/{MODEL}",
        headers={"Authorization": authorization},
        json={"inputs": TEXT},
        timeout=5,
    )

    assert response.status_code == 200


@pytest.mark.parametrize("value", ["true", "false", "1", "0", "True"])
@pytest.mark.parametrize("name", ["x-wait-for-model", "X-Use-Cache", "X-Load-Model"])
def test_option_headers_are_taken(server: RunningServer, name: str, value: str) -> None:
    response = requests.post(
        f"{server.url}/models/{MODEL}", headers={name: value}, json={"inputs": TEXT}, timeout=5
    )

    assert response.status_code == 200


def test_legacy_options_and_unknown_keys_are_taken(server: RunningServer) -> None:
    payload = {
        "inputs": TEXT,
        "model": MODEL,
        "provider": "hf-inference",
        "parameters": {},
        "options": {"use_cache": False, "wait_for_model": True, "use_gpu": False},
    }

    response = requests.post(f"{server.url}/models/{RECORDED_MODEL}", json=payload, timeout=5)

    assert response.content == RECORDED


def test_batch_gets_a_list_of_lists_in_order(server: RunningServer) -> None:
    response = requests.post(
        f"{server.url}/models/{RECORDED_MODEL}", json={"inputs": [TEXT, "", TEXT]}, timeout=5
    )

    assert response.content == b"[" + RECORDED + b",[]," + RECORDED + b"]"


@pytest.mark.parametrize(
    ("status", "path", "body"),
    [
        pytest.param(400, f"/models/{MODEL}", b'{"inputs": ', id="broken JSON"),
        pytest.param(400, f"/models/{MODEL}", b"{}", id="no inputs"),
        pytest.param(400, f"/models/{MODEL}", b"", id="no body"),
        pytest.param(404, "/models/nobody/nothing", b'{"inputs":"Ada"}', id="unknown model"),
        pytest.param(404, f"/{MODEL}", b'{"inputs":"Ada"}', id="wrong path"),
    ],
)
def test_every_error_is_json_with_an_error(
    server: RunningServer, status: int, path: str, body: bytes
) -> None:
    response = requests.post(f"{server.url}{path}", data=body, timeout=5)

    assert response.status_code == status
    assert response.headers["content-type"] == "application/json"
    assert response.json()["error"]


def test_session_goes_on_after_a_body_over_the_limit(server: RunningServer) -> None:
    with requests.Session() as session:
        refused = session.post(f"{server.url}/models/{MODEL}", data=b" " * 2**22, timeout=5)
        answered = session.post(
            f"{server.url}/models/{RECORDED_MODEL}", json={"inputs": TEXT}, timeout=5
        )

    assert refused.status_code == 413
    assert "1048576" in refused.json()["error"]
    assert answered.content == RECORDED


def test_generator_is_taken_as_a_body_in_chunks(server: RunningServer) -> None:
    body = json.dumps({"inputs": TEXT}).encode()

    response = requests.post(
        f"{server.url}/models/{RECORDED_MODEL}", data=iter([body[:9], body[9:]]), timeout=5
    )

    assert response.content == RECORDED
