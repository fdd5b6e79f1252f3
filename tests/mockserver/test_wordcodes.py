from collections.abc import Iterable

from hypothesis import given
from support.wordlists import MANY, words

from nertwin.mockserver.sequences import Atom
from nertwin.mockserver.wordcodes import build_word_codes
from nertwin.mockserver.wordkinds import SHAPES, WordList, shape_of

LISTS = {
    "many": WordList(frozenset({*MANY, "Both", "small", "OK", "Paris"}), ignore_case=False),
    "more": WordList(
        tuple({*MANY[:500], *(f"w{n}" for n in range(900)), "Both"}), ignore_case=False
    ),
    "few": WordList(("small", "Few", "!", "\u00e9"), ignore_case=False),
    "lowered": WordList(frozenset({*map(str.lower, MANY), "paris", "both"}), ignore_case=True),
    "lesser": WordList(("Paris", "few", "\u0130x", "."), ignore_case=True),
}
ATOMS = [
    Atom(frozenset(needs), frozenset(avoids))
    for names in ((*LISTS, *SHAPES),)
    for needs, avoids in (
        *(((name,), ()) for name in names),
        *((("any",), (name,)) for name in names),
        *(((one, other), ()) for one in LISTS for other in names if one != other),
    )
]
CODES = build_word_codes(LISTS, ATOMS)
WORDS = words(LISTS)


@given(WORDS)
def test_code_of_a_word_is_one_of_the_atoms_that_it_fits(word: str) -> None:
    code = CODES.table[word]

    assert {atom for atom in ATOMS if code in CODES.codes[atom]} == set(fitting(word))


def fitting(word: str) -> Iterable[Atom]:
    names = {"any", shape_of(word)}
    for name, each in LISTS.items():
        if each.ignore_case:
            is_in = word.lower() in {listed.lower() for listed in each.words}
        else:
            is_in = word in each.words
        names |= {name} if is_in else set()
    return (atom for atom in ATOMS if atom.needs <= names and not atom.avoids & names)
