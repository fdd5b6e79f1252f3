from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

from nertwin.mockserver.tables import BadTable, read_table


@dataclass(frozen=True)
class Lid:
    colour: str = "red"


@dataclass(frozen=True)
class Kettle:
    litres: float = 1.0
    cups: int = 2
    colour: Literal["red", "blue"] = "red"
    whistles: bool = False
    owners: tuple[str, ...] = ()
    parts: Mapping[str, object] = field(default_factory=dict)
    lids: tuple[Lid, ...] = ()


def read(**table: Any) -> Kettle:
    return read_table(Kettle, table, where="kettle")


def test_values_of_the_right_types_are_taken() -> None:
    assert read(litres=2, owners=["Ada"], parts={"lid": 1}) == Kettle(
        litres=2, owners=("Ada",), parts={"lid": 1}
    )


def test_unknown_key_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(BadTable) as caught:
        read(color="red")

    assert str(caught.value) == (
        "kettle: there is no key 'color'. Did you mean 'colour'? There are litres, cups, colour,"
        " whistles, owners, parts, lids."
    )


@pytest.mark.parametrize(
    ("key", "value", "wanted"),
    [
        ("cups", "2", "a whole number"),
        ("cups", True, "a whole number"),
        ("litres", "1", "a number"),
        ("whistles", 1, "true or false"),
        ("colour", "green", "one of 'red', 'blue'"),
        ("owners", "Ada", "a list of strings"),
        ("owners", [1], "a list of strings"),
        ("parts", [], "a table"),
        ("lids", {"colour": "red"}, "a list of tables"),
    ],
)
def test_value_of_another_type_is_refused_with_what_was_wanted(
    key: str, value: Any, wanted: str
) -> None:
    with pytest.raises(BadTable, match=wanted) as caught:
        read(**{key: value})

    assert f"kettle: {key} is {value!r}" in str(caught.value)


def test_misspelt_choice_is_guessed() -> None:
    with pytest.raises(BadTable, match="Did you mean 'blue'"):
        read(colour="blu")


def test_list_of_tables_becomes_a_tuple_of_dataclasses() -> None:
    assert read(lids=[{"colour": "blue"}, Lid()]).lids == (Lid("blue"), Lid())


def test_table_of_a_list_is_called_by_its_number() -> None:
    with pytest.raises(BadTable, match="kettle: lids: number 2: there is no key 'color'"):
        read(lids=[{}, {"color": "red"}])


def test_item_of_a_list_of_tables_must_be_a_table() -> None:
    with pytest.raises(BadTable, match="kettle: lids: number 1 is 'red'; it must be a table"):
        read(lids=["red"])


@dataclass(frozen=True)
class Spoon:
    colour: Literal["red", "blue"] | None = "red"


def test_null_is_taken_where_nothing_is_a_value() -> None:
    assert read_table(Spoon, {"colour": None}, where="spoon") == Spoon(None)


def test_choice_that_may_be_left_out_is_checked() -> None:
    with pytest.raises(BadTable, match="Did you mean 'blue'"):
        read_table(Spoon, {"colour": "blu"}, where="spoon")
