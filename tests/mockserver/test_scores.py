import pytest
from hypothesis import given
from hypothesis import strategies as st

from nertwin.mockserver.float32 import to_float32
from nertwin.mockserver.scores import confident_row, doubtful_row, pinned_row

label_counts = st.integers(2, 90)


@given(label_counts, st.data(), st.text())
def test_confident_row_peaks_where_it_should_and_adds_up_to_one(
    labels: int, data: st.DataObject, key: str
) -> None:
    top = data.draw(st.integers(0, labels - 1))

    row = confident_row(labels, top, key, None)

    assert row.index(max(row)) == top
    assert 0.9 < row[top] < 1
    assert sum(row) == pytest.approx(1, abs=1e-5)
    assert all(score == to_float32(score) > 0 for score in row)


@given(st.integers(3, 90), st.text())
def test_doubtful_row_has_the_runner_up_close_behind(labels: int, key: str) -> None:
    row = doubtful_row(labels, 0, 1, key)

    assert sorted(range(labels), key=row.__getitem__)[-2:] == [1, 0]
    assert row[0] - row[1] < 0.25


def test_given_score_is_kept_nearly() -> None:
    assert confident_row(9, 3, "Ada", 0.8)[3] == pytest.approx(0.8, abs=0.03)


def test_pinned_score_is_kept_to_the_last_bit() -> None:
    assert pinned_row(9, 3, 0.9991335868835449)[3] == 0.9991335868835449


def test_pinned_score_too_small_to_win_is_refused() -> None:
    with pytest.raises(ValueError, match="can't be the largest of 9"):
        pinned_row(9, 3, 0.1)


def test_one_label_takes_all() -> None:
    assert confident_row(1, 0, "Ada", None) == (1.0,)
