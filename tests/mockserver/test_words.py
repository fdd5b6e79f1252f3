import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nertwin.mockserver.words import cut_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("My name is Ada", ["My", "name", "is", "Ada"]),
        ("U.S.", ["U", ".", "S", "."]),
        ("don't", ["don", "'", "t"]),
        ("a_b $5", ["a", "_", "b", "$", "5"]),
        ("\u6771\u4eac de", ["\u6771", "\u4eac", "de"]),
        ("\u201cquoted\u201d", ["\u201c", "quoted", "\u201d"]),
        ("caf\u00e9", ["caf\u00e9"]),
        (" \t\n\u00a0\u2028", []),
        ("a\x0bb\u200bc", ["abc"]),
        ("\x00\ufffd", []),
        ("hi\U0001f600", ["hi\U0001f600"]),
        ("a[MASK]b [x]", ["a", "[MASK]", "b", "[", "x", "]"]),
    ],
    ids=ascii,
)
def test_text_is_cut_as_bert_cuts_it(text: str, words: list[str]) -> None:
    assert cut_words(text).texts == words


def test_offsets_count_code_points() -> None:
    words = cut_words("\U0001f600 Ada")

    assert (words.starts, words.ends) == ([0, 2], [1, 5])


def test_offsets_of_a_word_include_what_was_deleted_inside_it() -> None:
    words = cut_words("x a\u200bb")

    assert (words.starts, words.ends) == ([0, 2], [1, 5])


def test_no_more_words_than_asked_for() -> None:
    assert cut_words("a, b, c", most=3).texts == ["a", ",", "b"]


@given(st.text())
@example("\x00")
def test_words_lie_in_the_text_in_order(text: str) -> None:
    words = cut_words(text)

    edges = [edge for pair in zip(words.starts, words.ends, strict=True) for edge in pair]
    assert edges == sorted(edges)
    assert all(0 <= edge <= len(text) for edge in edges)
    assert all(words.texts)


@given(st.text(), st.text())
def test_a_tail_after_a_blank_changes_no_word_before_it(text: str, tail: str) -> None:
    words = cut_words(text)

    longer = cut_words(f"{text} {tail}")

    assert longer.texts[: len(words)] == words.texts
    assert longer.starts[: len(words)] == words.starts
