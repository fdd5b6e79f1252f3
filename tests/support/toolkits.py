"""The requests of the table of what the toolkit's two branches answer alike."""

import json
from typing import Any

import httpx

SENTENCE = "My name is Sarah Jessica Parker but you can call me Jessica"
LONG = "Ada met Bob. " * 400
CLASS = "TokenClassificationPipeline"
AT_LEAST_ONE = "At least one input is required."
JSON_HEADERS = {"content-type": "application/json"}

#: Parameters for SENTENCE, and the error.
REFUSED_PARAMETERS: dict[str, tuple[Any, str]] = {
    "unknown strategy": ({"aggregation_strategy": "bogus"}, "'BOGUS'"),
    "empty strategy": ({"aggregation_strategy": ""}, "''"),
    "strategy a list": ({"aggregation_strategy": []}, "unhashable type: 'list'"),
    "strategy a number": ({"aggregation_strategy": 3}, "Invalid aggregation_strategy"),
    "unknown parameter": (
        {"foo": 1, "aggregation_strategy": "bogus"},
        f"{CLASS}._sanitize_parameters() got an unexpected keyword argument 'foo'",
    ),
    "inputs twice": (
        {"inputs": 1},
        f"{CLASS}.__call__() got multiple values for argument 'inputs'",
    ),
    "labels a string": (
        {"ignore_labels": "O"},
        "'in <string>' requires string as left operand, not NoneType",
    ),
    "labels a number": ({"ignore_labels": 5}, "argument of type 'int' is not iterable"),
    "labels a truth value": ({"ignore_labels": False}, "argument of type 'bool' is not iterable"),
    "stride with none": (
        {"stride": 5, "aggregation_strategy": "none"},
        "`stride` was provided to process all the text but"
        ' `aggregation_strategy="AggregationStrategy.NONE"`, please select another one instead.',
    ),
    "stride 511": (
        {"stride": 511},
        "tokenizer stride set to 511, which is greater than or equal to its effective max length"
        " of 510 (= 512 original max length - 2 added special tokens), ",
    ),
    "stride 512": (
        {"stride": 512},
        "`stride` must be less than `tokenizer.model_max_length` (or even lower if the tokenizer"
        " adds special tokens)",
    ),
    "stride negative": ({"stride": -1}, "can't convert negative int to unsigned"),
    "stride a fraction": (
        {"stride": 1.5},
        "'float' object cannot be interpreted as an integer",
    ),
    "stride a string": (
        {"stride": "5"},
        "'>=' not supported between instances of 'str' and 'int'",
    ),
    "no batch size": (
        {"batch_size": 0},
        "batch_size should be a positive integer value, but got batch_size=0",
    ),
    "workers a string": (
        {"num_workers": "1"},
        "'>' not supported between instances of 'str' and 'int'",
    ),
    "workers half": (
        {"num_workers": 0.5},
        "'float' object cannot be interpreted as an integer",
    ),
    "workers negative": (
        {"num_workers": -1},
        "num_workers option should be non-negative; use num_workers=0 to disable multiprocessing.",
    ),
    "offset mapping": (
        {"offset_mapping": [1, 2]},
        "offset_mapping should have the same batch size as the input",
    ),
}

#: Bodies and the beginning of the error.
REFUSED_BODIES: dict[str, tuple[bytes, str]] = {
    "no inputs": (
        b'{"text": "\xc3\xa9"}',
        'Body needs to provide a inputs key, received: b\'{"text":"\\xc3\\xa9"}\'',
    ),
    "cut off": (b'{"inputs": ', "unexpected end of data: line 1 column 12 (char 11)"),
    "NaN": (b'{"inputs": NaN}', "unexpected character"),
    "lone surrogate": (b'{"inputs": "\\ud800"}', ""),
    "bad UTF-8": (b'{"inputs": "\xff"}', "str is not valid UTF-8"),
    "byte order mark": (b"\xef\xbb\xbf{}", ""),
    "empty": (b"", ""),
    "list": (b'["a"]', "Body needs to provide a inputs key, received: b'[\"a\"]'"),
    "string": (b'"a"', "Body needs to provide a inputs key, received: b'\"a\"'"),
    "string with the word": (b'"inputs"', "'str' object has no attribute 'pop'"),
    "list with the word": (b'["inputs"]', "pop expected at most 1 argument, got 2"),
    "number": (b"5", "argument of type 'int' is not iterable"),
    "null": (b"null", "argument of type 'NoneType' is not iterable"),
    "too deep to be written": (b"[" * 500 + b"]" * 500, "Recursion limit reached"),
    "empty batch": (b'{"inputs": []}', AT_LEAST_ONE),
    "inputs null": (b'{"inputs": null}', AT_LEAST_ONE),
    "inputs a number": (b'{"inputs": 5, "parameters": {"foo": 1}}', AT_LEAST_ONE),
    "inputs a truth value": (b'{"inputs": true}', AT_LEAST_ONE),
    "member null": (b'{"inputs": ["a", null]}', "You need to specify either `text`"),
    "member a number": (b'{"inputs": ["a", 1]}', "text input must be of type `str`"),
    "inputs an object without inputs": (
        b'{"inputs": {"text": "a"}}',
        f"{CLASS}.__call__() missing 1 required positional argument: 'inputs'",
    ),
    "instances": (
        b'{"instances": ["a"]}',
        f"{CLASS}.__call__() missing 1 required positional argument: 'inputs'",
    ),
    "self": (
        b'{"inputs": {"inputs": "a", "self": 1}}',
        f"{CLASS}.__call__() got multiple values for argument 'self'",
    ),
}

#: Parameters that make no difference, or none to a text of one window.
ACCEPTED_PARAMETERS: dict[str, Any] = {
    "none": {},
    "labels null": {"ignore_labels": None},
    "labels an object": {"ignore_labels": {"O": 1}},
    "stride null": {"stride": None},
    "stride alone": {"stride": 5},
    "stride true": {"stride": True},
    "stride 510": {"stride": 510},
    "batch size": {"batch_size": 2, "num_workers": 1},
    "offset mapping null": {"offset_mapping": None},
}


def post(client: httpx.Client, path: str, payload: Any) -> httpx.Response:
    return client.post(path, content=json.dumps(payload), headers=JSON_HEADERS)


def keys(response: httpx.Response) -> set[tuple[str, ...]]:
    return {tuple(entity) for entity in response.json()}


TOKEN_KEYS = {("entity", "score", "index", "word", "start", "end")}
GROUP_KEYS = {("entity_group", "score", "word", "start", "end")}
