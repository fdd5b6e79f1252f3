"""Any released huggingface_hub from 0.17 on, unmodified, with only a model's id."""

import ast
import asyncio
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from nertwin.contract_tests.redirect import Redirect
from nertwin.contract_tests.twin import Twin

huggingface_hub = pytest.importorskip("huggingface_hub")

VERSION = tuple(map(int, huggingface_hub.__version__.split(".")[:2]))
TOKEN = "hf_not_a_token"  # noqa: S105
MODEL = "dslim/bert-base-NER"
TEXT = "My name is Sarah Jessica Parker but you can call me Jessica"
FOUND = [("PER", "Sarah Jessica Parker"), ("PER", "Jessica")]
PROGRAMS = Path(__file__).parent / "programs"
BEFORE_0_29 = nullcontext()  # They call again and again, each second, until they are answered.


def classify_sync(text: str, **call: Any) -> Any:
    client = huggingface_hub.InferenceClient(token=TOKEN)
    return client.token_classification(text, model=MODEL, **call)


def classify_async(text: str, **call: Any) -> Any:
    async def run() -> Any:
        client = huggingface_hub.AsyncInferenceClient(token=TOKEN)
        return await client.token_classification(text, model=MODEL, **call)

    return asyncio.run(run())


sync_and_async = pytest.mark.parametrize("classify", [classify_sync, classify_async])
Classify = Callable[..., Any]


def found_in(entities: Any) -> list[tuple[str, str]]:
    return [(entity["entity_group"], entity["word"]) for entity in entities]


def asked_of(twin: Twin) -> list[str]:
    paths = [f"{each['method']} {each['path']}" for each in twin.journal]
    return [path for path in paths if "agent-harnesses" not in path]


def wanted_requests() -> list[str]:
    """What this release asks, by the table of its releases."""
    mapping = [f"GET /api/models/{MODEL}?expand=inferenceProviderMapping"]
    model = [f"GET /api/models/{MODEL}"]
    if VERSION < (0, 29):
        return [f"POST /models/{MODEL}"]
    call = [f"POST /hf-inference/models/{MODEL}"]
    return (mapping if VERSION >= (0, 31) else []) + (model if VERSION >= (0, 30) else []) + call


@sync_and_async
@pytest.mark.parametrize("turn", ["first", "second"])
def test_plain_id_is_answered_with_its_look_ups(
    nertwin: Twin, nertwin_redirect: Redirect, classify: Classify, turn: str
) -> None:
    entities = classify(TEXT)

    assert found_in(entities) == FOUND
    assert asked_of(nertwin) == wanted_requests(), f"on the {turn} turn"
    assert nertwin_redirect.attempts == ()


@sync_and_async
def test_first_call_of_a_cold_model_ends_as_it_does_for_this_release(
    nertwin: Twin, nertwin_redirect: Redirect, classify: Classify
) -> None:
    nertwin.cold(after_calls=1)

    with BEFORE_0_29 if VERSION < (0, 29) else pytest.raises(Exception, match="503"):
        classify(TEXT)

    nertwin.assert_called(times=1, status=503)
    nertwin.assert_called(times=1 if VERSION < (0, 29) else 0, status=200)
    assert nertwin_redirect.attempts == ()


@pytest.mark.parametrize(
    "program",
    [
        pytest.param([str(PROGRAMS / "hub_sync.py")], id="sync"),
        pytest.param([str(PROGRAMS / "hub_async.py")], id="async"),
        pytest.param(["-I", str(PROGRAMS / "hub_sync.py")], id="sync, by the proxy alone"),
    ],
)
def test_program_below_nertwin_run_is_answered(program: list[str]) -> None:
    nertwin = [sys.executable, "-m", "nertwin.contract_tests.cli", "run", "--guard", "any"]
    command = [*nertwin, "--", sys.executable, *program, TEXT]

    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 0, done.stderr
    assert ast.literal_eval(done.stdout) == FOUND
    assert f"called: {MODEL}" in done.stderr
