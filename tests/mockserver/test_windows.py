from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import goldens

from nertwin.mockserver.windows import BadStride, cut_windows

CASES = goldens.read("windows")
CUT = [case for case in CASES if "windows" in case]
REFUSED = [case for case in CASES if "error" in case]


def name(case: dict[str, Any]) -> str:
    return f"{case['tokens']} tokens, {case['max_length']}/{case['stride']}"


@pytest.mark.parametrize("case", CUT, ids=name)
def test_golden_windows_agree_with_the_tokenizer(case: dict[str, Any]) -> None:
    windows = cut_windows(case["tokens"], max_length=case["max_length"], stride=case["stride"])

    first_and_last = [[first, last - 1] if last else [] for first, last in windows]
    assert first_and_last == case["windows"]


@pytest.mark.parametrize("case", REFUSED, ids=name)
def test_golden_errors_have_the_words_of_the_real_ones(case: dict[str, Any]) -> None:
    with pytest.raises(BadStride) as caught:
        cut_windows(case["tokens"], max_length=case["max_length"], stride=case["stride"])

    assert str(caught.value) == case["error"]["message"]


def test_text_without_stride_is_cut_off_silently() -> None:
    assert cut_windows(600, max_length=512, stride=None) == [(0, 510)]


@given(
    st.integers(0, 3000),
    st.integers(3, 64).flatmap(
        lambda length: st.tuples(st.just(length), st.integers(0, length - 3))
    ),
)
def test_windows_lose_no_token_and_share_the_stride(tokens: int, sizes: tuple[int, int]) -> None:
    max_length, stride = sizes

    windows = cut_windows(tokens, max_length=max_length, stride=stride)

    assert windows[0][0] == 0
    assert windows[-1][1] == tokens
    overlaps = {end - start for (_, end), (start, _) in pairwise(windows)}
    assert overlaps <= {stride}
    assert all(last - first <= max_length - 2 for first, last in windows)
