import re
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nertwin.contract_tests.checks.readings import (
    Placed,
    find_readings,
    find_shift,
    is_same,
)
from nertwin.contract_tests.strategies import texts

Count = Callable[[str, int], int]


def placed(text: str, words: list[str], count: Count, *, inclusive: int = 0) -> list[Placed]:
    """The words of a text, placed by an endpoint that counts in its own way."""
    found = [(word, text.index(word)) for word in words]
    return [
        (word, count(text, start), count(text, start + len(word)) - inclusive)
        for word, start in found
    ]


def after(change: Callable[[str], str]) -> Count:
    return lambda text, place: len(change(text[:place] + "x")) - 1


def plainly(_: str, place: int) -> int:
    return place


@pytest.mark.parametrize(
    ("text", "count", "name"),
    [
        ("\U0001f600 Ada Lovelace in Paris", lambda t, p: len(t[:p].encode("utf-16-le")) // 2,
         "counts UTF-16 units"),
        ("Zo\u00eb \U0001f600 Ada Lovelace in Paris", lambda t, p: len(t[:p].encode()),
         "counts bytes of UTF-8"),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467 Ada Lovelace in Paris",
         lambda t, p: len(re.sub("\u200d.|\U0001f1ea", "", t[:p])), "counts graphemes"),
        ("  Ada Lovelace in Paris", after(str.lstrip), "trims leading blanks"),
        ("So:\r\n\r\nAda Lovelace in Paris", after(lambda t: t.replace("\r\n", "\n")),
         "turns CRLF into LF"),
        ("So   then Ada Lovelace in Paris", after(lambda t: " ".join(t.split())),
         "collapses blanks"),
        ("Jose\u0301 met Ada Lovelace in Paris",
         after(lambda t: unicodedata.normalize("NFC", t)), "normalises to NFC"),
        ("Jos\u00e9 met Ada Lovelace in Paris",
         after(lambda t: unicodedata.normalize("NFD", t)), "normalises to NFD"),
        ("\u0130z met Ada Lovelace in Paris", after(str.lower), "counts after lower-casing"),
    ],
)  # fmt: skip
def test_mistaken_count_is_named(text: str, count: Count, name: str) -> None:
    texts_ = (text, "\U0001f600\U0001f1e9\U0001f1ea Ada Lovelace in Paris")

    readings = find_readings(
        [(each, placed(each, ["Ada Lovelace", "Paris"], count)) for each in texts_]
    )

    assert name in [reading.name for reading in readings]
    assert len({reading.mistake for reading in readings}) == 1


def test_last_place_as_end_is_named() -> None:
    text = "Ada Lovelace in Paris"

    words = placed(text, ["Ada Lovelace", "Paris"], plainly, inclusive=1)

    assert [reading.mistake for reading in find_readings([(text, words)])] == ["end"]


def test_right_offsets_need_no_reading() -> None:
    text = "\U0001f600 Ada in Paris"

    assert find_readings([(text, placed(text, ["Ada", "Paris"], plainly))]) == ()


def test_wrong_word_is_no_reading() -> None:
    assert find_readings([("Ada in Paris", [("Paris", 0, 3)])]) == ()


def test_common_shift_is_found() -> None:
    assert find_shift("Ada in Paris.", [("Ada", 1, 4), ("Paris", 8, 13)]) == 1


@pytest.mark.parametrize(
    ("stretch", "word"),
    [
        ("Zo\u00eb", "zoe"),
        ("New  York", "New York"),
        ("gang", "##gang"),
        ("##er", "# # er"),
        ("York", "\u2581York"),
        ("O'Brien", "O ' Brien"),
        ("\u041c\u043e", "\u00d0\u013e\u00d0\u00be"),
        ("a\u200bb", "ab"),
    ],
    ids=[
        "accent and case",
        "blanks",
        "word piece",
        "marks of the author's own",
        "metaspace",
        "rejoined",
        "bytes",
        "invisible",
    ],
)
def test_word_may_differ_so(stretch: str, word: str) -> None:
    assert is_same(stretch, word)


@pytest.mark.parametrize(("stretch", "word"), [("Ada", "Ad"), ("Paris", "Pari s!"), ("", "a")])
def test_word_may_not_differ_so(stretch: str, word: str) -> None:
    assert not is_same(stretch, word)


@given(texts(), st.data())
@example("\ufeff\u0130 \u1e9e", None)
def test_right_offsets_are_right_in_every_text(text: str, data: st.DataObject | None) -> None:
    start = data.draw(st.integers(0, len(text))) if data else 0
    end = data.draw(st.integers(start, len(text))) if data else len(text)

    assert find_readings([(text, [(text[start:end], start, end)])]) == ()
