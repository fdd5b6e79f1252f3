"""Payloads: request bodies that the contract accepts, and bodies near the border."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from .junk import junk
from .keys import Keys, some_of
from .letters import Letters, evenly
from .texts import write

STRATEGY_NAMES = ("none", "simple", "first", "average", "max")
LARGEST_STRIDE = 509

_LABELS = ("O", "PER", "ORG", "LOC", "MISC", "B-PER", "I-PER", "X")


def _in_case(name: str, case: int) -> str:
    """The name with those letters in upper case whose bits are set."""
    return "".join(
        letter.upper() if case >> place & 1 else letter for place, letter in enumerate(name)
    )


# All spellings of all names, each name as often; more than once where it is short.
_SPELLINGS = tuple(
    _in_case(name, case)
    for case in range(2 ** max(map(len, STRATEGY_NAMES)))
    for name in STRATEGY_NAMES
)


_KINDS = st.sampled_from(("prose", "wild", "batch"))
_ARE_WILD = Letters((False, True), min_size=1, max_size=3)


@st.composite
def inputs(draw: DrawFn) -> str | list[str]:
    """One text, or a batch of at least one."""
    kind = draw(_KINDS)
    if kind == "batch":
        return [write(draw, is_wild=is_wild) for is_wild in _ARE_WILD.draw(draw)]
    return write(draw, is_wild=kind == "wild")


def strategy_names() -> SearchStrategy[str]:
    """The five strategies in any mixture of cases."""
    # Not sampled: its repr would hold all of them.
    return st.integers(0, len(_SPELLINGS) - 1).map(_SPELLINGS.__getitem__)


_TRUTHS = st.sampled_from(evenly((None,), (False, True)))
_PARAMETERS: dict[str, SearchStrategy[Any]] = {
    "aggregation_strategy": st.none() | strategy_names(),
    "ignore_labels": st.none()
    | st.lists(st.sampled_from(evenly(_LABELS, (None,), range(-9, 10))), max_size=4)
    | st.dictionaries(st.sampled_from(_LABELS), st.booleans(), max_size=2),
    "stride": st.none() | st.booleans() | st.integers(0, LARGEST_STRIDE),
    "batch_size": st.sampled_from(evenly((None,), range(1, 65), (8.0,))),
    "num_workers": st.sampled_from(evenly((None,), range(9))),
    "grouped_entities": _TRUTHS,
    "ignore_subwords": _TRUTHS,
}
_PARAMETER_KEYS = Keys(*_PARAMETERS)


@st.composite
def parameters(draw: DrawFn) -> dict[str, Any]:
    """Valid ``parameters``: every key alone and together, null included."""
    return _reconcile({name: draw(_PARAMETERS[name]) for name in _PARAMETER_KEYS.draw(draw)})


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


_FLAGS = st.sampled_from(evenly((None,), (False, True), (0, 1, "true", "False", "1", "0")))
_OPTIONS = {"use_cache": _FLAGS, "wait_for_model": _FLAGS, "use_gpu": junk()}


def options() -> SearchStrategy[dict[str, Any] | None]:
    """Valid legacy ``options``."""
    return st.none() | some_of(_OPTIONS, Keys(*_OPTIONS))


def payloads() -> SearchStrategy[dict[str, Any]]:
    """Valid bodies, before they are written as JSON."""
    return some_of(_FIELDS, _FIELD_KEYS)


_FIELDS: dict[str, SearchStrategy[Any]] = {
    "inputs": inputs(),
    "parameters": parameters(),
    "options": options(),
    "stream": junk(),
    "model": st.text(max_size=8),
}
_FIELD_KEYS = Keys("parameters", "options", "stream", "model", beside=("inputs",))


def any_payloads() -> SearchStrategy[Any]:
    """Payloads on both sides of the border, most of them near it."""
    flags = junk() | st.sampled_from((2, -1, "yes", "tru", "", "TRUE"))
    near = st.fixed_dictionaries(
        {},
        optional={
            "inputs": inputs() | junk(),
            "parameters": junk()
            | parameters()
            | st.fixed_dictionaries(
                {}, optional={name: junk() | values for name, values in _NEAR.items()}
            ),
            "options": junk()
            | st.fixed_dictionaries({}, optional={"use_cache": flags, "wait_for_model": flags}),
        },
    )
    return st.one_of(payloads(), near, junk())


# Values that are right or wrong by a hair.
_NEAR: dict[str, SearchStrategy[Any]] = {
    "aggregation_strategy": st.sampled_from(("", " simple", "simple\n", "s\u0131mple", False))
    | strategy_names(),
    "ignore_labels": st.sampled_from(("O", "", [[]])),
    "stride": st.sampled_from((5.0, -1, 0, "5")) | st.integers(LARGEST_STRIDE - 2, 2000),
    "batch_size": st.sampled_from((0, -1, "1", 1.5, True)),
    "num_workers": st.sampled_from((-1, "1", 0.5, False)),
    "grouped_entities": st.sampled_from((1, "true")),
    "ignore_subwords": st.sampled_from((0, "false")),
    "stide": st.just(5),
}
