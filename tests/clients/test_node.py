"""The released @huggingface/inference, unmodified, under Node."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nertwin.mockserver import RunningServer

PROGRAMS = Path(__file__).parent / "node"
NODE_MODULES = Path(os.environ.get("NODE_MODULES", PROGRAMS / "node_modules"))
REQUIRED = os.environ.get("REQUIRE_NODE", "") not in ("", "0")
MODEL = "dslim/bert-base-NER"
TEXT = "My name is Sarah Jessica Parker but you can call me Jessica"
RECORDED_MODEL = "dbmdz/bert-large-cased-finetuned-conll03-english"
RECORDED = json.loads((Path(__file__).parent / "recorded.json").read_bytes())
HUB = "https://huggingface.co"
ROUTER = "https://router.huggingface.co"
WITH_PLAIN_ID = ["fetch-option.mjs", "global-fetch.mjs"]
WITH_THE_CLIENT = ["endpoint-url.mjs", *WITH_PLAIN_ID]

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(server: RunningServer, tmp_path: Path) -> Run:
    """Runs a program of the ``node`` folder and gives what it prints."""
    node = shutil.which("node")
    if node is None:
        _do_without("there is no node in PATH")
    if not (NODE_MODULES / "@huggingface" / "inference").is_dir():
        _do_without(f"no @huggingface/inference in {NODE_MODULES}; `nox -s clients` installs it")
    # Node looks for packages next to the program, wherever those are installed.
    programs = shutil.copytree(
        PROGRAMS, tmp_path / "node", ignore=shutil.ignore_patterns("node_modules")
    )
    (programs / "node_modules").symlink_to(NODE_MODULES.resolve(), target_is_directory=True)

    def run_program(program: str, model: str, **given: Any) -> dict[str, Any]:
        command = [str(node), program, server.url, model, json.dumps(given)]
        done = subprocess.run(
            command, cwd=programs, capture_output=True, text=True, timeout=30, check=False
        )
        assert done.returncode == 0, done.stderr
        printed: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return printed

    return run_program


@pytest.mark.parametrize("program", [*WITH_THE_CLIENT, "plain-fetch.mjs"])
def test_recorded_sentence_gives_the_recorded_entities(run: Run, program: str) -> None:
    printed = run(program, RECORDED_MODEL, inputs=TEXT)

    assert printed["error"] is None
    assert printed["answer"] == RECORDED


@pytest.mark.parametrize("program", WITH_PLAIN_ID)
def test_lookup_of_a_plain_id_is_answered_before_the_post(run: Run, program: str) -> None:
    printed = run(program, MODEL, inputs=TEXT)

    assert [item["word"] for item in printed["answer"]] == ["Sarah Jessica Parker", "Jessica"]
    assert printed["asked"] == [
        f"GET {HUB}/api/models/{MODEL}?expand[]=inferenceProviderMapping",
        f"POST {ROUTER}/hf-inference/models/{MODEL}",
    ]


def test_endpoint_url_is_posted_to_without_a_lookup(run: Run, server: RunningServer) -> None:
    printed = run("endpoint-url.mjs", MODEL, inputs=TEXT)

    assert printed["asked"] == [f"POST {server.url}/models/{MODEL}"]


@pytest.mark.parametrize("strategy", ["simple", "first", "average", "max"])
def test_aggregated_answers_pass_the_clients_validation(run: Run, strategy: str) -> None:
    printed = run(
        "fetch-option.mjs",
        MODEL,
        inputs=TEXT,
        parameters={"aggregation_strategy": strategy, "ignore_labels": ["O"], "stride": 16},
    )

    assert printed["error"] is None
    assert {item["entity_group"] for item in printed["answer"]} == {"PER"}


@pytest.mark.parametrize("program", WITH_THE_CLIENT)
def test_empty_answer_passes_the_clients_validation(run: Run, program: str) -> None:
    printed = run(program, MODEL, inputs="🙂")

    assert printed["error"] is None
    assert printed["answer"] == []


# The client's validation wants an entity_group in every item, and no list in a list. These
# tests hold the stand-in to that: an answer that pleased the client here would not be the API's.
@pytest.mark.parametrize("program", WITH_THE_CLIENT)
def test_strategy_none_fails_the_clients_validation_as_with_the_api(run: Run, program: str) -> None:
    printed = run(program, MODEL, inputs=TEXT, parameters={"aggregation_strategy": "none"})

    assert printed["error"]["class"] == "InferenceClientProviderOutputError"


@pytest.mark.parametrize("program", WITH_THE_CLIENT)
def test_batch_fails_the_clients_validation_as_with_the_api(run: Run, program: str) -> None:
    printed = run(program, MODEL, inputs=[TEXT, TEXT])

    assert printed["error"]["class"] == "InferenceClientProviderOutputError"


@pytest.mark.parametrize("program", [*WITH_THE_CLIENT, "plain-fetch.mjs"])
def test_offsets_count_code_points_not_utf_16_units(run: Run, program: str) -> None:
    text = f"🙂🙂 {TEXT}"

    printed = run(program, MODEL, inputs=text)

    item = printed["answer"][-1]
    assert item["start"] == 3 + 52
    assert text[item["start"] : item["end"]] == item["word"] == "Jessica"


def test_unknown_model_at_an_endpoint_is_the_providers_error(run: Run) -> None:
    printed = run("endpoint-url.mjs", "nobody/nothing", inputs=TEXT)

    error = printed["error"]
    assert error["class"] == "InferenceClientProviderApiError"
    assert error["httpResponse"]["status"] == 404
    assert error["message"].endswith("Model nobody/nothing does not exist")


@pytest.mark.parametrize("program", WITH_PLAIN_ID)
def test_unknown_plain_id_is_the_hubs_error(run: Run, program: str) -> None:
    printed = run(program, "nobody/nothing", inputs=TEXT)

    error = printed["error"]
    assert error["class"] == "InferenceClientHubApiError"
    assert error["httpResponse"]["status"] == 404
    assert error["message"].endswith("Repository not found")


@pytest.mark.parametrize("program", WITH_THE_CLIENT)
def test_refused_parameter_is_the_providers_error_with_its_body(run: Run, program: str) -> None:
    printed = run(program, MODEL, inputs=TEXT, parameters={"aggregation_strategy": "bogus"})

    error = printed["error"]
    assert error["class"] == "InferenceClientProviderApiError"
    assert error["httpResponse"]["status"] == 400
    # The body has a list here, as recorded; the client keeps it, though not in its message.
    [problem] = error["httpResponse"]["body"]["error"]
    assert problem.startswith("Error in `parameters.aggregation_strategy`")


def test_error_names_the_request_id(run: Run) -> None:
    printed = run("endpoint-url.mjs", "nobody/nothing", inputs=TEXT)

    assert len(printed["error"]["httpResponse"]["requestId"]) == 21


def _do_without(reason: str) -> None:
    """Skip, or fail where Node is promised: a skip is never a pass."""
    if REQUIRED:
        pytest.fail(f"REQUIRE_NODE is set, but {reason}")
    pytest.skip(reason)
