"""Payloads: request bodies that the contract accepts, and bodies near the border."""

from __future__ import annotations

from itertools import combinations
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from .texts import texts

STRATEGY_NAMES = ("none", "simple", "first", "average", "max")
LARGEST_STRIDE = 509

_LABELS = ("O", "PER", "ORG", "LOC", "MISC", "B-PER", "I-PER", "X")


_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-10, 10)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5)
)
_SHALLOW = st.lists(_SCALARS, max_size=3) | st.dictionaries(
    st.text(max_size=5), _SCALARS, max_size=3
)
# No ``recursive``: it takes three times as long, and nothing reads deeper than this.
_JUNK = _SCALARS | _SHALLOW | st.lists(_SHALLOW, max_size=2)


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


def inputs() -> SearchStrategy[str | list[str]]:
    """One text, or a batch of at least one."""
    return st.one_of(texts(), st.lists(texts(), min_size=1, max_size=3))


def strategy_names() -> SearchStrategy[str]:
    """The five strategies in any mixture of cases."""
    # Not sampled: its repr would hold all of them.
    return st.integers(0, len(_SPELLINGS) - 1).map(_SPELLINGS.__getitem__)


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
    return _some_of(optional).map(_reconcile)


def options() -> SearchStrategy[Any]:
    """Valid legacy ``options``."""
    truths = st.none() | st.booleans() | st.sampled_from((0, 1, "true", "False", "1", "0"))
    return st.none() | _some_of({"use_cache": truths, "wait_for_model": truths, "use_gpu": _JUNK})


def payloads() -> SearchStrategy[dict[str, Any]]:
    """Valid bodies, before they are written as JSON."""
    return _some_of(
        {
            "parameters": parameters(),
            "options": options(),
            "stream": _JUNK,
            "model": st.text(max_size=8),
        },
        beside={"inputs": inputs()},
    )


def any_payloads() -> SearchStrategy[Any]:
    """Payloads on both sides of the border, most of them near it."""
    flags = _JUNK | st.sampled_from((2, -1, "yes", "tru", "", "TRUE"))
    near = st.fixed_dictionaries(
        {},
        optional={
            "inputs": inputs() | _JUNK,
            "parameters": _JUNK
            | parameters()
            | st.fixed_dictionaries(
                {}, optional={name: _JUNK | values for name, values in _NEAR.items()}
            ),
            "options": _JUNK
            | st.fixed_dictionaries({}, optional={"use_cache": flags, "wait_for_model": flags}),
        },
    )
    return st.one_of(payloads(), near, _JUNK)


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


def _some_of(
    optional: dict[str, SearchStrategy[Any]], beside: dict[str, SearchStrategy[Any]] | None = None
) -> SearchStrategy[dict[str, Any]]:
    """Dictionaries with none, one, two or all of the keys, and always those ``beside``.

    Few keys come more often, as in what people send. Which ones is one choice, where
    ``fixed_dictionaries`` would make one for each key.
    """
    sizes = (0, 0, 0, 1, 1, 2, len(optional))
    chosen = [names for size in sizes for names in combinations(optional, size)]
    found = {
        names: st.fixed_dictionaries({**(beside or {}), **{name: optional[name] for name in names}})
        for names in chosen
    }
    return st.sampled_from(chosen).flatmap(found.__getitem__)


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
