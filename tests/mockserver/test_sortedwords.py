from hypothesis import given
from hypothesis import strategies as st

from nertwin.mockserver.sortedwords import sort_words

# So many that a set is not made at once.
FILLING = [f"m{number:04}" for number in range(1600)]
CHARACTERS = st.sampled_from("abmzABZ09 '-.\u00e9\u0130\u4eac\U00020000")
WORDS = st.text(CHARACTERS, min_size=1, max_size=4)
LISTED = st.sets(WORDS, max_size=12)


@given(LISTED, st.lists(WORDS, max_size=12))
def test_few_words_are_found_as_in_a_set(listed: set[str], wanted: list[str]) -> None:
    words = sort_words([*listed, *FILLING])

    found = list(map(words.__contains__, [*wanted, *listed]))

    assert found == list(map({*listed, *FILLING}.__contains__, [*wanted, *listed]))


@given(LISTED, st.lists(WORDS, min_size=1, max_size=12))
def test_many_words_are_found_as_in_a_set(listed: set[str], wanted: list[str]) -> None:
    words = sort_words([*listed, *FILLING])

    found = list(map(words.__contains__, 100 * wanted))

    assert found == list(map({*listed, *FILLING}.__contains__, 100 * wanted))


@given(LISTED)
def test_words_stand_in_the_order_of_code_points(listed: set[str]) -> None:
    words = sort_words(listed)

    assert list(words) == sorted(listed)
    assert len(words) == len(listed)


@given(LISTED, WORDS)
def test_lines_start_with_a_word_and_no_longer_one(listed: set[str], word: str) -> None:
    found = sort_words([*listed, *FILLING]).starting_with(word)

    length = len(word)
    assert found == [
        line
        for line in sorted({*listed, *FILLING})
        if line.startswith(word)
        and not (word[-1].isalnum() and line[length : length + 1].isalnum())
    ]


@given(LISTED)
def test_words_and_others_lowered_hold_all_in_lower_case(listed: set[str]) -> None:
    words = sort_words(listed)

    lowered = set(map(str.lower, listed))
    assert words.others_lowered() <= lowered
    assert lowered <= words.others_lowered() | listed


def test_something_else_than_a_word_is_not_found() -> None:
    something: object = 1

    assert something not in sort_words(FILLING)
