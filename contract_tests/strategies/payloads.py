"""Payloads: request bodies that the contract accepts, and bodies with one named fault."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from .texts import texts

STRATEGY_NAMES = ("none", "simple", "first", "average", "max")
LARGEST_STRIDE = 509

_LABELS = ("O", "PER", "ORG", "LOC", "MISC", "B-PER", "I-PER", "X")
_JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-10, 10)
    | st.floats(allow_nan=False, allow_infinity=False, width=16)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


def inputs() -> SearchStrategy[str | list[str]]:
    """One text, or a batch of at least one."""
    return st.one_of(texts(), st.lists(texts(), min_size=1, max_size=3))


def strategy_names() -> SearchStrategy[str]:
    """The five strategies in any mixture of cases."""
    return st.sampled_from(STRATEGY_NAMES).flatmap(
        lambda name: st.tuples(*(st.sampled_from((c.lower(), c.upper())) for c in name)).map(
            "".join
        )
    )


def parameters() -> SearchStrategy[dict[str, Any]]:
    """Valid ``parameters``: every key alone and together, null included."""
    optional: dict[str, SearchStrategy[Any]] = {
        "aggregation_strategy": st.none() | strategy_names(),
        "ignore_labels": st.none()
        | st.lists(st.sampled_from(_LABELS) | st.none() | st.integers(-9, 9), max_size=4)
        | st.dictionaries(st.sampled_from(_LABELS), st.booleans(), max_size=2),
        "stride": st.none() | st.booleans() | st.integers(0, LARGEST_STRIDE),
        "batch_size": st.none() | st.integers(1, 64) | st.just(8.0),
        "num_workers": st.none() | st.integers(0, 8),
        "grouped_entities": st.none() | st.booleans(),
        "ignore_subwords": st.none() | st.booleans(),
    }
    return st.fixed_dictionaries({}, optional=optional).map(_reconcile)


def options() -> SearchStrategy[Any]:
    """Valid legacy ``options``."""
    truths = st.none() | st.booleans() | st.sampled_from((0, 1, "true", "False", "1", "0"))
    return st.none() | st.fixed_dictionaries(
        {}, optional={"use_cache": truths, "wait_for_model": truths, "use_gpu": _JUNK}
    )


def payloads() -> SearchStrategy[dict[str, Any]]:
    """Valid bodies, before they are written as JSON."""
    return st.fixed_dictionaries(
        {"inputs": inputs()},
        optional={
            "parameters": parameters(),
            "options": options(),
            "stream": _JUNK,
            "model": st.text(max_size=8),
        },
    )


@dataclass(frozen=True, slots=True)
class Malformed:
    """A body with exactly one fault that was put there on purpose."""

    payload: Any
    fault: str  #: What is wrong, as ``parameters.stride is negative``.


def malformed_payloads() -> SearchStrategy[Malformed]:
    """Valid bodies in which one thing was made wrong."""
    return st.one_of(_not_objects(), _without_inputs(), *map(_with_fault, _FAULTS))


def any_payloads() -> SearchStrategy[Any]:
    """Bodies on both sides of the border, most of them near it."""
    near = st.fixed_dictionaries(
        {},
        optional={
            "inputs": inputs() | _JUNK,
            "parameters": _JUNK
            | parameters()
            | st.fixed_dictionaries(
                {}, optional={name: _values(name) for name in _PARAMETER_NAMES}
            ),
            "options": _JUNK
            | st.fixed_dictionaries({}, optional={"use_cache": _JUNK, "wait_for_model": _JUNK}),
        },
    )
    return st.one_of(payloads(), near, malformed_payloads().map(lambda drawn: drawn.payload), _JUNK)


_PARAMETER_NAMES = (
    "aggregation_strategy",
    "ignore_labels",
    "stride",
    "batch_size",
    "num_workers",
    "grouped_entities",
    "ignore_subwords",
    "stide",
)


def _values(name: str) -> SearchStrategy[Any]:
    strides = st.integers(LARGEST_STRIDE - 2, LARGEST_STRIDE + 5) | st.sampled_from((5.0, -1, 0))
    if name == "stride":
        return _JUNK | strides
    return _JUNK | strategy_names() if name == "aggregation_strategy" else _JUNK


def _reconcile(drawn: dict[str, Any]) -> dict[str, Any]:
    """The parameters, without a stride where strategy none was asked for in the same call."""
    grouped, ignores = drawn.get("grouped_entities"), drawn.get("ignore_subwords")
    if grouped is None and ignores is None:
        none_asked = (drawn.get("aggregation_strategy") or "").lower() == "none"
    else:
        none_asked = not grouped
    if none_asked:
        return {name: value for name, value in drawn.items() if name != "stride"}
    return drawn


def _not_objects() -> SearchStrategy[Malformed]:
    return st.sampled_from((None, True, 1, 0.5, "text", [], ["text"], [{"inputs": "a"}])).map(
        lambda body: Malformed(body, "body is no object")
    )


def _without_inputs() -> SearchStrategy[Malformed]:
    return payloads().map(
        lambda body: Malformed(
            {name: value for name, value in body.items() if name != "inputs"}, "inputs is missing"
        )
    )


def _with_fault(fault: tuple[str, str, SearchStrategy[Any]]) -> SearchStrategy[Malformed]:
    path, words, values = fault
    outer, _, inner = path.partition(".")

    def put(drawn: tuple[dict[str, Any], Any]) -> Malformed:
        body, value = drawn
        if not inner:
            return Malformed({**body, outer: value}, f"{path} {words}")
        within = body.get(outer) or {}
        return Malformed({**body, outer: {**within, inner: value}}, f"{path} {words}")

    return st.tuples(payloads(), values).map(put)


_NUMBERS = st.integers(-3, 3) | st.just(0.5)
_FAULTS: tuple[tuple[str, str, SearchStrategy[Any]], ...] = (
    ("inputs", "is no text", st.none() | st.booleans() | _NUMBERS | st.just({"text": "a"})),
    ("inputs", "is an empty batch", st.just([])),
    (
        "inputs",
        "has a member that is no text",
        st.tuples(texts(), st.none() | _NUMBERS | st.just(["a"])).map(list),
    ),
    ("parameters", "is no object", st.none() | _NUMBERS | st.just([]) | st.just("simple")),
    ("parameters.stide", "is unknown", st.just(5)),
    (
        "parameters.aggregation_strategy",
        "is no strategy",
        st.sampled_from(("", "bogus", " simple", "simple\n", "s\u0131mple", 0, 1.5, False, [], {})),
    ),
    ("parameters.ignore_labels", "is no list", st.sampled_from(("O", "", 5, True, 0.5))),
    ("parameters.stride", "is no integer", st.sampled_from(("5", 1.5, 5.0, [], {}))),
    ("parameters.stride", "is negative", st.integers(-600, -1)),
    ("parameters.stride", "is too large", st.integers(LARGEST_STRIDE + 1, 2000)),
    ("parameters.batch_size", "is no positive integer", st.sampled_from((0, -1, "1", 1.5, True))),
    ("parameters.num_workers", "is no count", st.sampled_from((-1, "1", 0.5, False))),
    ("parameters.grouped_entities", "is no boolean", st.sampled_from((1, "true", []))),
    ("parameters.ignore_subwords", "is no boolean", st.sampled_from((0, "false", {}))),
    ("options", "is no object", st.sampled_from((True, 1, "wait", []))),
    ("options.use_cache", "is no boolean", st.sampled_from((2, "yes", [], {}, 0.5))),
    ("options.wait_for_model", "is no boolean", st.sampled_from((-1, "", "tru", [None]))),
)
