"""Payload: the bytes of a body as a :class:`ClassifyRequest`, or all that is wrong with them.

The request schema says the same again, independently; a property test compares the two.
"""

from __future__ import annotations

import reprlib
from collections.abc import Container, Mapping
from functools import lru_cache
from typing import NamedTuple

import orjson

from nertwin.schemas import JSON

from .aggregation import STRATEGIES, Strategy
from .errors import NertwinError, did_you_mean

_LONGEST_SHOWN = 80
_LONGEST_REMEMBERED = 4096
_PARAMETERS = (
    "aggregation_strategy",
    "ignore_labels",
    "stride",
    "batch_size",
    "num_workers",
    "grouped_entities",
    "ignore_subwords",
)
_AT_LEAST = "ensure this value is greater than or equal to {}"
_TRUTHS: Mapping[str, bool] = {"true": True, "1": True, "false": False, "0": False}


class Problem(NamedTuple):
    """One thing that is wrong with a body."""

    path: str  #: Where, as ``parameters.stride``; ``body`` for the whole.
    message: str  #: What was wanted and what came.


class InvalidRequest(NertwinError):
    """The body is no valid request; ``problems`` lists everything that is wrong."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(f"{path}: {message}" for path, message in problems))
        self.problems = problems


class UnknownParameter(NertwinError):
    """``parameters`` holds a name that the pipeline does not know."""

    def __init__(self, name: str) -> None:
        suggestion = did_you_mean(name, _PARAMETERS)
        super().__init__(
            f"parameters: there is no {shown(name)}; there are {', '.join(_PARAMETERS)}."
            f"{suggestion}"
        )
        self.name = name


class Parameters(NamedTuple):
    """What a request asks of the pipeline; None stands for "not given"."""

    aggregation_strategy: Strategy | None = None  #: A given null reads as ``none``.
    ignore_labels: Container[object] | None = None  #: What is in it matches.
    stride: int | None = None  #: Tokens that neighbouring windows share, at least 0.
    forbids_stride: bool = False  #: Strategy none was asked for by name, not by null.
    #: Let a stride as long as a window pass: short texts are answered, long ones crash.
    risks_crash: bool = False


class Options(NamedTuple):
    """The body's legacy ``options``; None stands for "not given"."""

    use_cache: bool | None = None
    wait_for_model: bool | None = None


class ClassifyRequest(NamedTuple):
    """A valid request."""

    texts: tuple[str, ...]  #: At least one.
    is_batch: bool  #: Whether ``inputs`` was a list; the answer is then a list of lists.
    parameters: Parameters
    options: Options
    stream: bool  #: Whether the body asks for a stream.


def parse_request(body: bytes) -> ClassifyRequest:
    """The request in ``body``, whatever its content type said.

    Raises:
        InvalidRequest: The body is no JSON object, or fields in it have the wrong form.
        UnknownParameter: All fields are well formed, and one has an unknown name.
    """
    is_kept = len(body) <= _LONGEST_REMEMBERED and b"hf_" not in body
    return _remembered(body) if is_kept else _parse(body)


def _parse(body: bytes) -> ClassifyRequest:
    try:
        payload = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidRequest(Problem("body", f"invalid JSON: {error}")) from None
    if not isinstance(payload, dict):
        raise InvalidRequest(
            Problem("body", f'value is not a valid dict; send {{"inputs": …}}{_got(payload)}')
        )
    reader = _Reader(payload)
    request = reader.read()
    if reader.problems:
        raise InvalidRequest(*reader.problems)
    if reader.unknown is not None:
        raise UnknownParameter(reader.unknown)
    return request


# Most bodies come more than once. One with a token in it is not kept.
_remembered = lru_cache(maxsize=256)(_parse)


def labels_in(value: list[JSON] | dict[str, JSON]) -> frozenset[str | None]:
    """What of ``ignore_labels`` can match anything; of an object the keys count."""
    return frozenset(item for item in value if item is None or isinstance(item, str))


def shown(value: object) -> str:
    """The value as JSON, cut so that it fits into a message."""
    try:
        text = orjson.dumps(value, default=repr).decode()
    except TypeError:  # It reads deeper nesting than it writes.
        text = reprlib.repr(value)
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"


def _got(value: object) -> str:
    return f" (got {shown(value)})"


class _Reader:
    """Reads one payload, collecting problems on the way."""

    def __init__(self, payload: dict[str, JSON]) -> None:
        self.payload = payload
        self.problems: list[Problem] = []
        self.unknown: str | None = None

    def read(self) -> ClassifyRequest:
        inputs = self._inputs()
        return ClassifyRequest(
            texts=tuple(inputs) if isinstance(inputs, list) else (inputs,),
            is_batch=isinstance(inputs, list),
            parameters=self._parameters(),
            options=self._options(),
            stream=self.payload.get("stream") is True,
        )

    def _refuse(self, path: str, message: str, value: object) -> None:
        self.problems.append(Problem(path, message + _got(value)))

    def _inputs(self) -> str | list[str]:
        if "inputs" not in self.payload:
            self.problems.append(Problem("inputs", "field required"))
            return ""
        inputs = self.payload["inputs"]
        if isinstance(inputs, str):
            return inputs
        if not isinstance(inputs, list):
            self._refuse("inputs", "str type expected, or a list of str", inputs)
            return ""
        if not inputs:
            self._refuse("inputs", "At least one input is required.", inputs)
        for place, text in enumerate(inputs):
            if not isinstance(text, str):
                self._refuse(f"inputs.{place}", "str type expected", text)
                break
        return inputs  # type: ignore[return-value]  # A list with other members is refused.

    def _parameters(self) -> Parameters:
        given = self.payload.get("parameters", {})
        if not isinstance(given, dict):
            self._refuse("parameters", "value is not a valid dict", given)
            return Parameters()
        self.unknown = next((name for name in given if name not in _PARAMETERS), None)
        for name, least in (("batch_size", 1), ("num_workers", 0)):
            self._check_count(given, name, least)
        strategy = self._strategy(given)
        forbids_stride = strategy == "none" and given["aggregation_strategy"] is not None
        legacy = self._legacy_strategy(given)
        if legacy is not None:
            strategy, forbids_stride = legacy, legacy == "none"
        return Parameters(
            aggregation_strategy=strategy,
            ignore_labels=self._ignore_labels(given),
            stride=self._stride(given),
            forbids_stride=forbids_stride,
        )

    def _strategy(self, given: dict[str, JSON]) -> Strategy | None:
        if "aggregation_strategy" not in given:
            return None
        value = given["aggregation_strategy"]
        if value is None:
            return "none"
        # ASCII only: the pipeline's upper() would take "ſimple" as well.
        if isinstance(value, str) and value.isascii():
            for strategy in STRATEGIES:
                if value.lower() == strategy:
                    return strategy
        permitted = ", ".join(map(repr, STRATEGIES))
        suggestion = did_you_mean(value.lower(), STRATEGIES) if isinstance(value, str) else ""
        self._refuse(
            "parameters.aggregation_strategy",
            f"value is not a valid enumeration member; permitted: {permitted}.{suggestion}",
            value,
        )
        return None

    def _legacy_strategy(self, given: dict[str, JSON]) -> Strategy | None:
        """What transformers 4's grouped_entities and ignore_subwords make of the strategy."""
        grouped = self._flag(given, "grouped_entities")
        ignores = self._flag(given, "ignore_subwords")
        if grouped is None and ignores is None:
            return None
        if not grouped:
            return "none"
        return "first" if ignores else "simple"

    def _flag(self, given: dict[str, JSON], name: str) -> bool | None:
        value = given.get(name)
        if value is None or isinstance(value, bool):
            return value
        self._refuse(f"parameters.{name}", "value could not be parsed to a boolean", value)
        return None

    def _ignore_labels(self, given: dict[str, JSON]) -> frozenset[str | None] | None:
        value = given.get("ignore_labels")
        if value is None:
            return None
        if isinstance(value, (list, dict)):  # The pipeline asks "in", so a dict's keys count.
            return labels_in(value)
        self._refuse("parameters.ignore_labels", "value is not a valid list", value)
        return None

    def _stride(self, given: dict[str, JSON]) -> int | None:
        value = given.get("stride")
        if isinstance(value, bool):
            return int(value)
        if value is None:
            return None
        if not isinstance(value, int):
            self._refuse("parameters.stride", "value is not a valid integer", value)
            return None
        if value < 0:
            self._refuse("parameters.stride", _AT_LEAST.format(0), value)
            return None
        return value

    def _check_count(self, given: dict[str, JSON], name: str, least: int) -> None:
        """Refuse a number of texts or processes that is none; a valid one changes nothing."""
        value = given.get(name)
        if value is None:
            return
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not is_number or value % 1:  # type: ignore[operator]  # It is a number.
            self._refuse(f"parameters.{name}", "value is not a valid integer", value)
        elif value < least:  # type: ignore[operator]  # The same.
            self._refuse(f"parameters.{name}", _AT_LEAST.format(least), value)

    def _options(self) -> Options:
        given = self.payload.get("options")
        if given is None:
            return Options()
        if not isinstance(given, dict):
            self._refuse("options", "value is not a valid dict", given)
            return Options()
        return Options(
            use_cache=self._truth(given, "use_cache"),
            wait_for_model=self._truth(given, "wait_for_model"),
        )

    def _truth(self, given: dict[str, JSON], name: str) -> bool | None:
        value = given.get(name)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str) and value.isascii() and value.lower() in _TRUTHS:
            return _TRUTHS[value.lower()]
        if isinstance(value, (int, float)) and value in (0, 1):
            return bool(value)
        self._refuse(f"options.{name}", "value could not be parsed to a boolean", value)
        return None
