import pytest

from nertwin.mockserver.decoders import (
    decode_metaspace,
    decode_wordpiece,
    decode_wordpiece_slowly,
)


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        (["Sarah", "Jessica", "Park", "##er"], "Sarah Jessica Parker"),
        (["##soft"], "##soft"),
        (["U", ".", "S", "."], "U. S."),
        (["O", "'", "Brien"], "O ' Brien"),
        (["didn", "'", "t"], "didn ' t"),
        (["3", ".", "5"], "3. 5"),
        (["(", "x", ")"], "( x )"),
        (["New", "-", "York"], "New - York"),
        (["so", "?", "!", ","], "so?!,"),
        (["I", "n't"], "In't"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_wordpiece_joins_as_the_fast_tokenizers_decoder(pieces: list[str], text: str) -> None:
    assert decode_wordpiece(pieces) == text


def test_slow_wordpiece_leaves_punctuation_alone() -> None:
    assert decode_wordpiece_slowly(["a", ",", "b", ".", "##c"]) == "a , b .c"


def test_metaspace_drops_the_first_space_only() -> None:
    assert decode_metaspace(["\u2581Sarah", "\u2581Park", "er"]) == "Sarah Parker"


def test_metaspace_decoded_twice_loses_the_spaces() -> None:
    words = [decode_metaspace(["\u2581Sarah"]), decode_metaspace(["\u2581Parker"])]

    assert decode_metaspace(words) == "SarahParker"
