import pytest
from hypothesis import given
from hypothesis import strategies as st

from nertwin.contract_tests.violations import Mark, Violation, draw

TEXT = "My name is Sarah Jessica Parker but you can call me Jessica"


def test_carets_stand_under_the_stretch() -> None:
    shown, carets = draw(Mark(text=TEXT, start=11, end=31, note="PER"))

    place = carets.index("^")
    assert shown[place : place + carets.count("^")] == "Sarah Jessica Parker"
    assert carets.endswith("^  PER")


@pytest.mark.parametrize(
    ("text", "column"),
    [("東京 Ada", 5), ("e\u0301 Ada", 2), ("\r\n Ada", 5), ("\u202eabc Ada", 10), ("\x00Ada", 4)],
    ids=["wide", "combining", "line break", "direction", "NUL"],
)
def test_carets_allow_for_what_stands_before_them(text: str, column: int) -> None:
    start = text.index("Ada")

    shown, carets = draw(Mark(text=text, start=start, end=start + 3))

    assert carets == " " * column + "^^^"
    assert "\n" not in shown


def test_long_text_is_cut_on_both_sides() -> None:
    shown, _ = draw(Mark(text="a" * 500, start=200, end=203))

    assert shown.startswith("…")
    assert shown.endswith("…")
    assert len(shown) < 80


@given(st.text(), st.integers(-5, 50), st.integers(-5, 50))
def test_every_mark_can_be_drawn(text: str, start: int, end: int) -> None:
    _, carets = draw(Mark(text=text, start=start, end=end))

    assert "^" in carets


def test_violation_reads_as_expected_actual_hint() -> None:
    violation = Violation(where="body[0]", expected="a", actual="b", hint="c")

    assert violation.render().split("\n") == [
        "body[0]", "  expected: a", "  actual:   b", "  hint:     c",
    ]  # fmt: skip


def test_token_is_no_part_of_a_violation() -> None:
    violation = Violation(where="body", expected="a", actual="Bearer hf_canary0123456789")

    assert "canary" not in violation.render()
