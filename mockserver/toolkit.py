"""Toolkit: requests as the inference toolkit's web service reads them.

It hands the body to the transformers pipeline as it came, so each fault of a request shows
as the text of the Python exception that it met first. The order of the checks is therefore
the order in which toolkit and pipeline meet them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NoReturn

import orjson

from nertwin.schemas import JSON

from .aggregation import Strategy
from .arguments import CLASS, check_arguments, check_stride_type, fail, type_name
from .classifier import InferenceError, check_parameters
from .incoming import Incoming
from .payload import ClassifyRequest, Options
from .reply import Refusal
from .tokenizer import Tokenizer

# Python shows the pipeline's address in memory; here it has one of its own.
_OBJECT = f"<transformers.pipelines.token_classification.{CLASS} object at 0x7f5a1c0b4d90>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """What the branches of the toolkit read each in its own way."""

    content_type: Callable[[str | None], str]  #: Raises InferenceError.
    default_strategy: Strategy | None = None  #: Put into the parameters that lack the key.


def read(incoming: Incoming, tokenizer: Tokenizer, *, branch: Branch) -> ClassifyRequest | Refusal:
    """The request, or the refusal of it, with a hint of ours that names the field."""
    try:
        return read_request(incoming, tokenizer, branch=branch)
    except InferenceError as error:
        return refuse(str(error))._replace(hint=f"{error.path}: {error}")


def read_request(incoming: Incoming, tokenizer: Tokenizer, *, branch: Branch) -> ClassifyRequest:
    """The request, checked as far as that can be done without looking at a text's tokens.

    Raises:
        InferenceError: With the words of the exception that the toolkit would meet first.
    """
    payload = _read_body(incoming, branch)
    stream = payload.get("stream") is True
    if incoming.query and "parameters" not in payload:
        payload["parameters"] = {name: _convert(text) for name, text in incoming.query.items()}
    arguments = _arguments(payload, branch)
    inputs = arguments.pop("inputs")
    texts = _texts(inputs)
    parameters = check_arguments(arguments, tokenizer, branch.default_strategy)
    for text in texts:
        _check_text(text)
    stride = parameters.stride
    if stride is not None:
        check_stride_type(stride)
        check_parameters(parameters, parameters.aggregation_strategy or "simple", tokenizer)
    return ClassifyRequest(
        texts=tuple(text for text in texts if isinstance(text, str)),
        is_batch=isinstance(inputs, list),
        parameters=parameters,
        options=Options(),
        stream=stream,
    )


def refuse(message: str) -> Refusal:
    """The 400 that every exception of the toolkit becomes."""
    return Refusal(status=400, body={"error": message}, stage="inference")


def crash() -> Refusal:
    """The 500 of a panic in the tokenizers library, which no ``except Exception`` sees."""
    headers = ((b"connection", b"close"),)
    return Refusal(status=500, body="Internal Server Error", stage="gateway", headers=headers)


def _read_body(incoming: Incoming, branch: Branch) -> dict[str, JSON]:
    name = branch.content_type(incoming.headers.get("content-type"))
    if name.startswith("image/"):
        fail("body", "cannot identify image file <_io.BytesIO object at 0x7f5a1c0b4e80>")
    if name.startswith("audio/"):
        return {"inputs": None}  # Bytes, which are no text to the pipeline either.
    try:
        payload = orjson.loads(incoming.body)
        if not isinstance(payload, dict):
            _refuse_payload(payload)
        if "inputs" not in payload and "instances" not in payload:
            _lacks_inputs(payload)
    except (orjson.JSONDecodeError, orjson.JSONEncodeError) as error:
        raise InferenceError(str(error), path="body") from None
    return payload


def _refuse_payload(payload: JSON) -> NoReturn:
    """Fail as Python does when a body that is no object is asked for its keys."""
    if not isinstance(payload, (str, list)):
        fail("body", f"argument of type '{type_name(payload)}' is not iterable")
    if "inputs" not in payload and "instances" not in payload:
        _lacks_inputs(payload)
    if isinstance(payload, list):
        fail("body", "pop expected at most 1 argument, got 2")
    fail("body", "'str' object has no attribute 'pop'")


def _lacks_inputs(payload: JSON) -> NoReturn:
    received = orjson.dumps(payload)
    fail("inputs", f"Body needs to provide a inputs key, received: {received!r}")


def _convert(text: str) -> JSON:
    """A query parameter as a number or truth value, where it looks like one."""
    if text in ("true", "false"):
        return text == "true"
    try:
        return int(text) if text.isnumeric() else text
    except ValueError as error:  # "²" is numeric and no number.
        raise InferenceError(str(error), path="query") from None


def _arguments(payload: dict[str, JSON], branch: Branch) -> dict[str, JSON]:
    """The arguments with which the toolkit calls the pipeline, by name."""
    parameters = payload.pop("parameters", {})
    inputs = payload.pop("inputs", payload)
    if not isinstance(parameters, dict):
        message = f"{_OBJECT} argument after ** must be a mapping, not {type_name(parameters)}"
        if branch.default_strategy:
            message = f"'{type_name(parameters)}' object has no attribute 'setdefault'"
        fail("parameters", message)
    if branch.default_strategy:
        parameters.setdefault("aggregation_strategy", branch.default_strategy)
    if not isinstance(inputs, dict):
        _refuse_positional(parameters, ("self", "inputs"))
        return {**parameters, "inputs": inputs}
    for name in inputs:
        if name in parameters:
            fail(name, f"{_OBJECT} got multiple values for keyword argument '{name}'")
    arguments = {**inputs, **parameters}
    _refuse_positional(arguments, ("self",))
    if "inputs" not in arguments:
        message = f"{CLASS}.__call__() missing 1 required positional argument: 'inputs'"
        fail("inputs", message)
    return arguments


def _refuse_positional(arguments: Mapping[str, JSON], names: tuple[str, ...]) -> None:
    for name in names:
        if name in arguments:
            fail(name, f"{CLASS}.__call__() got multiple values for argument '{name}'")


def _texts(inputs: JSON) -> list[JSON]:
    if isinstance(inputs, str):
        return [inputs]
    if not isinstance(inputs, list) or not inputs:
        fail("inputs", "At least one input is required.")
    return inputs


def _check_text(text: JSON) -> None:
    if text is None:
        fail("inputs", "You need to specify either `text` or `text_target`.")
    # The pipeline takes a list of texts for the windows of one; the stand-in doesn't.
    if not isinstance(text, str):
        fail(
            "inputs",
            "text input must be of type `str` (single example), `List[str]` (batch or single"
            " pretokenized example) or `List[List[str]]` (batch of pretokenized examples).",
        )
