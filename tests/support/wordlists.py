"""Lists of words, and words that are in them, nearly in them, or in none."""

from collections.abc import Mapping

from hypothesis import strategies as st

from nertwin.mockserver.wordkinds import WordList

#: More than a thousand, which make a list a big one.
MANY = [f"{letter}{'a' * (number % 7)}{number}" for number in range(600) for letter in "Qz"]


def listed(lists: Mapping[str, WordList]) -> list[str]:
    """All words of the lists."""
    return sorted({word for each in lists.values() for word in each.words})


def words(lists: Mapping[str, WordList]) -> st.SearchStrategy[str]:
    """Words of the lists as they are and in other cases, and any others."""
    known = st.sampled_from(listed(lists))
    return st.one_of(
        known, known.map(str.upper), known.map(str.capitalize), st.text(min_size=1, max_size=5)
    )
