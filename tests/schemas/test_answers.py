"""The schemas of answers: recorded replies fit, wrong ones don't."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nertwin import schemas

# The 188 bytes that huggingface_hub recorded in 2023 and 2025 (cassettes of commits c7167147d,
# 826f6546f and a09927331), and other replies recorded by it and by huggingface.js.
SARAH = (
    '[{"entity_group":"PER","score":0.9991335868835449,"word":"Sarah Jessica Parker",'
    '"start":11,"end":31},{"entity_group":"PER","score":0.9979913234710693,"word":"Jessica",'
    '"start":52,"end":59}]'
)
RECORDED_ERRORS = [
    '{"error":"Model this-model-does-not-exist-123 does not exist"}',
    '{"error":["Error in `inputs.context`: field required"]}',
    '{"error":["Error in `stream`: `stream` is not supported for this model"]}',
    '{"error":"Rate limit reached. Please log in or use a HF access token"}',
    '{"error":"Invalid username or password."}',
    '{"error":"overloaded"}',
    '{"error":"unknown error","warnings":["There was an inference error: unknown error: '
    'can only concatenate str (not \\"dict\\") to str"]}',
]
RECORDED_LOADING = [
    '{"error":"Model dbmdz/bert-large-cased-finetuned-conll03-english is currently loading",'
    '"estimated_time":53.3741569519043}',
    '{"error":"Model gpt2 is currently loading","estimated_time":20.0}',
]


def a_group(**fields: Any) -> dict[str, Any]:
    return {
        "entity_group": "PER",
        "score": 0.5,
        "word": "Ada",
        "start": 0,
        "end": 3,
        **fields,
    }


def a_token(**fields: Any) -> dict[str, Any]:
    return {
        "entity": "B-PER",
        "score": 0.5,
        "index": 1,
        "word": "Ada",
        "start": 0,
        "end": 3,
        **fields,
    }


def without(entry: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key != name}


def is_valid(name: str, instance: Any) -> bool:
    return bool(schemas.validator(name).is_valid(instance))


def test_recorded_answer_has_its_recorded_length() -> None:
    assert len(SARAH) == 188


def test_recorded_answer_fits() -> None:
    assert is_valid("answer", json.loads(SARAH))


@pytest.mark.parametrize("reply", [*RECORDED_ERRORS, *RECORDED_LOADING])
def test_recorded_error_fits(reply: str) -> None:
    assert is_valid("error", json.loads(reply))


@pytest.mark.parametrize("reply", RECORDED_LOADING)
def test_recorded_loading_error_fits(reply: str) -> None:
    assert is_valid("model-loading", json.loads(reply))


@pytest.mark.parametrize("reply", RECORDED_ERRORS)
def test_other_recorded_error_is_no_loading_error(reply: str) -> None:
    assert not is_valid("model-loading", json.loads(reply))


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param([], id="nothing found"),
        pytest.param([a_group(), a_group()], id="groups"),
        pytest.param([a_token(), a_token(index=2)], id="tokens"),
        pytest.param([[a_group()]], id="batch of one"),
        pytest.param([[a_group()], []], id="batch of groups"),
        pytest.param([[], [a_token()]], id="batch of tokens"),
        pytest.param([[], []], id="batch with nothing found"),
    ],
)
def test_answer_fits(answer: Any) -> None:
    assert is_valid("answer", answer)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(None, id="null"),
        pytest.param({}, id="empty object"),
        pytest.param(a_group(), id="lone entity"),
        pytest.param({"error": "no"}, id="error"),
        pytest.param("[]", id="string"),
        pytest.param([None], id="null entry"),
        pytest.param([a_group(), a_token()], id="both kinds"),
        pytest.param([[a_group()], [a_token()]], id="both kinds in a batch"),
        pytest.param([a_group(), []], id="entry beside list"),
        pytest.param([[[a_group()]]], id="three levels"),
    ],
)
def test_answer_does_not_fit(answer: Any) -> None:
    assert not is_valid("answer", answer)


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        pytest.param("entity-group", a_group(score=0), id="score 0"),
        pytest.param("entity-group", a_group(score=1), id="score 1"),
        pytest.param("entity-group", a_group(start=None, end=None), id="no offsets"),
        pytest.param("entity-group", a_group(entity_group=""), id="empty label"),
        pytest.param("token-entity", a_token(index=0), id="index 0"),
        pytest.param("token-entity", without(a_token(), "index"), id="no index"),
        pytest.param("token-entity", a_token(start=None, end=None), id="token without offsets"),
    ],
)
def test_entry_fits(name: str, entry: Any) -> None:
    assert is_valid(name, entry)


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        pytest.param("entity-group", a_group(source="model", is_nested=False), id="group"),
        pytest.param("entity-group", a_group(index=1), id="group with an index"),
        pytest.param("token-entity", a_token(links={"wikidata": None}), id="token"),
    ],
)
def test_entry_of_a_later_release_fits(name: str, entry: Any) -> None:
    assert is_valid(name, entry)


@pytest.mark.parametrize("field", ["entity_group", "score", "word", "start", "end"])
def test_group_needs_each_field(field: str) -> None:
    assert not is_valid("entity-group", without(a_group(), field))


@pytest.mark.parametrize("field", ["entity", "score", "word", "start", "end"])
def test_token_needs_each_field(field: str) -> None:
    assert not is_valid("token-entity", without(a_token(), field))


WRONG = [
    pytest.param({"score": -0.01}, id="score below 0"),
    pytest.param({"score": 1.01}, id="score above 1"),
    pytest.param({"score": "0.5"}, id="score as string"),
    pytest.param({"score": None}, id="score null"),
    pytest.param({"score": True}, id="score true"),
    pytest.param({"word": None}, id="word null"),
    pytest.param({"start": -1}, id="start below 0"),
    pytest.param({"start": 0.0}, id="start with a fraction"),
    pytest.param({"start": "0"}, id="start as string"),
    pytest.param({"start": True}, id="start true"),
    pytest.param({"start": None}, id="start null alone"),
    pytest.param({"end": None}, id="end null alone"),
    pytest.param({"label": "PER"}, id="label"),
]


@pytest.mark.parametrize(
    "change", [*WRONG, {"entity": None}, {"entity": "B-PER"}, {"entity_group": None}]
)
def test_group_does_not_fit(change: dict[str, Any]) -> None:
    assert not is_valid("entity-group", a_group(**change))


@pytest.mark.parametrize(
    "change",
    [*WRONG, {"entity_group": None}, {"entity_group": "PER"}, {"index": None}, {"entity": 1}],
)
def test_token_does_not_fit(change: dict[str, Any]) -> None:
    assert not is_valid("token-entity", a_token(**change))


@pytest.mark.parametrize(
    "error",
    [{}, {"error": None}, {"error": ""}, {"error": []}, {"error": [1]}, {"detail": "no"}, "no"],
)
def test_error_does_not_fit(error: Any) -> None:
    assert not is_valid("error", error)


@pytest.mark.parametrize("seconds", ["20.0", None, True, -1])
def test_loading_error_needs_a_number_of_seconds(seconds: Any) -> None:
    assert not is_valid("model-loading", {"error": "loading", "estimated_time": seconds})


@pytest.mark.parametrize(
    "info",
    [
        {"pipeline_tag": "token-classification"},
        {"id": ""},
        {"id": "a/b", "tags": "ner"},
        {"id": "a/b", "inferenceProviderMapping": {"hf-inference": {"status": "live"}}},
        {"id": "a/b", "inferenceProviderMapping": [{"status": "live", "providerId": "a/b"}]},
    ],
)
def test_model_information_does_not_fit(info: Any) -> None:
    assert not is_valid("model-info", info)
