"""What may come out of bytes that anybody may have written."""

import os
import pickle
import subprocess
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nertwin.mockserver.budget import Budget
from nertwin.mockserver.clock import ManualClock
from nertwin.mockserver.findings import Finding, Findings
from nertwin.mockserver.life import Life
from nertwin.mockserver.modelstate import ModelState
from nertwin.mockserver.quota import QuotaPlan, Quotas
from nertwin.mockserver.sessionclock import SessionClock
from nertwin.mockserver.sharing.pickles import Unreadable, dump, load

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner),
)


@given(PLAIN)
def test_plain_value_comes_back_as_it_was(value: Any) -> None:
    assert load(dump(value)) == value


def test_clock_of_a_value_is_that_of_who_reads_it() -> None:
    here, there = SessionClock(ManualClock()), SessionClock(ManualClock())
    quotas = Quotas(here, QuotaPlan(calls=2, window=10))
    quotas.take(b"key")
    state = ModelState(Life(starts="cold", after_seconds=5), here)
    state.load()

    read: tuple[Quotas, ModelState] = load(dump((quotas, state), clock=here), clock=there)
    there.advance(5)

    allowance = read[0].take(b"key")
    assert allowance is not None
    assert (allowance.remaining, allowance.reset) == (0, 5)
    assert (read[1].stage, state.stage) == ("ready", "loading")


def test_budget_of_a_value_is_part_of_the_readers() -> None:
    findings = Findings(Budget())
    findings.add(Finding("a", "b", "c"), 1)
    whole = Budget()

    read: Findings = load(dump(findings), budget=whole)
    read.clear()

    assert read.bytes_held == 0
    assert whole.held == -findings.bytes_held


class Calls:
    """Whose pickle calls a function."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.called = (function, arguments)

    def __reduce__(self) -> Any:
        return self.called

    def __repr__(self) -> str:
        return f"Calls({self.called[0].__name__})"


@pytest.mark.parametrize(
    "value",
    [
        Calls(os.system, "touch hacked"),
        Calls(subprocess.Popen, ["touch", "hacked"]),
        Calls(eval, "1"),
        Calls(getattr, "", "join"),
        Calls(__import__, "os"),
        {"deep": [Calls(print, "x")]},
        ValueError("x"),
        os.getcwd,
    ],
    ids=repr,  # Without an address: each worker of pytest-xdist collects for itself.
)
def test_nothing_is_called_that_is_not_known(value: Any) -> None:
    with pytest.raises(Unreadable):
        load(pickle.dumps(value))


@given(st.binary())
@example(b"")
@example(pickle.dumps(5)[:-1])
@example(b"\x80\x05P1\n.")
def test_other_bytes_are_unreadable_or_plain(data: bytes) -> None:
    try:
        value = load(data)
    except Unreadable:
        return
    assert isinstance(value, (type(None), bool, int, float, str, bytes, list, tuple, dict, set))
