import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nertwin.mockserver.gazetteer import LONGEST_TERM, TermTooLong, cut_terms
from nertwin.mockserver.words import cut_words

TERMS = st.lists(st.text("aB1 \t'-\u00e9\u0301\u4eac\u00ad\u2028\x0b", max_size=9), max_size=5)


@given(TERMS)
@example(["a\x0bb c"])  # A vertical tab is deleted, and parts no words.
@example(["\u00e9a b", "\u4eac\u4eac", " a  b "])
def test_terms_are_cut_as_texts_are(terms: list[str]) -> None:
    cut = cut_terms(terms)

    words = [cut_words(term).texts for term in terms]
    assert cut.words == {" ".join(each): 1 for each in words if len(each) == 1}
    assert cut.phrases == {" ".join(each): len(each) for each in words if len(each) > 1}


@pytest.mark.parametrize("between", [" ", "-", "  "])
def test_first_term_that_is_too_long_is_named(between: str) -> None:
    terms = ["a b", between.join("c" * 40), " ".join("d" * 50), "-".join("e" * 60)]

    with pytest.raises(TermTooLong, match=f"c.*at most {LONGEST_TERM}"):
        cut_terms(terms)
