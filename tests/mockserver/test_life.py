import math
from typing import Any

import pytest

from nertwin.mockserver.life import BadLife, Life
from nertwin.mockserver.tables import BadTable, read_table


def test_life_is_read_from_a_table() -> None:
    life = read_table(Life, {"starts": "cold", "after_calls": 2}, where="life")

    assert life == Life(starts="cold", after_calls=2)


def test_misspelt_start_in_a_table_is_guessed() -> None:
    with pytest.raises(BadTable, match="Did you mean 'cold'"):
        read_table(Life, {"starts": "colt"}, where="life")


@pytest.mark.parametrize("name", ["after_calls", "after_seconds", "estimated_time"])
@pytest.mark.parametrize("value", [-1, math.nan, math.inf])
def test_life_refuses_a_number_that_has_no_end(name: str, value: float) -> None:
    with pytest.raises(BadLife, match=f"{name} is .*; it must be at least 0 and finite"):
        Life(**{name: value})  # type: ignore[arg-type]  # The names are those of numbers.


def test_life_refuses_two_ends_of_one_load() -> None:
    with pytest.raises(BadLife, match="Leave the other out"):
        Life(after_calls=1, after_seconds=1)


def test_life_refuses_a_start_that_there_is_not() -> None:
    start: Any = "warm"

    with pytest.raises(BadLife, match="'warm'; write one of ready, cold, too-big, failed"):
        Life(starts=start)
