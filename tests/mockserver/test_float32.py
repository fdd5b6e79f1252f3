import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nertwin.mockserver.float32 import mean, mean_rows, shortest, to_float32

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


@pytest.mark.parametrize("value", [1.0, 0.5, 0.0, *(2.0**-power for power in range(1, 60))])
def test_powers_of_two_print_as_numpy_prints_them(value: float) -> None:
    assert shortest(value) == float(str(np.float32(value)))


@given(st.floats(0, 1, width=32))
def test_shortest_decimals_are_numpys_and_name_the_same_float32(value: float) -> None:
    assert shortest(value) == float(str(np.float32(value)))
    assert to_float32(shortest(value)) == value
