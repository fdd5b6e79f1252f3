from typing import Any

import orjson
import pytest

from nertwin.mockserver.payload import (
    ClassifyRequest,
    InvalidRequest,
    Options,
    Parameters,
    UnknownParameter,
    parse_request,
)


def parse(payload: Any) -> ClassifyRequest:
    return parse_request(orjson.dumps(payload))


def parameters_of(**parameters: Any) -> Parameters:
    return parse({"inputs": "Ada", "parameters": parameters}).parameters


def problems_of(payload: Any) -> list[tuple[str, str]]:
    with pytest.raises(InvalidRequest) as caught:
        parse(payload)
    return [(problem.path, problem.message) for problem in caught.value.problems]


def test_one_text_is_no_batch() -> None:
    request = parse({"inputs": "Ada"})

    assert (request.texts, request.is_batch) == (("Ada",), False)


def test_list_of_one_text_is_a_batch() -> None:
    request = parse({"inputs": ["Ada"]})

    assert (request.texts, request.is_batch) == (("Ada",), True)


def test_absent_parameters_are_not_given() -> None:
    assert parse({"inputs": "Ada"}).parameters == Parameters()


@pytest.mark.parametrize("value", ["simple", "Simple", "SIMPLE"])
def test_strategy_is_read_in_any_case(value: str) -> None:
    assert parameters_of(aggregation_strategy=value).aggregation_strategy == "simple"


def test_null_strategy_means_none_and_still_allows_a_stride() -> None:
    parameters = parameters_of(aggregation_strategy=None)

    assert (parameters.aggregation_strategy, parameters.forbids_stride) == ("none", False)


def test_strategy_none_by_name_forbids_a_stride() -> None:
    assert parameters_of(aggregation_strategy="NONE").forbids_stride


@pytest.mark.parametrize(
    ("legacy", "strategy"),
    [
        ({"grouped_entities": True}, "simple"),
        ({"grouped_entities": True, "ignore_subwords": True}, "first"),
        ({"grouped_entities": True, "ignore_subwords": False}, "simple"),
        ({"grouped_entities": False}, "none"),
        ({"ignore_subwords": True}, "none"),
        ({"grouped_entities": True, "aggregation_strategy": "max"}, "simple"),
        ({"grouped_entities": None, "aggregation_strategy": "max"}, "max"),
    ],
    ids=str,
)
def test_legacy_flags_override_the_strategy(legacy: dict[str, Any], strategy: str) -> None:
    assert parameters_of(**legacy).aggregation_strategy == strategy


@pytest.mark.parametrize(
    ("value", "labels"),
    [
        ([], frozenset()),
        (["O", None, 1, [], "O"], frozenset({"O", None})),
        ({"O": 1}, frozenset({"O"})),
        (None, None),
    ],
    ids=["none", "some of each kind", "keys", "null"],
)
def test_ignore_labels_keep_what_can_match(value: Any, labels: Any) -> None:
    assert parameters_of(ignore_labels=value).ignore_labels == labels


@pytest.mark.parametrize(("value", "stride"), [(0, 0), (True, 1), (False, 0), (None, None)])
def test_stride_takes_booleans_for_numbers(value: Any, stride: int | None) -> None:
    assert parameters_of(stride=value).stride == stride


@pytest.mark.parametrize("value", [True, 1, "true", "TRUE", "1"])
def test_options_take_every_spelling_of_true(value: Any) -> None:
    options = parse({"inputs": "Ada", "options": {"wait_for_model": value}}).options

    assert options == Options(wait_for_model=True)


def test_only_true_asks_for_a_stream() -> None:
    assert parse({"inputs": "Ada", "stream": True}).stream
    assert not parse({"inputs": "Ada", "stream": "true"}).stream


def test_missing_inputs_read_as_recorded() -> None:
    assert problems_of({"parameters": {}}) == [("inputs", "field required")]


def test_every_problem_is_named_at_once() -> None:
    payload = {"inputs": 1, "parameters": {"stride": "5"}, "options": 3}

    assert [path for path, _ in problems_of(payload)] == [
        "inputs",
        "parameters.stride",
        "options",
    ]


def test_problem_shows_what_came_and_the_nearest_word() -> None:
    ((path, message),) = problems_of(
        {"inputs": "Ada", "parameters": {"aggregation_strategy": "frist"}}
    )

    assert path == "parameters.aggregation_strategy"
    assert message == (
        "value is not a valid enumeration member; permitted: 'none', 'simple', 'first',"
        " 'average', 'max'. Did you mean 'first'? (got \"frist\")"
    )


def test_problem_cuts_a_long_value() -> None:
    ((_, message),) = problems_of({"inputs": {"text": "x" * 1000}})

    assert len(message) < 140


def test_unknown_parameter_is_told_with_the_nearest_known_one() -> None:
    with pytest.raises(UnknownParameter) as caught:
        parameters_of(agregation_strategy="simple")

    assert caught.value.name == "agregation_strategy"
    assert "Did you mean 'aggregation_strategy'?" in str(caught.value)


def test_broken_json_says_where() -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse_request(b'{"inputs": ')

    assert "line 1 column 12" in caught.value.problems[0].message


def test_equal_bodies_are_read_once() -> None:
    body = b'{"inputs": "Ada Lovelace met Charles Babbage."}'

    assert parse_request(body) is parse_request(bytes(bytearray(body)))


def test_body_with_a_token_in_it_is_not_remembered() -> None:
    body = b'{"inputs": "my token is hf_abcdefghijklmnopqrstuvwxyz"}'

    assert parse_request(body) is not parse_request(body)
