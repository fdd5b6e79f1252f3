from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nertwin.mockserver.candidates import Claim
from nertwin.mockserver.sequences import Atom, compile_sequence, read_sequence
from nertwin.mockserver.sequencesearch import build_search, needs_of

CODES: Mapping[str, bytes] = {"a": b"\x80\x00", "b": b"\x80\x01", "c": b"\x81\x02"}
ATOMS = {Atom(frozenset({name}), frozenset()): code for name, code in CODES.items()}
FITTING = {atom: frozenset({code}) for atom, code in ATOMS.items()}
CLAIM = Claim(0, "sequence.drawn", "PER", 50, None)


def sources() -> st.SearchStrategy[str]:
    return st.recursive(
        st.sampled_from(list(CODES)),
        lambda inner: st.one_of(
            st.tuples(inner, inner).map(" ".join),
            st.tuples(inner, inner).map(lambda pair: f"( {pair[0]} | {pair[1]} )"),
            st.tuples(inner, st.sampled_from("?*+")).map(lambda pair: f"( {pair[0]} ){pair[1]}"),
        ),
        max_leaves=6,
    )


@pytest.mark.parametrize(
    ("source", "needed"),
    [
        ("a b", ["a", "b"]),
        ("a b? c*", ["a"]),
        ("a+ <b>", ["a", "b"]),
        ("( a | b ) c", ["ab", "c"]),
        ("( a b | c )", ["ac"]),
        ("( a | b? )", []),
        ("( a b )? c", ["c"]),
        ("( a ( b | c ) )+", ["a", "bc"]),
    ],
)
def test_needs_are_what_every_match_holds(source: str, needed: list[str]) -> None:
    needs = needs_of(read_sequence(source), FITTING)

    assert needs == [frozenset(CODES[name] for name in names) for names in needed]


@given(sources(), st.text("abc", max_size=12))
def test_search_finds_what_the_rule_alone_finds(source: str, words: str) -> None:
    sequence = read_sequence(source)
    rule = compile_sequence(sequence, CLAIM, ATOMS)
    codes = b"".join(CODES[word] for word in words)

    found = build_search([(rule, needs_of(sequence, FITTING))], CODES.values()).find(codes)

    assert list(found) == list(rule.find(codes))
