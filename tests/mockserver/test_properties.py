"""Laws that hold for every request, through the endpoint's own bytes."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nertwin.contract_tests.strategies import (
    Malformed,
    any_payloads,
    inputs,
    long_texts,
    malformed_payloads,
    parameters,
    payloads,
    texts,
)
from nertwin.mockserver.app import create_endpoint
from nertwin.mockserver.endpoint import Endpoint
from nertwin.mockserver.reply import Reply
from nertwin.mockserver.settings import Settings
from nertwin.schemas import validator

ENDPOINT: Endpoint = create_endpoint(Settings())
MODELS = st.sampled_from(
    [card.id for card in ENDPOINT.models if card.tokenizer != "wordpiece-slow"]
)
REQUEST, ANSWER, ERROR = validator("request"), validator("answer"), validator("error")


#: Of clauses about bytes the body as a whole is what is wrong.
ABOUT_BYTES = ("request.malformed-json", "request.undecodable-text")


def send(body: bytes, model: str = "dslim/bert-base-NER") -> Reply:
    return ENDPOINT.answer(ENDPOINT.models.model(model), body)


def post(payload: Any, model: str = "dslim/bert-base-NER") -> Reply:
    return send(json.dumps(payload).encode(), model)


@settings(max_examples=1000)
@given(any_payloads())
def test_server_accepts_a_body_iff_the_request_schema_does(payload: Any) -> None:
    reply = post(payload)

    assert reply.status == (200 if REQUEST.is_valid(payload) else 400)


@given(malformed_payloads())
def test_refusal_is_json_that_names_the_field(malformed: Malformed) -> None:
    reply = send(malformed.body)

    error = orjson.loads(reply.body)
    assert reply.status == 400
    assert ERROR.is_valid(error)
    path = "body" if malformed.clause in ABOUT_BYTES else malformed.path
    assert path.rpartition(".")[2] in str(error["error"])


@given(payloads(), MODELS)
def test_every_answer_validates(payload: dict[str, Any], model: str) -> None:
    reply = post(payload, model)

    assert ANSWER.is_valid(orjson.loads(reply.body))


@given(payloads(), MODELS)
def test_equal_requests_get_equal_bytes(payload: dict[str, Any], model: str) -> None:
    assert post(payload, model) == post(payload, model)


@given(texts(), parameters(), MODELS)
def test_every_span_lies_in_the_text(
    text: str, given_parameters: dict[str, Any], model: str
) -> None:
    reply = post({"inputs": text, "parameters": given_parameters}, model)

    assert all(
        0 <= entity["start"] < entity["end"] <= len(text) for entity in orjson.loads(reply.body)
    )


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(long_texts(), st.integers(0, 500), MODELS)
def test_every_span_of_a_long_text_lies_in_it(text: str, stride: int, model: str) -> None:
    reply = post({"inputs": text, "parameters": {"stride": stride}}, model)

    spans = [(entity["start"], entity["end"]) for entity in orjson.loads(reply.body)]
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert spans == sorted(spans)


@given(inputs(), parameters())
def test_batch_is_answered_as_its_texts_one_by_one(
    texts_: str | list[str], given_parameters: dict[str, Any]
) -> None:
    batch = [texts_] if isinstance(texts_, str) else texts_

    together = post({"inputs": batch, "parameters": given_parameters})
    alone = [post({"inputs": text, "parameters": given_parameters}) for text in batch]

    assert orjson.loads(together.body) == [orjson.loads(reply.body) for reply in alone]


@given(st.binary(max_size=200))
def test_no_bytes_at_all_break_the_server(body: bytes) -> None:
    reply = ENDPOINT.answer(ENDPOINT.models.model("dslim/bert-base-NER"), body)

    assert reply.status in (200, 400)
    orjson.loads(reply.body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"inputs": NaN}',
        b'{"inputs": "\\ud800"}',
        b'{"inputs": "\xff"}',
        b"\xef\xbb\xbf{}",
        b'{"inputs": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"inputs": "a", "x": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"inputs": "a", "parameters": {"stride": ' + b"9" * 5000 + b"}}",
    ],
    ids=[
        "empty",
        "cut off",
        "NaN",
        "lone surrogate",
        "bad UTF-8",
        "byte order mark",
        "deep",
        "deep in an ignored key",
        "huge number",
    ],
)
def test_hostile_body_gets_a_json_400(body: bytes) -> None:
    reply = ENDPOINT.answer(ENDPOINT.models.model("dslim/bert-base-NER"), body)

    assert reply.status == 400
    assert ERROR.is_valid(orjson.loads(reply.body))


@pytest.mark.parametrize("depth", [200, 300, 1000])
@pytest.mark.parametrize(
    "body",
    [
        b"%s",
        b'{"inputs": %s}',
        b'{"inputs": ["a", %s]}',
        b'{"inputs": "a", "parameters": {"stride": %s}}',
        b'{"inputs": "a", "options": {"use_cache": %s}}',
    ],
    ids=["body", "inputs", "batch", "parameter", "option"],
)
def test_nesting_that_can_be_read_but_not_written_gets_a_400(body: bytes, depth: int) -> None:
    nested = b"[" * depth + b"]" * depth

    reply = ENDPOINT.answer(ENDPOINT.models.model("dslim/bert-base-NER"), body % nested)

    assert reply.status == 400


def test_huge_ignore_labels_cost_no_more_than_reading_them() -> None:
    labels = ["x"] * 150_000

    reply = post({"inputs": ["a " * 500] * 20, "parameters": {"ignore_labels": labels}})

    assert reply.status == 200


def test_stride_that_would_take_for_ever_is_refused_by_name() -> None:
    reply = post({"inputs": "a " * 15_500, "parameters": {"stride": 509}})

    assert reply.status == 400
    assert "`stride` 509 cuts the text into 14991 windows" in str(orjson.loads(reply.body))
