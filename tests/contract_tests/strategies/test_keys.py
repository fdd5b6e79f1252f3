from hypothesis import find
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from nertwin.contract_tests.strategies.keys import Keys

NAMES = Keys("model", "options", "stream", "parameters", beside=("inputs",))


@st.composite
def names(draw: DrawFn) -> list[str]:
    return NAMES.draw(draw)


def test_simplest_is_what_stands_beside_alone() -> None:
    assert find(names(), lambda _: True) == ["inputs"]


def test_all_names_come_together() -> None:
    assert set(find(names(), lambda drawn: len(drawn) > 4)) == {
        *("inputs", "model", "options", "stream", "parameters")
    }


def test_what_stands_beside_comes_before_others_and_after_them() -> None:
    assert find(names(), lambda drawn: drawn[-1] == "stream") == ["inputs", "stream"]
    assert find(names(), lambda drawn: drawn == ["stream", "inputs"]) == ["stream", "inputs"]


def test_names_that_play_no_part_are_left_out_unless_all_came_at_once() -> None:
    wanted = {"options", "parameters"}

    found = find(names(), lambda drawn: wanted <= set(drawn) and len(drawn) < 5)

    assert set(found) == {*wanted, "inputs"}
