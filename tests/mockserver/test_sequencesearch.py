from collections.abc import Iterable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nertwin.mockserver import sequencesearch
from nertwin.mockserver.candidates import Candidate, Claim
from nertwin.mockserver.sequences import Atom, compile_sequence, read_sequence
from nertwin.mockserver.sequencesearch import SequenceSearch, build_search, needs_of

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
    rule = compile_sequence(sequence, CLAIM, ATOMS.__getitem__)
    codes = b"".join(CODES[word] for word in words)

    found = build_search([(rule, needs_of(sequence, FITTING))], CODES.values()).find(codes)

    assert list(found) == list(rule.find(codes))


SOURCES = ["a", "b", "b c", "a+ <b> c?", "( a | b c )+", "( a b )* c", "a? ( b | c )", "a*"]
SEA = {"x": b"\x90\x00", "y": b"\x90\x01"}  # What no sequence speaks of.


def a_search(sources: list[str]) -> SequenceSearch:
    rules = []
    for order, source in enumerate(sources):
        sequence = read_sequence(source)
        claim = Claim(order, f"sequence.{order}", "PER", 50 + order % 2, None)
        rules.append(
            (compile_sequence(sequence, claim, ATOMS.__getitem__), needs_of(sequence, FITTING))
        )
    return build_search(rules, [*CODES.values(), *SEA.values()], CODES.values())


@given(
    st.lists(st.sampled_from(SOURCES), min_size=1, max_size=3),
    st.lists(st.text("abcxy", max_size=30), max_size=3),
)
def test_strongest_of_each_stretch_is_found_island_by_island(
    sources: list[str], texts: list[str]
) -> None:
    search = a_search(sources)
    coded = [b"".join({**CODES, **SEA}[word] for word in text) for text in texts]

    found = [sorted(search.find_strongest(codes)) for codes in (*coded, *coded)]

    assert found == [strongest(search.find(codes)) for codes in (*coded, *coded)]


def strongest(candidates: Iterable[Candidate]) -> list[Candidate]:
    ranked = sorted(candidates, reverse=True)
    return sorted(
        {(first, length): each for each in ranked for _, length, first, _ in [each]}.values()
    )


def test_known_islands_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequencesearch, "_MOST_KNOWN", 3)
    search = a_search(["a", "b"])

    for word in ("a", "b", "c", "ab", "ba"):
        search.find_strongest(b"".join(map(CODES.__getitem__, word)))
    search.find_strongest(CODES["a"] * 1000)

    assert list(map(len, search._known)) == [4, 4]
