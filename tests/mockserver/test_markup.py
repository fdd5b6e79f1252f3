import pytest
from hypothesis import given
from hypothesis import strategies as st

from nertwin.mockserver.markup import BadMarkup, Mark, parse_markup


def test_marks_are_taken_out_of_the_text() -> None:
    marked = parse_markup("[Ada](PER) met [Bob](PER:0.97).")

    assert marked.text == "Ada met Bob."
    assert marked.marks == (Mark(0, 3, "PER", None), Mark(8, 11, "PER", 0.97))


def test_offsets_count_code_points() -> None:
    assert parse_markup("\U0001f600 [Ada](PER)").marks == (Mark(2, 5, "PER", None),)


def test_escaped_brackets_stand_for_themselves() -> None:
    marked = parse_markup(r"\[1\] [Ada](PER) \\")

    assert marked.text == "[1] Ada \\"
    assert marked.marks == (Mark(4, 7, "PER", None),)


@pytest.mark.parametrize("markup", ["[Ada] (PER)", "[Ada](PER", "Ada](PER)", "[[Ada](PER)"])
def test_bracket_of_no_mark_is_refused(markup: str) -> None:
    with pytest.raises(BadMarkup, match="belongs to no mark"):
        parse_markup(markup)


@pytest.mark.parametrize(
    "markup", ["[](PER)", "[Ada]()", "[Ada](PER:1.5)", "[Ada](PER:high)", "[Ada](PER:0)"]
)
def test_half_a_mark_is_refused_by_name(markup: str) -> None:
    with pytest.raises(BadMarkup) as caught:
        parse_markup(f"so {markup}")

    assert repr(markup) in str(caught.value)


@given(st.text(st.characters(exclude_characters="[]\\")))
def test_text_without_marks_is_itself(text: str) -> None:
    assert parse_markup(text).text == text
