"""Recomputing against what the real pipeline answered."""

from typing import Any

import pytest
from support import goldens

from nertwin.contract_tests.checks.faults import Fault, compare
from nertwin.contract_tests.checks.recomputing import (
    CHOICES,
    Group,
    Token,
    name_group,
    read_words,
    regroup,
    tolerance,
)

CASES = [case for case in goldens.read("aggregation") if case["strategy"] != "none"]
TEXT = "Ann Schmidhuber in Paris Rome"
TOKENS = (
    Token("B-PER", 0.9000001, "Ann", 0, 3),
    Token("I-PER", 0.8, "Schmid", 4, 10),
    Token("I-PER", 0.4, "##huber", 10, 15),
    Token("O", 0.7, "in", 16, 18),
    Token("B-LOC", 0.95, "Paris", 19, 24),
    Token("B-LOC", 0.85, "Rome", 25, 29),
)
GROUPS = (
    Group("PER", 0.85, 0, 15),
    Group("O", 0.7, 16, 18),
    Group("LOC", 0.95, 19, 24),
    Group("LOC", 0.85, 25, 29),
)


def tokens_of(case: dict[str, Any]) -> list[Token]:
    """The tokens as none would show them with no label ignored."""
    names = case["id2label"]
    return [
        Token(
            names[str(row["scores"].index(max(row["scores"])))],
            max(row["scores"]),
            row["word"],
            row["start"],
            row["end"],
        )
        for row in case["tokens"]
    ]


def golden_groups(case: dict[str, Any]) -> list[Group]:
    return [
        Group(entry["entity_group"], entry["score"], entry["start"], entry["end"])
        for entry in case["expected"]
    ]


def words_of(case: dict[str, Any], tokens: list[Token]) -> tuple[tuple[Token, ...], ...]:
    words: list[list[Token]] = []
    for row, token in zip(case["tokens"], tokens, strict=True):
        words = (
            [*words[:-1], [*words[-1], token]] if words and row["is_subword"] else [*words, [token]]
        )
    return tuple(map(tuple, words))


def kinds(faults: list[Fault]) -> list[str]:
    return [fault.kind for fault in faults]


@pytest.mark.parametrize(
    "case",
    # The flags of synthetic tables are no tokenizer's.
    [case for case in CASES if not case["family"].startswith("synthetic")],
    ids=lambda case: case["id"],
)
def test_words_of_the_pipeline_are_among_the_readings(case: dict[str, Any]) -> None:
    tokens = tokens_of(case)

    readings = read_words(tokens, case["text"])

    assert words_of(case, tokens) in readings or not tokens


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if case["strategy"] != "average" and case["tokens"]],
    ids=lambda case: case["id"],
)
def test_groups_of_the_pipeline_are_recomputed(case: dict[str, Any]) -> None:
    tokens = tokens_of(case)
    words = words_of(case, tokens) if case["strategy"] != "simple" else [(t,) for t in tokens]
    ignored = goldens.ignored_of(case)

    groups = regroup(words, CHOICES[case["strategy"]]) or []

    kept = [group for group in groups if None not in ignored and group.label not in ignored]
    expected = golden_groups(case)
    assert [(each.label, each.start, each.end) for each in kept] == [
        (each.label, each.start, each.end) for each in expected
    ]
    assert [each.score for each in kept] == pytest.approx(
        [each.score for each in expected], abs=1e-6
    )


@pytest.mark.parametrize(
    "case", [case for case in CASES if case["ignore_labels"] == []], ids=lambda case: case["id"]
)
def test_nothing_is_wrong_with_groups_of_the_pipeline(case: dict[str, Any]) -> None:
    tokens = tokens_of(case)
    readings = (
        [tuple((token,) for token in tokens)]
        if case["strategy"] == "simple"
        else read_words(tokens, case["text"])
    )

    faults = compare(readings, golden_groups(case), CHOICES[case["strategy"]])

    assert faults == []


@pytest.mark.parametrize(
    ("kind", "groups"),
    [
        ("cut", (Group("PER", 0.85, 0, 10), Group("PER", 0.4, 10, 15), *GROUPS[1:])),
        ("cut", (Group("PER", 0.85, 0, 16), *GROUPS[1:])),
        ("lost", (*GROUPS[:2], GROUPS[3])),
        ("bond", (Group("PER", 0.9, 0, 3), Group("PER", 0.8, 4, 15), *GROUPS[1:])),
        ("bond", (Group("PER", 0.8, 0, 18), *GROUPS[2:])),
        ("opens", (*GROUPS[:2], Group("LOC", 0.9, 19, 29))),
        ("label", (Group("LOC", 0.85, 0, 15), *GROUPS[1:])),
        ("name", (Group("B-PER", 0.85, 0, 15), *GROUPS[1:])),
        ("score", (Group("PER", 0.65, 0, 15), *GROUPS[1:])),
        ("votes", (Group("PER", 0.7, 0, 15), *GROUPS[1:])),
    ],
)
def test_each_fault_has_its_kind(kind: str, groups: tuple[Group, ...]) -> None:
    faults = compare(read_words(TOKENS, TEXT), groups, CHOICES["first"])

    assert set(kinds(faults)) == {kind}


def test_right_groups_have_no_fault() -> None:
    assert compare(read_words(TOKENS, TEXT), GROUPS, CHOICES["first"]) == []


def test_outside_groups_that_are_hidden_are_not_missed() -> None:
    shown = [group for group in GROUPS if group.label != "O"]

    assert compare(read_words(TOKENS, TEXT), shown, CHOICES["first"]) == []


def test_bare_labels_belong_together() -> None:
    tokens = (Token("NOUN", 0.9, "cat", 0, 3), Token("NOUN", 0.7, "food", 4, 8))
    groups = (Group("NOUN", 0.9, 0, 3), Group("NOUN", 0.7, 4, 8))

    faults = compare([tuple((token,) for token in tokens)], groups, CHOICES["simple"])

    assert kinds(faults) == ["bare"]


def test_average_is_open_where_the_tokens_of_a_word_disagree() -> None:
    tokens = (Token("B-PER", 0.9, "Ann", 0, 3), Token("O", 0.6, "##a", 3, 4))

    assert regroup(read_words(tokens, "Anna")[0], CHOICES["average"]) is None


def test_form_leaves_open_whether_a_comma_goes_on_with_a_word() -> None:
    tokens = (Token("O", 0.9, "in", 0, 2), Token("O", 0.9, ",", 2, 3))

    assert {len(words) for words in read_words(tokens, "in,")} == {1, 2}


def test_metaspace_pieces_without_a_blank_before_them_go_on_with_a_word() -> None:
    tokens = (Token("O", 0.9, "\u2581Pa", 0, 2), Token("O", 0.9, "ris", 2, 5))

    assert [len(words) for words in read_words(tokens, "Paris")] == [1]


@pytest.mark.parametrize(("label", "name"), [("B-PER-nam", "PER-nam"), ("O", "O"), ("B-", "")])
def test_group_is_called_by_what_follows_the_first_hyphen(label: str, name: str) -> None:
    assert name_group(label) == name


def test_scores_that_were_rounded_are_compared_as_such() -> None:
    assert tolerance([0.9912, 0.98]) == pytest.approx(1e-4)
