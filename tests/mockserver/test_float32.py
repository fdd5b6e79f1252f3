import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nertwin.mockserver.float32 import mean, mean_rows, to_float32

scores = st.floats(min_value=0, max_value=1, width=32)


@given(st.floats(min_value=-1e30, max_value=1e30))
def test_rounding_is_numpys(value: float) -> None:
    assert to_float32(value) == float(np.float32(value))


@given(st.lists(scores, min_size=1, max_size=600))
def test_mean_is_numpys_to_the_last_bit(values: list[float]) -> None:
    expected = np.mean(np.array(values, dtype=np.float32))

    assert mean(values) == float(expected)


# One column is contiguous memory, which NumPy adds pairwise; one label scores 1.0 anyway.
@given(
    st.integers(2, 12).flatmap(
        lambda width: st.lists(
            st.lists(scores, min_size=width, max_size=width), min_size=1, max_size=40
        )
    )
)
def test_column_means_are_numpys_to_the_last_bit(rows: list[list[float]]) -> None:
    expected = np.mean(np.array(rows, dtype=np.float32), axis=0)

    assert mean_rows(rows) == tuple(map(float, expected))
