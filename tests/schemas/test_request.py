"""The request schema, decision by decision, on both sides of each border."""

from __future__ import annotations

from typing import Any

import pytest

from nertwin import schemas

REQUEST = schemas.validator("request")
ABSENT: dict[str, Any] = {}
LONGEST = 2**64 - 1


def a_request(**fields: Any) -> dict[str, Any]:
    return {"inputs": "Ada Lovelace", **fields}


def cases(*values: Any) -> list[Any]:
    return [pytest.param(value, id=repr(value)[:60]) for value in values]


@pytest.mark.parametrize("inputs", cases("", " ", "Ada", "\x00", ["Ada"], ["Ada", ""], ["", ""]))
def test_accepts_inputs(inputs: Any) -> None:
    assert REQUEST.is_valid({"inputs": inputs})


@pytest.mark.parametrize(
    "inputs",
    cases(None, 0, 1.5, True, {}, {"inputs": "Ada"}, [], [None], ["Ada", 1], [["Ada"]], [{}]),
)
def test_refuses_inputs(inputs: Any) -> None:
    assert not REQUEST.is_valid({"inputs": inputs})


@pytest.mark.parametrize("body", cases({}, {"input": "Ada"}, {"parameters": {}}))
def test_refuses_a_body_without_inputs(body: Any) -> None:
    assert not REQUEST.is_valid(body)


@pytest.mark.parametrize("body", cases(None, True, 1, "Ada", [], ["Ada"], [{"inputs": "Ada"}]))
def test_refuses_a_body_that_is_no_object(body: Any) -> None:
    assert not REQUEST.is_valid(body)


@pytest.mark.parametrize(
    "extra",
    cases(
        {"model": "dslim/bert-base-NER"},
        {"provider": None},
        {"stream": True},
        {"stream": "yes"},
        {"stream": {}},
        {"wait_for_model": 5},
        {"": []},
    ),
)
def test_accepts_other_keys_beside_inputs(extra: dict[str, Any]) -> None:
    assert REQUEST.is_valid(a_request(**extra))


@pytest.mark.parametrize("parameters", cases(None, [], [1], "", "simple", 0, 1.5, True, False))
def test_refuses_parameters_that_are_no_object(parameters: Any) -> None:
    assert not REQUEST.is_valid(a_request(parameters=parameters))


def test_accepts_empty_parameters() -> None:
    assert REQUEST.is_valid(a_request(parameters={}))


@pytest.mark.parametrize(
    "name",
    cases("top_k", "stream", "truncation", "", "Stride", "strides", "inputs", "options", " stride"),
)
@pytest.mark.parametrize("value", cases(None, True))
def test_refuses_an_unknown_parameter(name: str, value: Any) -> None:
    assert not REQUEST.is_valid(a_request(parameters={name: value}))


@pytest.mark.parametrize(
    "strategy",
    cases(None, "none", "simple", "first", "average", "max", "NONE", "Simple", "fIRST", "MaX"),
)
def test_accepts_strategy(strategy: Any) -> None:
    assert REQUEST.is_valid(a_request(parameters={"aggregation_strategy": strategy}))


@pytest.mark.parametrize(
    "strategy",
    cases(
        "", "None ", " none", "none\n", "\nnone", "none\nnone", "simple\n", "max\r", "none\u2028",
        "bogus", "simples", "ximple", "avg", "ſimple", "\ufb01rst", "ｍａｘ", "simple|max",
        0, 1, 1.5, True, False, [], ["simple"], {}, {"simple": 1},
    ),
)  # fmt: skip
def test_refuses_strategy(strategy: Any) -> None:
    assert not REQUEST.is_valid(a_request(parameters={"aggregation_strategy": strategy}))


@pytest.mark.parametrize(
    "labels", cases(None, [], ["O"], ["PER", "PER"], [None], [1, True, {}, []], {}, {"O": 1})
)
def test_accepts_ignore_labels(labels: Any) -> None:
    assert REQUEST.is_valid(a_request(parameters={"ignore_labels": labels}))


@pytest.mark.parametrize("labels", cases("", "O", 0, 5, 1.5, True, False))
def test_refuses_ignore_labels(labels: Any) -> None:
    assert not REQUEST.is_valid(a_request(parameters={"ignore_labels": labels}))


@pytest.mark.parametrize("stride", cases(None, True, False, 0, 1, 128, 508, 509))
def test_accepts_stride(stride: Any) -> None:
    assert REQUEST.is_valid(a_request(parameters={"stride": stride}))


@pytest.mark.parametrize(
    "stride",
    cases(-1, 510, 511, 512, 10**30, 0.0, 1.0, 5.0, 1.5, -0.5, "", "5", "true", [], [5], {}),
)
def test_refuses_stride(stride: Any) -> None:
    assert not REQUEST.is_valid(a_request(parameters={"stride": stride}))


@pytest.mark.parametrize("size", cases(None, 1, 2, 1.0, LONGEST))
def test_accepts_batch_size(size: Any) -> None:
    assert REQUEST.is_valid(a_request(parameters={"batch_size": size}))


@pytest.mark.parametrize("size", cases(0, -1, 2.5, True, False, "1", [], [1], {}))
def test_refuses_batch_size(size: Any) -> None:
    assert not REQUEST.is_valid(a_request(parameters={"batch_size": size}))


@pytest.mark.parametrize("workers", cases(None, 0, 1, 8, 0.0, LONGEST))
def test_accepts_num_workers(workers: Any) -> None:
    assert REQUEST.is_valid(a_request(parameters={"num_workers": workers}))


@pytest.mark.parametrize("workers", cases(-1, 2.5, True, False, "0", [], [0], {}))
def test_refuses_num_workers(workers: Any) -> None:
    assert not REQUEST.is_valid(a_request(parameters={"num_workers": workers}))


@pytest.mark.parametrize("name", cases("grouped_entities", "ignore_subwords"))
@pytest.mark.parametrize("value", cases(True, False, None))
def test_accepts_the_older_pair(name: str, value: Any) -> None:
    assert REQUEST.is_valid(a_request(parameters={name: value}))


@pytest.mark.parametrize("name", cases("grouped_entities", "ignore_subwords"))
@pytest.mark.parametrize("value", cases(0, 1, 1.0, "", "true", [], {}))
def test_refuses_the_older_pair(name: str, value: Any) -> None:
    assert not REQUEST.is_valid(a_request(parameters={name: value}))


@pytest.mark.parametrize(
    "others",
    cases(
        ABSENT,
        {"aggregation_strategy": None},
        {"aggregation_strategy": "simple"},
        {"aggregation_strategy": "MAX"},
        {"grouped_entities": None, "ignore_subwords": None},
        {"grouped_entities": True},
        {"grouped_entities": True, "ignore_subwords": None},
        {"grouped_entities": True, "ignore_subwords": False},
        {"grouped_entities": True, "ignore_subwords": True},
        {"grouped_entities": True, "aggregation_strategy": "none"},
        {"grouped_entities": True, "aggregation_strategy": None},
    ),
)
@pytest.mark.parametrize("stride", cases(True, False, 0, 509))
def test_accepts_stride_with_a_strategy_that_groups(stride: Any, others: dict[str, Any]) -> None:
    assert REQUEST.is_valid(a_request(parameters={"stride": stride, **others}))


WITHOUT_GROUPS = cases(
    {"aggregation_strategy": "none"},
    {"aggregation_strategy": "NoNE"},
    {"aggregation_strategy": "none", "grouped_entities": None, "ignore_subwords": None},
    {"grouped_entities": False},
    {"grouped_entities": False, "ignore_subwords": True},
    {"grouped_entities": False, "aggregation_strategy": "simple"},
    {"ignore_subwords": True},
    {"ignore_subwords": False},
    {"ignore_subwords": True, "aggregation_strategy": "first"},
    {"ignore_subwords": False, "grouped_entities": None},
)


@pytest.mark.parametrize("others", WITHOUT_GROUPS)
@pytest.mark.parametrize("stride", cases(True, False, 0, 509))
def test_refuses_stride_with_the_strategy_none(stride: Any, others: dict[str, Any]) -> None:
    assert not REQUEST.is_valid(a_request(parameters={"stride": stride, **others}))


@pytest.mark.parametrize("others", WITHOUT_GROUPS)
def test_accepts_null_stride_with_the_strategy_none(others: dict[str, Any]) -> None:
    assert REQUEST.is_valid(a_request(parameters={"stride": None, **others}))


def test_refuses_a_bad_strategy_even_if_it_is_overridden() -> None:
    parameters = {"grouped_entities": True, "aggregation_strategy": "bogus"}

    assert not REQUEST.is_valid(a_request(parameters=parameters))


@pytest.mark.parametrize(
    "options", cases(None, {}, {"use_gpu": False}, {"use_gpu": "?", "retry_on_error": []})
)
def test_accepts_options(options: Any) -> None:
    assert REQUEST.is_valid(a_request(options=options))


@pytest.mark.parametrize("options", cases([], "", "true", 0, 1, True, False))
def test_refuses_options(options: Any) -> None:
    assert not REQUEST.is_valid(a_request(options=options))


@pytest.mark.parametrize("name", cases("use_cache", "wait_for_model"))
@pytest.mark.parametrize(
    "value",
    cases(None, True, False, 0, 1, 0.0, 1.0, "true", "false", "True", "FALSE", "1", "0"),
)
def test_accepts_a_truth_value_in_options(name: str, value: Any) -> None:
    assert REQUEST.is_valid(a_request(options={name: value}))


@pytest.mark.parametrize("name", cases("use_cache", "wait_for_model"))
@pytest.mark.parametrize(
    "value",
    cases(2, -1, 0.5, "", "yes", "on", " true", "true ", "true\n", "1\n", "01", "ｔrue", [], {}),
)
def test_refuses_another_value_in_options(name: str, value: Any) -> None:
    assert not REQUEST.is_valid(a_request(options={name: value}))
