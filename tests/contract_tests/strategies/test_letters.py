from hypothesis import find
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from nertwin.contract_tests.strategies.letters import Letters, evenly

THREE = Letters(("none", "few", "many"), max_size=4)


@st.composite
def several(draw: DrawFn) -> list[str]:
    return THREE.draw(draw)


def test_short_pools_are_repeated_until_they_come_as_often_as_the_longest() -> None:
    assert evenly((None,), (1, 2, 3)) == [None, None, None, 1, 2, 3]


def test_values_are_drawn_in_any_order_and_as_often_as_they_come() -> None:
    assert find(several(), lambda drawn: drawn[1:] == ["few", "none"])[0] == "none"


def test_what_plays_no_part_is_shrunk_away() -> None:
    assert find(several(), lambda drawn: "few" in drawn) == ["few"]
