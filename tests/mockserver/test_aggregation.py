from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import goldens

from nertwin.mockserver.aggregation import (
    STRATEGIES,
    Strategy,
    Token,
    aggregate,
    aggregate_windows,
    resolve_overlaps,
)
from nertwin.mockserver.entities import Entity, to_json
from nertwin.mockserver.float32 import to_float32
from nertwin.mockserver.labels import LabelTable

CONLL = LabelTable(("O", "B-MISC", "I-MISC", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC"))
CASES = [*goldens.read("aggregation"), *goldens.read("stride")]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_golden_case_agrees_with_the_pipeline(case: dict[str, Any]) -> None:
    entities = aggregate_windows(
        goldens.windows_of(case),
        goldens.labels_of(case),
        strategy=case["strategy"],
        ignore_labels=goldens.ignored_of(case),
    )
    got = [to_json(entity) for entity in entities]

    assert goldens.without_scores(got) == goldens.without_scores(case["expected"])
    assert list(goldens.scores_of(got)) == pytest.approx(
        list(goldens.scores_of(case["expected"])), abs=1e-6, rel=0
    )


def test_golden_scores_agree_to_the_last_bit() -> None:
    got = [
        entity.score
        for case in CASES
        for entity in aggregate_windows(
            goldens.windows_of(case),
            goldens.labels_of(case),
            strategy=case["strategy"],
            ignore_labels=goldens.ignored_of(case),
        )
    ]

    expected = [
        to_float32(score) for case in CASES for score in goldens.scores_of(case["expected"])
    ]
    assert got == expected


def a_token(
    word: str, label: str, start: int = 0, *, score: float = 0.75, subword: bool = False
) -> Token:
    """A token whose largest score is at ``label``."""
    row = [(1 - score) / len(CONLL)] * len(CONLL)
    row[CONLL.names.index(label)] = score
    return Token(word, start, start + len(word), start + 1, subword, row)


def grouped(*tokens: Token, strategy: Strategy = "simple") -> list[tuple[str, str]]:
    entities = aggregate(tokens, CONLL, strategy=strategy)
    return [(entity.label, entity.word) for entity in entities]


def test_worked_example_of_a_word_cut_by_simple_only() -> None:
    tokens = (
        a_token("Sarah", "B-PER", 0, score=0.97),
        a_token("Jessica", "I-PER", 6, score=0.95),
        a_token("Par", "I-PER", 14, score=0.91),
        a_token("##ker", "I-ORG", 17, score=0.51, subword=True),
    )

    assert grouped(*tokens) == [("PER", "Sarah Jessica Par"), ("ORG", "##ker")]
    assert grouped(*tokens, strategy="first") == [("PER", "Sarah Jessica Parker")]
    assert grouped(*tokens, strategy="average") == [("PER", "Sarah Jessica Parker")]
    assert grouped(*tokens, strategy="max") == [("PER", "Sarah Jessica Parker")]


def test_begin_tag_parts_neighbours_of_one_type() -> None:
    assert grouped(a_token("Ada", "B-PER"), a_token("Bob", "B-PER")) == [
        ("PER", "Ada"),
        ("PER", "Bob"),
    ]


def test_inside_tag_may_open_a_group() -> None:
    assert grouped(a_token("Ada", "I-PER"), a_token("Bob", "I-PER")) == [("PER", "Ada Bob")]


def test_ignored_group_still_parts_its_neighbours() -> None:
    tokens = [a_token("Ada", "I-PER"), a_token("and", "O"), a_token("Bob", "I-PER")]

    entities = aggregate(tokens, CONLL, strategy="simple", ignore_labels=["O"])

    assert [entity.word for entity in entities] == ["Ada", "Bob"]


def test_given_ignore_labels_let_outside_groups_through() -> None:
    entities = aggregate(
        [a_token("Ada", "B-PER"), a_token("is", "O")], CONLL, strategy="simple", ignore_labels=[]
    )

    assert [entity.label for entity in entities] == ["PER", "O"]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_null_among_ignore_labels_drops_everything(strategy: Strategy) -> None:
    tokens = [a_token("Ada", "B-PER")]

    assert aggregate(tokens, CONLL, strategy=strategy, ignore_labels=[None]) == []


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_no_tokens_give_no_entities(strategy: Strategy) -> None:
    assert aggregate([], CONLL, strategy=strategy) == []


@pytest.mark.parametrize(
    ("entities", "kept"),
    [
        ([("a", 0, 4, 0.5), ("b", 2, 8, 0.1)], ["b"]),
        ([("a", 0, 4, 0.5), ("b", 2, 6, 0.9)], ["b"]),
        ([("a", 0, 4, 0.5), ("b", 2, 6, 0.5)], ["a"]),
        ([("a", 0, 4, 0.5), ("b", 4, 6, 0.9)], ["a", "b"]),
        ([("b", 4, 6, 0.9), ("a", 0, 4, 0.5)], ["a", "b"]),
    ],
    ids=["longer wins", "equal length, higher score", "equal score", "touching", "sorted"],
)
def test_overlap_is_won_by_the_better_entity(
    entities: list[tuple[str, int, int, float]], kept: list[str]
) -> None:
    given_entities = [
        Entity("PER", score, word, start, end) for word, start, end, score in entities
    ]

    assert [entity.word for entity in resolve_overlaps(given_entities)] == kept


@st.composite
def token_tables(draw: st.DrawFn) -> list[Token]:
    size = draw(st.integers(0, 12))
    labels = draw(st.lists(st.sampled_from(CONLL.names), min_size=size, max_size=size))
    subwords = draw(st.lists(st.booleans(), min_size=size, max_size=size))
    return [
        a_token(f"##w{place}" if subword else f"w{place}", label, place * 6, subword=subword)
        for place, (label, subword) in enumerate(zip(labels, subwords, strict=True))
    ]


@given(token_tables())
def test_simple_covers_each_token_of_none_once(tokens: list[Token]) -> None:
    tagged = aggregate(tokens, CONLL, strategy="none", ignore_labels=[])
    groups = aggregate(tokens, CONLL, strategy="simple", ignore_labels=[])

    covered = [
        entity.start
        for group in groups
        for entity in tagged
        if group.start <= entity.start < group.end  # type: ignore[operator]  # Offsets are given.
    ]
    assert covered == [token.start for token in tokens]


@given(token_tables(), st.sampled_from(["first", "average", "max"]))
def test_words_are_never_cut_by_word_strategies(tokens: list[Token], strategy: Strategy) -> None:
    groups = aggregate(tokens, CONLL, strategy=strategy, ignore_labels=[])

    starts = {group.start for group in groups[1:]}
    assert not starts & {token.start for token in tokens if token.is_subword}


@given(token_tables(), st.sampled_from(STRATEGIES))
def test_repeated_ignore_labels_change_nothing(tokens: list[Token], strategy: Strategy) -> None:
    once = aggregate(tokens, CONLL, strategy=strategy, ignore_labels=["O", "PER"])

    assert aggregate(tokens, CONLL, strategy=strategy, ignore_labels=["PER", "O", "O"]) == once
