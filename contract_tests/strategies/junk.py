"""Junk: any JSON, for fields that nobody reads."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from .letters import Letters, evenly

_SCALARS = (
    st.none(),
    st.booleans(),
    st.integers(-10, 10),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
)
# What lists and objects hold: numbers and texts on which readers of JSON have stumbled.
_FLOATS = (0.0, 1.0, -0.0, 0.1, -1.5, 1e16, 1e-7, 2.0**53, 5e-324, 1.7976931348623157e308)
_TEXTS = (
    *("", "0", "a", " ", "null", "\n", "\x00", '"', "\\", "\x7f", "\u00e9", "e\u0301", "\u0645"),
    *("\u2028", "\ufeff", "\uffff", "\U0001f600"),
)
_VALUES = evenly((None,), (False, True), range(-10, 11), _FLOATS, _TEXTS)
_PAIRS = [(_TEXTS[place % len(_TEXTS)], value) for place, value in enumerate(_VALUES)]
_MEMBERS = Letters(_PAIRS, max_size=3)
_NESTED = Letters(
    [
        (kind, _PAIRS[place : place + size])
        for size in range(4)
        for place in range(0, len(_PAIRS), 4)
        for kind in (list, dict)
    ],
    max_size=2,
)
_LIST, _OBJECT, _LISTS = range(len(_SCALARS), len(_SCALARS) + 3)
_KINDS = st.integers(0, _LISTS)


@st.composite
def junk(draw: DrawFn) -> object:
    """Any JSON: scalars more often than lists and objects, which are small and two levels deep."""
    kind = draw(_KINDS)
    if kind == _LISTS:
        return [_gather(*nested) for nested in _NESTED.draw(draw)]
    if kind == _OBJECT:
        return dict(_MEMBERS.draw(draw))
    if kind == _LIST:
        return [value for _, value in _MEMBERS.draw(draw)]
    return draw(_SCALARS[kind])


def _gather(kind: type, members: list[tuple[str, object]]) -> object:
    return dict(members) if kind is dict else [value for _, value in members]
