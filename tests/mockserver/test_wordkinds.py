from hypothesis import given
from support.wordlists import MANY, words

from nertwin.mockserver.sequences import Atom
from nertwin.mockserver.sortedwords import sort_words
from nertwin.mockserver.wordcodes import build_word_codes
from nertwin.mockserver.wordkinds import SHAPES, WordKinds, WordList

NAMES = ["many", "lowered", "few", "lesser"]
LISTS = {
    "many": WordList((*MANY, "Both", "small", "OK"), ignore_case=False),
    "lowered": WordList((*map(str.lower, MANY), "both", "\u0130x", "OK"), ignore_case=True),
    "few": WordList(("small", "Few", "!", "\u00e9"), ignore_case=False),
    "lesser": WordList(("Paris", "few", "\u0130x", "."), ignore_case=True),
}
SORTED = {name: WordList(sort_words(each.words), each.ignore_case) for name, each in LISTS.items()}
KINDS = WordKinds(LISTS)
POSSIBLE = KINDS.possible()
WORDS = words(LISTS)


@given(WORDS)
def test_kind_of_a_word_is_a_possible_one(word: str) -> None:
    assert KINDS.of(word) in POSSIBLE


@given(WORDS)
def test_kind_of_a_word_names_its_shape_and_lists(word: str) -> None:
    (spelled,) = KINDS.spell([KINDS.of(word)])

    shape, *rest = spelled.split(" ")
    assert shape in SHAPES
    assert [name for name in rest if name in NAMES] == [
        name
        for name, each in sorted(LISTS.items(), key=lambda item: NAMES.index(item[0]))
        if (word.lower() in map(str.lower, each.words) if each.ignore_case else word in each.words)
    ]


@given(WORDS)
def test_sorted_words_tell_the_same_kinds(word: str) -> None:
    assert WordKinds(SORTED).of(word) == KINDS.of(word)


def test_kinds_are_read_as_they_were_spelled() -> None:
    assert KINDS.read(KINDS.spell(POSSIBLE)) == POSSIBLE


def test_codes_are_the_same_whether_kinds_are_given_or_found_out() -> None:
    atoms = [
        Atom(frozenset({"many"}), frozenset({"few"})),
        Atom(frozenset(), frozenset({"lowered"})),
    ]

    found = build_word_codes(LISTS, atoms)

    assert build_word_codes(LISTS, atoms, found.spell_kinds()).codes == found.codes
