"""What a marker says of the stand-in that a test gets."""

from pathlib import Path
from typing import Any

import pytest

from nertwin.contract_tests.marking import (
    BadMark,
    base_settings,
    check_options,
    read_marks,
    read_setup,
)
from nertwin.mockserver import Fault, Life, ModelCard, QuotaPlan, Rule


def test_closest_marker_wins_key_by_key() -> None:
    setup = read_marks([((), {"profile": "router"}), ((), {"profile": "classic", "cache": False})])

    assert setup.session == {"profile": "router", "cache": False}


def test_keys_of_nertwin_check_are_left_to_it() -> None:
    setup = read_marks([((), {"level": "must", "select": "span.*"})])

    assert (setup.session, setup.server) == ({}, {})


@pytest.mark.parametrize("key", ["port", "host", "workers", "control", "control_token", "colour"])
def test_key_that_no_test_may_set_is_refused(key: str) -> None:
    with pytest.raises(BadMark, match=f"no setting '{key}' for a test"):
        read_setup({key: 1})


@pytest.mark.parametrize("key", ["rules", "faults"])
def test_plan_of_strange_things_is_refused(key: str) -> None:
    with pytest.raises(BadMark, match=r"is 1\.5; write a"):
        read_setup({key: [1.5]})


def test_rules_and_faults_are_written_short_or_whole() -> None:
    setup = read_setup(
        {"rules": ["[Ada](PER)", Rule(say="Bob")], "faults": [503, Fault(kind="429")]}
    )

    assert setup.rules == (Rule(say="[Ada](PER)"), Rule(say="Bob"))
    assert setup.faults == (Fault(kind="503"), Fault(kind="429"))


def test_lives_of_models_need_no_server_of_their_own() -> None:
    life = Life(starts="cold")

    setup = read_setup({"models": {"nertwin/pii": life}})

    assert (setup.lives, setup.server) == ({"nertwin/pii": life}, {})


def test_cards_of_models_need_one() -> None:
    card = ModelCard(id="acme/ner")

    assert read_setup({"models": {"acme/ner": card}}).server == {"models": {"acme/ner": card}}


def test_values_of_a_session_are_plain() -> None:
    setup = read_setup({"quota": QuotaPlan(), "violate": ("span.slice-is-word",)})

    assert isinstance(setup.session["quota"], dict)
    assert setup.session["violate"] == ["span.slice-is-word"]


def test_token_is_in_no_repr() -> None:
    setup = read_setup({"auth": "token", "token": "hf_canary"})

    assert setup.token.endswith("canary")
    assert "canary" not in repr(setup)


def test_setup_is_all_of_one_stand_in(tmp_path: Path) -> None:
    given: dict[str, Any] = {
        "profile": "router",
        "models": {"nertwin/pii": Life(starts="cold")},
        "script": [503],
        "max_body_bytes": 1000,
    }

    settings = read_setup(given).settings(tmp_path)

    assert (settings.profile, settings.script) == ("router", ("503",))
    assert settings.max_body_bytes == 1000
    assert settings.models["nertwin/pii"].life.starts == "cold"
    assert settings.models["nertwin/pii"].pack != "conll"


def test_configuration_can_not_take_another_address(tmp_path: Path) -> None:
    (tmp_path / "nertwin.toml").write_text('host = "0.0.0.0"\nport = 80\nworkers = 4\n')

    settings = base_settings(tmp_path, {})

    assert (settings.host, settings.port, settings.workers) == ("127.0.0.1", 0, 1)
    assert settings.clock == "frozen"


def test_options_of_nertwin_check_are_the_closest_of_each_key() -> None:
    options = check_options(
        [((), {"level": "must", "models": ["a"]}), ((), {"level": "may", "select": ["a.*", "b.*"]})]
    )

    assert options == {"level": "must", "select": "a.* b.*"}


def test_option_that_is_no_word_is_refused() -> None:
    with pytest.raises(BadMark, match="level is 3; it must be a word"):
        check_options([((), {"level": 3})])
