"""Any released huggingface_hub, unmodified, with the stand-in's URL as its model."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nertwin.mockserver import RunningServer

huggingface_hub = pytest.importorskip("huggingface_hub")
# A module of its own, which the package imports only when it is first needed.
huggingface_hub_errors = pytest.importorskip("huggingface_hub.errors")

VERSION = tuple(map(int, huggingface_hub.__version__.split(".")[:2]))
MODEL = "dslim/bert-base-NER"
TEXT = "My name is Sarah Jessica Parker but you can call me Jessica"
RECORDED_MODEL = "dbmdz/bert-large-cased-finetuned-conll03-english"
RECORDED = json.loads((Path(__file__).parent / "recorded.json").read_bytes())
FIELDS = ("entity_group", "score", "word", "start", "end")


def classify_sync(text: Any, *, client: dict[str, Any] | None = None, **call: Any) -> Any:
    """The entities that ``InferenceClient`` gives, made with the ``client`` arguments."""
    caller = huggingface_hub.InferenceClient(api_key="hf_not_a_token", **(client or {}))
    return caller.token_classification(text, **call)


def classify_async(text: Any, *, client: dict[str, Any] | None = None, **call: Any) -> Any:
    """The same from ``AsyncInferenceClient``."""

    async def run() -> Any:
        caller = huggingface_hub.AsyncInferenceClient(api_key="hf_not_a_token", **(client or {}))
        async with caller:
            return await caller.token_classification(text, **call)

    return asyncio.run(run())


sync_and_async = pytest.mark.parametrize("classify", [classify_sync, classify_async])
Classify = Callable[..., Any]


@sync_and_async
def test_no_test_of_this_file_reaches_another_host(classify: Classify) -> None:
    with pytest.raises(pytest.fail.Exception, match="only the stand-in"):
        classify(TEXT, model=f"https://huggingface.co/models/{MODEL}")


@sync_and_async
def test_recorded_sentence_gives_the_recorded_entities(
    server: RunningServer, classify: Classify
) -> None:
    entities = classify(TEXT, model=f"{server.url}/models/{RECORDED_MODEL}")

    assert [{name: entity[name] for name in FIELDS} for entity in entities] == RECORDED


@sync_and_async
@pytest.mark.parametrize(
    "path",
    [
        "/models/dslim/bert-base-NER",
        "/models/dslim%2Fbert-base-NER",
        "/hf-inference/models/dslim/bert-base-NER",
        "/pipeline/token-classification/dslim/bert-base-NER",
        "/",
        "",
    ],
)
def test_every_form_of_the_url_gives_the_entities(
    server: RunningServer, classify: Classify, path: str
) -> None:
    entities = classify(TEXT, model=server.url + path)

    found = [(entity.entity_group, entity.word) for entity in entities]
    assert found == [("PER", "Sarah Jessica Parker"), ("PER", "Jessica")]


@sync_and_async
@pytest.mark.skipif(VERSION < (0, 29), reason="huggingface_hub before 0.29 ignores base_url")
def test_base_url_is_posted_to_as_it_is(server: RunningServer, classify: Classify) -> None:
    entities = classify(TEXT, client={"base_url": f"{server.url}/models/{RECORDED_MODEL}"})

    assert [{name: entity[name] for name in FIELDS} for entity in entities] == RECORDED


@sync_and_async
def test_client_can_be_made_with_its_model(server: RunningServer, classify: Classify) -> None:
    entities = classify(TEXT, client={"model": f"{server.url}/models/{RECORDED_MODEL}"})

    assert [{name: entity[name] for name in FIELDS} for entity in entities] == RECORDED


@sync_and_async
def test_provider_and_headers_change_no_entity(server: RunningServer, classify: Classify) -> None:
    entities = classify(
        TEXT,
        client={"provider": "hf-inference", "headers": {"X-Wait-For-Model": "true"}},
        model=f"{server.url}/models/{RECORDED_MODEL}",
    )

    assert [{name: entity[name] for name in FIELDS} for entity in entities] == RECORDED


@sync_and_async
def test_all_parameters_are_taken_together(server: RunningServer, classify: Classify) -> None:
    entities = classify(
        TEXT,
        model=f"{server.url}/models/{MODEL}",
        aggregation_strategy="first",
        ignore_labels=["O", "PER"],
        stride=16,
    )

    assert entities == []


@sync_and_async
@pytest.mark.parametrize("strategy", ["simple", "first", "average", "max"])
def test_aggregated_entities_slice_to_their_words(
    server: RunningServer, classify: Classify, strategy: str
) -> None:
    entities = classify(TEXT, model=f"{server.url}/models/{MODEL}", aggregation_strategy=strategy)

    assert {entity.entity_group for entity in entities} == {"PER"}
    assert [TEXT[entity.start : entity.end] for entity in entities] == [
        entity.word for entity in entities
    ]


@sync_and_async
def test_strategy_none_gives_tokens_with_their_tags(
    server: RunningServer, classify: Classify
) -> None:
    tokens = classify(TEXT, model=f"{server.url}/models/{MODEL}", aggregation_strategy="none")

    assert {token.entity for token in tokens} == {"B-PER", "I-PER"}
    assert {token.entity_group for token in tokens} == {None}
    assert [token["index"] for token in tokens] == [4, 5, 6, 12]


@sync_and_async
def test_batch_gives_a_list_for_each_text(server: RunningServer, classify: Classify) -> None:
    answers = classify([TEXT, ".", TEXT], model=f"{server.url}/models/{RECORDED_MODEL}")

    assert [[entity.word for entity in entities] for entities in answers] == [
        ["Sarah Jessica Parker", "Jessica"],
        [],
        ["Sarah Jessica Parker", "Jessica"],
    ]


@sync_and_async
@pytest.mark.parametrize("text", ["", ".", "🙂"])
def test_text_without_entities_gives_an_empty_list(
    server: RunningServer, classify: Classify, text: str
) -> None:
    entities = classify(text, model=f"{server.url}/models/{MODEL}")

    assert entities == []


@sync_and_async
@pytest.mark.parametrize(
    "before",
    [
        pytest.param("🙂🙂 ", id="emoji"),
        pytest.param("👩‍👩‍👧 ", id="joined emoji"),
        pytest.param("nai\u0308ve ", id="combining mark"),
        pytest.param("価格は ", id="cjk"),
    ],
)
def test_offsets_count_code_points(server: RunningServer, classify: Classify, before: str) -> None:
    text = before + TEXT

    entities = classify(text, model=f"{server.url}/models/{MODEL}")

    assert entities[-1].word == "Jessica"
    assert text[entities[-1].start : entities[-1].end] == "Jessica"
    assert entities[-1].start == len(before) + 52


READS_ERRORS = [
    classify_sync,
    pytest.param(
        classify_async,
        marks=pytest.mark.skipif(
            VERSION < (1, 0), reason="huggingface_hub before 1.0 reads no error body when async"
        ),
    ),
]


@pytest.mark.parametrize("classify", READS_ERRORS)
def test_refused_strategy_is_a_bad_request_with_the_servers_words(
    server: RunningServer, classify: Classify
) -> None:
    with pytest.raises(huggingface_hub_errors.BadRequestError) as caught:
        classify(TEXT, model=f"{server.url}/models/{MODEL}", aggregation_strategy="bogus")

    assert caught.value.response.status_code == 400
    assert "Error in `parameters.aggregation_strategy`" in str(caught.value)


@pytest.mark.parametrize("classify", READS_ERRORS)
def test_error_of_the_pipeline_is_a_bad_request_with_its_words(
    server: RunningServer, classify: Classify
) -> None:
    with pytest.raises(huggingface_hub_errors.BadRequestError) as caught:
        classify(TEXT, model=f"{server.url}/models/nertwin/slow-tokenizer", stride=100_000)

    assert caught.value.response.json()["warnings"][0].startswith("There was an inference error")
    assert caught.value.response.json()["error"] in str(caught.value)


@pytest.mark.parametrize("classify", READS_ERRORS)
def test_unknown_model_is_an_http_error_with_the_servers_words(
    server: RunningServer, classify: Classify
) -> None:
    with pytest.raises(huggingface_hub_errors.HfHubHTTPError) as caught:
        classify(TEXT, model=f"{server.url}/models/nobody/nothing")

    assert caught.value.response.status_code == 404
    assert "Model nobody/nothing does not exist" in str(caught.value)


@pytest.mark.parametrize("classify", READS_ERRORS)
def test_error_shows_the_request_id(server: RunningServer, classify: Classify) -> None:
    with pytest.raises(huggingface_hub_errors.HfHubHTTPError) as caught:
        classify(TEXT, model=f"{server.url}/models/nobody/nothing")

    assert f"Request ID: {caught.value.response.headers['x-request-id']}" in str(caught.value)


@pytest.mark.skipif(VERSION >= (1, 0), reason="huggingface_hub from 1.0 uses no aiohttp")
@pytest.mark.parametrize(("name", "status"), [("nobody/nothing", 404), (MODEL, 400)])
def test_async_error_before_1_0_has_the_status(
    server: RunningServer, name: str, status: int
) -> None:
    aiohttp = pytest.importorskip("aiohttp")

    with pytest.raises(aiohttp.ClientResponseError) as caught:
        classify_async(TEXT, model=f"{server.url}/models/{name}", aggregation_strategy="bogus")

    assert caught.value.status == status
