"""A session of a stand-in that belongs to one test."""

from collections.abc import Callable, Iterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nertwin.contract_tests.beginning import session_id
from nertwin.contract_tests.marking import read_setup
from nertwin.contract_tests.twin import Twin
from nertwin.mockserver import Control, ControlError, RunningServer, Settings
from nertwin.mockserver.sessions import check_session_id


@pytest.fixture
def control(server: RunningServer) -> Iterator[Control]:
    with Control(server.url) as control:
        yield control


def _post(url: str) -> int:
    headers = {"x-use-cache": "0"}
    return httpx.post(url, json={"inputs": "Ada"}, headers=headers, trust_env=False).status_code


@given(st.text(), st.text())
def test_any_name_of_a_test_makes_an_id(name: str, nodeid: str) -> None:
    made = session_id("gw12", name, nodeid)

    assert check_session_id(made, source="a test") == made


def test_tests_of_one_name_have_ids_of_their_own() -> None:
    assert session_id("gw0", "test_a", "x.py::test_a") != session_id(
        "gw0", "test_a", "y.py::test_a"
    )
    assert session_id("gw0", "test_a", "x.py::test_a") != session_id(
        "gw1", "test_a", "x.py::test_a"
    )


@pytest.mark.parametrize(
    ("profile", "path"),
    [
        ("classic", "/models/nertwin/pii"),
        ("router", "/hf-inference/models/nertwin/pii"),
        ("dedicated", "/"),
    ],
)
def test_model_has_the_address_of_the_profile(control: Control, profile: str, path: str) -> None:
    setup = read_setup({"profile": profile, "default_model": "nertwin/pii"})

    twin = Twin(control, f"address-{profile}", setup)

    assert twin.model_url("nertwin/pii") == twin.model_url() == twin.url + path
    assert twin.hub_url == twin.url


def test_dedicated_endpoint_has_one_model(control: Control) -> None:
    twin = Twin(control, "one-model", read_setup({"profile": "dedicated"}))

    with pytest.raises(ValueError, match=r"serves one model, dslim/.*default_model='nertwin/pii'"):
        twin.model_url("nertwin/pii")


def test_wrong_setting_is_told_by_the_server(control: Control) -> None:
    with pytest.raises(ControlError, match="clock"):
        Twin(control, "wrong", read_setup({"clock": "sundial"}))


def test_journal_outlives_the_session(control: Control) -> None:
    twin = Twin(control, "outlived", read_setup({}))

    _post(twin.model_url())
    twin.surprises()
    twin.close()

    twin.assert_called(times=1)
    assert "#1 POST /models/" in twin.account()


def test_each_surprise_is_told_once(control: Control) -> None:
    twin = Twin(control, "once", read_setup({}))

    _post(f"{twin.url}/nowhere")
    first, second = twin.surprises(), twin.surprises()
    _post(f"{twin.url}/elsewhere")
    third = twin.surprises()

    assert "#1 POST /nowhere" in first
    assert second == ""
    assert "#2 POST /elsewhere" in third
    assert "#1 " not in third


def test_surprise_after_the_journal_was_cleared_is_told(control: Control) -> None:
    twin = Twin(control, "cleared", read_setup({}))
    _post(twin.model_url())
    twin.surprises()

    twin.session.reset("journal")
    _post(f"{twin.url}/nowhere")

    assert "#1 POST /nowhere" in twin.surprises()


def test_calls_that_were_folded_are_counted_to_the_end(control: Control) -> None:
    twin = Twin(control, "folded", read_setup({}))
    [_post(twin.model_url()) for _ in range(25)]
    twin.surprises()
    [_post(twin.model_url()) for _ in range(5)]

    twin.surprises()
    twin.close()

    twin.assert_called(times=30)


def test_settings_that_are_known_are_not_asked_for(control: Control) -> None:
    settings = Settings(profile="dedicated", default_model="nertwin/pii")

    twin = Twin(control, "known", read_setup({"profile": "router"}), settings=settings)

    assert twin.model_url().endswith("/hf-inference/models/nertwin/pii")


def test_account_of_a_server_that_is_gone_says_so(control: Control) -> None:
    twin = Twin(control, "gone", read_setup({}))

    twin.session.close()

    assert twin.account().startswith("the journal can't be read: ")


@pytest.fixture
def remembering(server: RunningServer, control: Control) -> Callable[[str], Twin]:
    """Twins of a server in this process, whose session the first call begins."""
    return lambda id_: Twin(control, id_, read_setup({}), settings=Settings(), memory=server.memory)


def test_session_begins_with_the_first_call_where_memory_tells(
    control: Control, remembering: Callable[[str], Twin]
) -> None:
    twin = remembering("begun-late")

    assert twin.id not in control.sessions()
    assert twin.surprises() == ""
    _post(twin.model_url())
    assert twin.id in control.sessions()
    twin.assert_called(times=1)


def test_session_begins_with_the_first_plan_where_memory_tells(
    control: Control, remembering: Callable[[str], Twin]
) -> None:
    twin = remembering("planned-late")

    twin.cold()

    assert twin.id in control.sessions()
    assert twin.journal == []


def test_surprise_is_told_once_from_memory(remembering: Callable[[str], Twin]) -> None:
    twin = remembering("surprised")
    _post(f"{twin.url}/nowhere")

    assert "/nowhere" in twin.surprises()
    assert twin.surprises() == ""


@pytest.mark.parametrize("what", [["journal"], []], ids=["journal", "everything"])
def test_surprise_behind_a_cleared_journal_is_told(
    remembering: Callable[[str], Twin], what: list[str]
) -> None:
    twin = remembering(f"cleared-late-{len(what)}")
    _post(twin.model_url())
    twin.surprises()

    twin.session.reset(*what)
    _post(f"{twin.url}/nowhere")

    assert "/nowhere" in twin.surprises()


def test_closed_twin_keeps_what_memory_told(
    control: Control, remembering: Callable[[str], Twin]
) -> None:
    twin = remembering("closed-late")
    _post(twin.model_url())
    twin.surprises()

    twin.close()

    assert [each["path"] for each in twin.journal] == [f"/models/{twin.default_model}"]
    assert "#1 POST" in twin.account()
    assert twin.id not in control.sessions()


def test_session_of_a_run_before_is_begun_anew(remembering: Callable[[str], Twin]) -> None:
    _post(remembering("left").model_url())

    assert remembering("left").journal == []
