"""The released @huggingface/inference, unmodified, under Node."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nertwin.mockserver import RunningServer, Settings, running_server
from nertwin.mockserver.control.client import Control

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

    def run_program(
        program: str, model: str, *, url: str = server.url, **given: Any
    ) -> dict[str, Any]:
        command = [str(node), program, url, model, json.dumps(given)]
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


def hurt(run: Run, fault: str) -> dict[str, Any]:
    """What the client makes of a call that asks for the fault; it never asks twice."""
    printed = run("hurt-endpoint.mjs", MODEL, fault=fault, inputs=TEXT)
    assert len(printed["asked"]) == 1
    return printed


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 410, 429, 500, 504])
def test_refusal_is_the_providers_error_with_status_and_words(run: Run, status: int) -> None:
    error = hurt(run, f"{status}; error_form=string; message=out-of-tea")["error"]

    assert error["class"] == "InferenceClientProviderApiError"
    assert error["httpResponse"]["status"] == status
    assert error["message"] == "Failed to perform inference: out-of-tea"


def test_words_of_a_list_are_lost_and_the_body_is_kept(run: Run) -> None:
    error = hurt(run, "500; error_form=list; message=out-of-tea")["error"]

    assert error["message"].endswith("an HTTP error occurred when requesting the provider.")
    assert error["httpResponse"]["body"]["error"] == ["out-of-tea"]


@pytest.mark.parametrize(
    ("fault", "name", "message"),
    [
        ("reset", "TypeError", "fetch failed"),
        ("empty", "TypeError", "fetch failed"),
        ("redirect", "TypeError", "fetch failed"),  # Back to itself, until fetch gives up.
        ("truncated", "TypeError", "terminated"),
        ("garbage", "TypeError", "terminated"),
        ("wrong-length", "TypeError", "terminated"),
    ],
)
def test_broken_connection_is_an_error_of_fetch(
    run: Run, fault: str, name: str, message: str
) -> None:
    error = hurt(run, fault)["error"]

    assert (error["class"], error["message"]) == (name, message)


@pytest.mark.parametrize("fault", ["truncated; length=true", "wrong-length; length=shorter"])
def test_half_a_body_is_a_syntax_error(run: Run, fault: str) -> None:
    assert hurt(run, fault)["error"]["class"] == "SyntaxError"


@pytest.mark.parametrize("fault", ["ok-error", "wrong-type"])
def test_ok_that_is_no_json_list_fails_the_clients_validation(run: Run, fault: str) -> None:
    assert hurt(run, fault)["error"]["class"] == "InferenceClientProviderOutputError"


@pytest.mark.parametrize(
    "fault",
    [
        "gzip",
        "dribble; seconds=0",
        "latency; seconds=0.01",
        "evolve; evolve=extra-fields",
        "evolve; evolve=key-order",
        "evolve; evolve=more-digits",
        "evolve; evolve=header-case",
        "evolve; evolve=extra-headers",
    ],
)
def test_harmless_fault_changes_no_entity(run: Run, fault: str) -> None:
    answer = hurt(run, fault)["answer"]

    assert [each["word"] for each in answer] == ["Sarah Jessica Parker", "Jessica"]


@pytest.mark.parametrize(
    "script",
    [
        ("503", "503", "200"),
        ("503-html", "503-overloaded", "200"),
        ("503; retry_after=3600", "503; estimated_time=3600", "200"),
        (*["503"] * 50, "200"),
    ],
    ids=["loading", "other 503s", "asked to wait", "fifty"],
)
def test_503_is_asked_again_at_once_until_it_ends(run: Run, script: tuple[str, ...]) -> None:
    with running_server(Settings(port=0, script=script)) as scripted:
        printed = run("hurt-endpoint.mjs", MODEL, url=scripted.url, inputs=TEXT)

    assert printed["error"] is None
    assert len(printed["asked"]) == len(script)


def test_endless_503_is_a_finding(run: Run) -> None:
    script = (*["503"] * 50, "200")
    with running_server(Settings(port=0, script=script)) as scripted, Control(scripted.url) as told:
        run("hurt-endpoint.mjs", MODEL, url=scripted.url, inputs=TEXT)

        found = told.session("default").findings()

    assert "retry.hot-loop" in [each["id"] for each in found]


def _do_without(reason: str) -> None:
    """Skip, or fail where Node is promised: a skip is never a pass."""
    if REQUIRED:
        pytest.fail(f"REQUIRE_NODE is set, but {reason}")
    pytest.skip(reason)
