"""Arguments: what the transformers pipeline makes of its keyword arguments, and refuses."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import NoReturn

from nertwin.schemas import JSON

from .aggregation import STRATEGIES, Strategy
from .classifier import InferenceError, check_parameters
from .payload import Parameters, labels_in
from .tokenizer import Tokenizer

CLASS = "TokenClassificationPipeline"
_KNOWN = (
    "ignore_labels",
    "grouped_entities",
    "ignore_subwords",
    "aggregation_strategy",
    "offset_mapping",
    "stride",
    "num_workers",
    "batch_size",
)
_STRATEGIES: Mapping[str, Strategy] = {strategy.upper(): strategy for strategy in STRATEGIES}
_NOT_AN_INTEGER = "'float' object cannot be interpreted as an integer"


def check_arguments(
    arguments: Mapping[str, JSON], tokenizer: Tokenizer, default: Strategy | None
) -> Parameters:
    """The parameters, whose stride may still be a number that is no count.

    Raises:
        InferenceError: With the words of the exception that the pipeline would meet first.
    """
    if arguments.get("offset_mapping"):
        message = "offset_mapping should have the same batch size as the input"
        fail("parameters.offset_mapping", message)
    for name in arguments:
        if name not in _KNOWN:
            words = "got an unexpected keyword argument"
            fail(f"parameters.{name}", f"{CLASS}._sanitize_parameters() {words} '{name}'")
    strategy, is_named, is_usable = _strategy(arguments)
    stride = _stride(arguments.get("stride"))
    parameters = Parameters(
        aggregation_strategy=strategy,
        ignore_labels=_ignore_labels(arguments.get("ignore_labels"))
        if is_usable
        else _Refuser("Invalid aggregation_strategy"),
        stride=stride,
        forbids_stride=is_named and strategy == "none",
        risks_crash=True,
    )
    effective = strategy or default or "none"
    within = stride is None or stride < tokenizer.max_length
    # Now only what the pipeline asks of a call; what it asks of each text comes later.
    asked = None if stride is None else 0 if within else tokenizer.max_length
    check_parameters(_with_stride(parameters, asked), effective, tokenizer)
    _check_loading(arguments)
    return parameters


def _with_stride(parameters: Parameters, stride: int | None) -> Parameters:
    return Parameters(stride=stride, forbids_stride=parameters.forbids_stride, risks_crash=True)


def _strategy(arguments: Mapping[str, JSON]) -> tuple[Strategy | None, bool, bool]:
    """The strategy, whether it was asked for by name, whether it is of any use."""
    grouped, ignores = arguments.get("grouped_entities"), arguments.get("ignore_subwords")
    if grouped is not None or ignores is not None:
        if not grouped:
            return "none", True, True
        return ("first" if ignores else "simple"), True, True
    if "aggregation_strategy" not in arguments:
        return None, False, True
    value = arguments["aggregation_strategy"]
    if value is None:
        return "none", False, True
    path = "parameters.aggregation_strategy"
    if isinstance(value, (list, dict)):
        fail(path, f"unhashable type: '{type_name(value)}'")
    if not isinstance(value, str):
        return "none", False, False
    named = _STRATEGIES.get(value.upper())
    if named is None:
        fail(path, repr(value.upper()))
    return named, True, True


def _stride(value: JSON) -> int | None:
    """The stride; a fraction or a negative number is passed on, to be refused in its turn."""
    if value is None:
        return None
    if isinstance(value, (str, list, dict)):
        message = f"'>=' not supported between instances of '{type_name(value)}' and 'int'"
        fail("parameters.stride", message)
    return int(value) if isinstance(value, bool) else value  # type: ignore[return-value]


def check_stride_type(stride: object) -> None:
    """Refuse a stride that the tokenizers library can't take for a count."""
    if isinstance(stride, float):
        fail("parameters.stride", _NOT_AN_INTEGER)
    if isinstance(stride, int) and stride < 0:
        fail("parameters.stride", "can't convert negative int to unsigned")


def _check_loading(arguments: Mapping[str, JSON]) -> None:
    """Refuse what the data loader refuses; what it takes changes no answer."""
    workers = arguments.get("num_workers")
    if isinstance(workers, (str, list, dict)):
        message = f"'>' not supported between instances of '{type_name(workers)}' and 'int'"
        fail("parameters.num_workers", message)
    if workers is not None and workers < 0:
        fail(
            "parameters.num_workers",
            "num_workers option should be non-negative; use num_workers=0 to disable"
            " multiprocessing.",
        )
    size = arguments.get("batch_size")
    is_size = isinstance(size, int) and not isinstance(size, bool) and size > 0
    if size is not None and not is_size:
        words = "batch_size should be a positive integer value"
        fail("parameters.batch_size", f"{words}, but got batch_size={size}")
    if isinstance(workers, float) and 0 < workers <= 1:
        fail("parameters.num_workers", _NOT_AN_INTEGER)


def _ignore_labels(value: JSON) -> Container[object] | None:
    if value is None:
        return None
    if isinstance(value, (list, dict)):
        return labels_in(value)
    if isinstance(value, str):
        return _Substrings(value)
    return _Refuser(f"argument of type '{type_name(value)}' is not iterable")


@dataclass(frozen=True, slots=True)
class _Substrings:
    """A string in the place of a list of labels: it holds what is part of it, and no None."""

    text: str

    def __contains__(self, label: object) -> bool:
        if isinstance(label, str):
            return label in self.text
        message = "'in <string>' requires string as left operand, not NoneType"
        raise InferenceError(message, path="parameters.ignore_labels")


@dataclass(frozen=True, slots=True)
class _Refuser:
    """In the place of labels: fails when asked for one, so only where there is an entity."""

    message: str

    def __contains__(self, _: object) -> bool:
        raise InferenceError(self.message, path="parameters")


def type_name(value: object) -> str:
    """What Python's messages call the kind of a value."""
    return type(value).__name__


def fail(path: str, message: str) -> NoReturn:
    """Refuse the field at ``path`` in the exception's words."""
    raise InferenceError(message, path=path)
