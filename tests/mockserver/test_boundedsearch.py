import re

import pytest
import re2
from hypothesis import example, given
from hypothesis import strategies as st

from nertwin.mockserver.boundedsearch import LONGEST_MATCH, BoundedSearch

EXPRESSIONS = ["a", "a+", "é|x", r"\bab\b", "x$", "^a", "(?:)", "a*", "a(?:.*b)?", "(?s).+", "é+x"]
TEXTS = st.one_of(st.text("aéb x\n\U0001f600", max_size=40), st.text(max_size=40))
LETTERS = st.sampled_from(["a", "é", "x", " ", "漢", "\U0001f600"])


def search(expression: str, text: str, group: int = 0) -> list[tuple[int, int]]:
    return [
        (found.start, found.end) for found in BoundedSearch(re2.compile(expression), group)(text)
    ]


class CountedExpression:
    """An expression that counts the bytes that its searches may read."""

    def __init__(self, expression: str) -> None:
        self.compiled = re2.compile(expression)
        self.read = 0

    def search(self, text: bytes, start: int, end: int) -> object:
        self.read += end - start
        return self.compiled.search(text, start, end)


@given(TEXTS, st.sampled_from(EXPRESSIONS))
@example("", "a*")
@example("\U0001f600a", "a*")
def test_matches_are_those_of_an_unbounded_search(text: str, expression: str) -> None:
    unbounded = [found.span() for found in re2.compile(expression).finditer(text)]

    assert search(expression, text) == [(start, end) for start, end in unbounded if start < end]


@given(LETTERS, st.integers(LONGEST_MATCH - 30, 3 * LONGEST_MATCH), LETTERS)
def test_match_is_found_wherever_steps_meet(letter: str, count: int, last: str) -> None:
    text = letter * count + "Road Runner" + last

    assert search("Road Runner", text) == [(count, count + 11)]


@pytest.mark.parametrize("expression", [r"Runner$", r"Runner\b", r"\bRunner"])
def test_steps_do_not_look_like_edges_of_the_text(expression: str) -> None:
    text = "Runners xRunnerx " * LONGEST_MATCH

    assert search(expression, text) == [found.span() for found in re.finditer(expression, text)]


def test_group_is_found_instead_of_the_whole() -> None:
    assert search("é: (a+)", "éé: aa.", group=1) == [(4, 6)]


def test_group_that_is_not_in_the_match_is_passed_over() -> None:
    assert search("x|(a)", "xa", group=1) == [(1, 2)]


def test_expression_that_reads_on_from_each_match_stays_linear() -> None:
    few, many = CountedExpression("a(?:.*b)?"), CountedExpression("a(?:.*b)?")

    list(BoundedSearch(few, 0)("a" * 5_000))
    list(BoundedSearch(many, 0)("a" * 20_000))

    assert many.read <= 4.8 * few.read
