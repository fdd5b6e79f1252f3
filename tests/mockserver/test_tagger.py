"""Spans: their laws on any text, and who wins where rules meet."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nertwin.mockserver.rules import BUILT_IN_PACKS, RulePack, load_pack
from nertwin.mockserver.tagger import Span, find_spans
from nertwin.mockserver.words import cut_words

NAMES = ["Sarah", "Jessica", "de", "van", "Bank", "of", "England", "New", "York", "City", "Inc"]
MARKS = [".", ",", "-", "'", "!", "@", "://", "\n", "\U0001f600", "漢", "é"]
OTHERS = ["The", "the", "J", "U", "4111", "http", "www", "a@b.co", "+1", "mg", "LONDON", "STOCKS"]
PIECES = st.sampled_from(NAMES + MARKS + OTHERS)
TEXTS = st.one_of(
    st.text(), st.lists(PIECES).map(" ".join), st.lists(PIECES).map("".join), st.text("aA.,- \n1")
)
PACKS = st.sampled_from(BUILT_IN_PACKS)


def spans_of(text: str, pack: str | RulePack = "conll") -> list[Span]:
    loaded = load_pack(pack) if isinstance(pack, str) else pack
    return find_spans(text, cut_words(text), loaded)


def two_rules(folder: Path, first: str, second: str) -> RulePack:
    path = folder / "two.toml"
    path.write_text(
        'labels = ["O", "B-ONE", "I-ONE", "B-TWO", "I-TWO"]\n'
        f'[[gazetteer]]\nid = "one"\nlabel = "ONE"\n{first}\n'
        f'[[gazetteer]]\nid = "two"\nlabel = "TWO"\n{second}\n',
        encoding="utf-8",
    )
    return load_pack(str(path))


@given(TEXTS, PACKS)
@example("\ud800 Sarah\udfff", "pii")
@example("....", "conll")
@example("ǅ ﬃ İ", "conll")
def test_spans_are_sorted_disjoint_and_inside_the_words(text: str, pack: str) -> None:
    spans = spans_of(text, pack)

    edges = [edge for span in spans for edge in (span.first, span.last)]
    assert edges == sorted(edges)
    assert all(span.first < span.last for span in spans)
    assert max(edges, default=0) <= len(cut_words(text))


@given(TEXTS, PACKS)
def test_equal_texts_have_equal_spans(text: str, pack: str) -> None:
    assert spans_of(text, pack) == spans_of(text, pack)


@given(TEXTS, PACKS)
def test_labels_are_those_of_the_table(text: str, pack: str) -> None:
    types = {label.removeprefix("B-").removeprefix("I-") for label in load_pack(pack).labels}

    assert {span.label for span in spans_of(text, pack)} <= types - {"O"}


@given(TEXTS)
def test_pos_pack_gives_each_word_a_span_of_its_own(text: str) -> None:
    places = [(span.first, span.last) for span in spans_of(text, "pos")]

    assert places == [(place, place + 1) for place in range(len(cut_words(text)))]


@given(TEXTS, PACKS)
def test_scores_lie_between_0_and_1(text: str, pack: str) -> None:
    scores = [span.score for span in spans_of(text, pack) if span.score is not None]

    assert all(0 < score < 1 for score in scores)


def test_span_names_the_rule_that_won() -> None:
    (span,) = spans_of("flights to Berlin")

    assert span == Span(2, 3, "LOC", "gazetteer.cities", 0.998)


@pytest.mark.parametrize(
    ("first", "second", "labels"),
    [
        pytest.param(
            'terms = ["a b"]', 'terms = ["b"]\npriority = 60', ["TWO"], id="priority-before-length"
        ),
        pytest.param('terms = ["a"]', 'terms = ["a b"]', ["TWO"], id="length-before-place"),
        pytest.param('terms = ["a b"]', 'terms = ["b c"]', ["ONE"], id="leftmost"),
        pytest.param('terms = ["b c"]', 'terms = ["a b"]', ["TWO"], id="leftmost-though-second"),
        pytest.param('terms = ["b"]', 'terms = ["b"]', ["ONE"], id="first-in-the-file"),
        pytest.param('terms = ["a"]', 'terms = ["c"]', ["ONE", "TWO"], id="both-apart"),
    ],
)
def test_stronger_rule_wins(tmp_path: Path, first: str, second: str, labels: list[str]) -> None:
    pack = two_rules(tmp_path, first, second)

    assert [span.label for span in spans_of("a b c", pack)] == labels


class CountedWord(str):
    """A word that counts how often it is looked up."""

    __slots__ = ()
    lookups = 0

    def __hash__(self) -> int:
        CountedWord.lookups += 1
        return super().__hash__()

    __eq__ = str.__eq__


def lookups_in(text: str, pack: RulePack) -> int:
    words = cut_words(text)
    words.texts[:] = map(CountedWord, words.texts)
    CountedWord.lookups = 0
    find_spans(text, words, pack)
    return CountedWord.lookups


@pytest.mark.parametrize("pack", BUILT_IN_PACKS)
@pytest.mark.parametrize(
    "unit",
    ["a", "A", "Aa ", "AA ", "!", ". ", "New York ", "Sarah ", "J. ", "1-", "Anglo-", "A\n"],
    ids=lambda unit: repr(unit),
)
def test_lookups_grow_no_faster_than_the_text(pack: str, unit: str) -> None:
    few, many = (lookups_in(unit * count, load_pack(pack)) for count in (200, 800))

    assert many <= 4 * few + 40


def test_lookups_do_not_grow_with_the_gazetteer(tmp_path: Path) -> None:
    small = two_rules(tmp_path, 'terms = ["New York"]', 'terms = ["x"]')
    text = "New York and New Delhi " * 20
    terms = ", ".join(f'"New {number}"' for number in range(2000))
    (tmp_path / "large").mkdir()
    large = two_rules(tmp_path / "large", 'terms = ["New York"]', f"terms = [{terms}]")

    assert lookups_in(text, large) == lookups_in(text, small)
