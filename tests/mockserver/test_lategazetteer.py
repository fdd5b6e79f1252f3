from hypothesis import given
from hypothesis import strategies as st

from nertwin.mockserver.candidates import Claim
from nertwin.mockserver.gazetteer import Gazetteer, GazetteerBuilder, cut_terms
from nertwin.mockserver.lategazetteer import LateGazetteer, TermFile
from nertwin.mockserver.sortedwords import sort_words
from nertwin.mockserver.words import cut_words

# So many that not all are read at once.
FILLING = [f"m{number:04}" for number in range(500)]
TERMS = st.sets(
    st.text("aB -'", min_size=1, max_size=6).map(str.strip).filter(bool), min_size=1, max_size=8
)
TEXTS = st.text("aB -'", max_size=16)


def file_of(terms: set[str], order: int) -> TermFile:
    word_claim = Claim(order, f"gazetteer.{order}", "LOC", 50 - order % 3, None)
    phrase_claim = Claim(order + 1, f"gazetteer.{order}", "LOC", 50 + order % 3, None)
    return TermFile(sort_words([*terms, *FILLING]), word_claim, phrase_claim)


def whole_of(files: list[TermFile]) -> Gazetteer:
    builder = GazetteerBuilder()
    builder.add(cut_terms(files[0].terms), files[0].word_claim, files[0].phrase_claim)
    builder.add(cut_terms(files[1].terms), files[1].word_claim, files[1].phrase_claim)
    whole = builder.build()
    assert whole is not None
    return whole


@given(TERMS, TERMS, TEXTS)
def test_few_words_find_what_all_terms_find(first: set[str], second: set[str], text: str) -> None:
    files = [file_of(first, 0), file_of(second, 2)]
    words = cut_words(text).texts

    late = LateGazetteer(files)

    assert sorted(late.find(words)) == sorted(whole_of(files).find(words))
    assert sorted(late.find_weaker(words)) == sorted(whole_of(files).find_weaker(words))


@given(TERMS, TERMS, TEXTS)
def test_many_words_find_what_all_terms_find(first: set[str], second: set[str], text: str) -> None:
    files = [file_of(first, 0), file_of(second, 2)]
    words = [*cut_words(text).texts, *FILLING[:100]]

    late = LateGazetteer(files)

    assert sorted(late.find(words)) == sorted(whole_of(files).find(words))
    assert sorted(late.find_weaker(words)) == sorted(whole_of(files).find_weaker(words))


def test_text_that_holds_no_term_has_no_candidates() -> None:
    late = LateGazetteer([file_of({"Acme"}, 0)])

    assert list(late.find(["Ada", "wrote"])) == []
    assert list(late.find_weaker(["Ada", "wrote"])) == []
