"""What the checks of long texts assume of their own text, and how they see what is missing."""

from nertwin.contract_tests.checks.lattice import find_gap
from nertwin.contract_tests.checks.long_texts import BEYOND, COMMON_WINDOW, LONG, TAIL


def test_no_common_window_holds_the_text() -> None:
    assert len(LONG[BEYOND:].split()) > COMMON_WINDOW // 2


def test_tail_is_beyond_the_common_window() -> None:
    assert LONG.index(TAIL) > BEYOND


def test_sentences_are_all_different() -> None:
    sentences = LONG.split(". ")

    assert len(set(sentences)) == len(sentences)


def test_gap_is_a_stretch_with_a_letter() -> None:
    assert find_gap("Ann in, Rome", [(0, 3), (8, 12)]) == (3, 8)


def test_punctuation_and_blanks_are_no_gap() -> None:
    assert find_gap("Ann ... Rome!", [(0, 3), (8, 12)]) is None


def test_gap_at_the_end_is_found() -> None:
    assert find_gap("Ann Rome", [(0, 3)]) == (3, 8)
