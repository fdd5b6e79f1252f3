import pytest
from hypothesis import given
from hypothesis import strategies as st

from nertwin.mockserver.pieces import LONGEST_WORD, cut_word
from nertwin.mockserver.tokenizer import TOKENIZER_KINDS, Piece, Tokenizer, TokenizerKind
from nertwin.mockserver.words import cut_words


def encode(text: str, kind: TokenizerKind = "wordpiece", *, lowercase: bool = False) -> list[Piece]:
    return Tokenizer(kind=kind, lowercase=lowercase).encode(text, cut_words(text))


def test_pieces_after_the_first_begin_with_the_continuation_mark() -> None:
    pieces = cut_word("antidisestablishmentarianism")

    assert pieces is not None
    assert len(pieces) > 1
    assert [piece.startswith("##") for piece in pieces] == [False] + [True] * (len(pieces) - 1)


@pytest.mark.parametrize(
    "word", ["x" * (LONGEST_WORD + 1), "hello\U0001f600"], ids=["too long", "emoji"]
)
def test_word_that_the_vocabulary_lacks_is_unknown(word: str) -> None:
    assert cut_word(word) is None


def test_unknown_word_is_its_slice_and_no_subword() -> None:
    assert encode("a hi\U0001f600") == [
        Piece("a", 0, 1, 0, False),
        Piece("hi\U0001f600", 2, 5, 1, False),
    ]


def test_uncased_tokenizer_lowers_and_strips_accents() -> None:
    (piece,) = encode("Zo\u00eb", lowercase=True)

    assert piece == Piece("zoe", 0, 3, 0, False)


def test_first_piece_over_a_deleted_accent_counts_as_subword() -> None:
    (piece,) = encode("Zo\u0308e", lowercase=True)

    assert piece == Piece("zoe", 0, 4, 0, True)


def test_deleted_accent_at_the_end_is_no_part_of_the_word() -> None:
    assert encode("Zoe\u0308 Ann", lowercase=True)[0] == Piece("zoe", 0, 3, 0, False)


def test_punctuation_that_lower_casing_uncovers_stands_alone() -> None:
    assert [piece.piece for piece in encode("a\u1fefb", lowercase=True)] == ["a", "`", "b"]


@pytest.mark.parametrize("lowercase", [False, True])
def test_special_token_in_the_text_is_one_token(lowercase: bool) -> None:
    pieces = encode("I[MASK]you", lowercase=lowercase)

    assert pieces[1] == Piece("[MASK]", 1, 7, 1, False)


def test_first_piece_over_a_deleted_character_counts_as_subword() -> None:
    assert encode("x a\u200bb")[1] == Piece("ab", 2, 5, 1, True)


def test_metaspace_marks_words_after_blanks_and_glues_punctuation() -> None:
    assert encode("Bob, Al", "metaspace") == [
        Piece("\u2581Bob", 0, 3, 0, False),
        Piece(",", 3, 4, 1, True),
        Piece("\u2581Al", 5, 7, 2, False),
    ]


def test_metaspace_takes_a_word_after_a_newline_for_a_subword() -> None:
    assert encode("Bob\nAl", "metaspace")[1].is_subword


@given(st.text(), st.sampled_from(TOKENIZER_KINDS), st.booleans())
def test_tokens_lie_in_the_text_in_order(text: str, kind: TokenizerKind, lowercase: bool) -> None:
    pieces = encode(text, kind, lowercase=lowercase)

    assert all(0 <= piece.start < piece.end <= len(text) for piece in pieces)
    starts = [piece.start for piece in pieces]
    assert starts == sorted(starts)


@given(st.text(st.characters(categories=["L", "N", "P", "Zs"])))
def test_cased_pieces_spell_their_stretch(text: str) -> None:
    spelt = [
        piece.piece.removeprefix("##") if piece.is_subword else piece.piece
        for piece in encode(text)
    ]

    assert spelt == [text[piece.start : piece.end] for piece in encode(text)]


@given(
    st.text(
        min_size=1, max_size=LONGEST_WORD, alphabet=st.characters(categories=["Ll", "Lu", "Nd"])
    )
)
def test_pieces_put_together_are_the_word(word: str) -> None:
    first, *others = cut_word(word) or [word]

    assert first + "".join(piece.removeprefix("##") for piece in others) == word
