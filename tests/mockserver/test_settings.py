from pathlib import Path
from typing import Any

import pytest

from nertwin.mockserver import ModelCard, NertwinError, Settings, load_settings
from nertwin.mockserver.authoring import Rule
from nertwin.mockserver.configuration import find_config
from nertwin.mockserver.life import Life


def load(folder: Path, environ: dict[str, str] | None = None, **given: Any) -> Settings:
    return load_settings(given, environ=environ or {}, directory=folder)


def message_of(folder: Path, environ: dict[str, str] | None = None, **given: Any) -> str:
    with pytest.raises(NertwinError) as caught:
        load(folder, environ, **given)
    return str(caught.value)


def test_nothing_given_means_the_defaults(tmp_path: Path) -> None:
    assert load(tmp_path) == Settings()


def test_command_line_wins_over_environment_over_file(tmp_path: Path) -> None:
    (tmp_path / "nertwin.toml").write_text('port = 1\nstream = "sse"\nhost = "127.0.0.3"\n')

    settings = load(tmp_path, {"NERTWIN_PORT": "2", "NERTWIN_HOST": "127.0.0.2"}, port=3)

    assert (settings.port, settings.host, settings.stream) == (3, "127.0.0.2", "sse")


def test_settings_may_stand_in_pyproject(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.nertwin]\nport = 4\n")

    assert load(tmp_path).port == 4


def test_file_above_the_directory_is_found(tmp_path: Path) -> None:
    (tmp_path / "nertwin.toml").write_text("")
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)

    assert find_config(below) == tmp_path / "nertwin.toml"


@pytest.mark.parametrize("text", ["name = 'x'", "dependencies = ['nertwin']"])
def test_pyproject_without_our_table_is_passed_over(tmp_path: Path, text: str) -> None:
    (tmp_path / "nertwin.toml").write_text("")
    below = tmp_path / "project"
    below.mkdir()
    (below / "pyproject.toml").write_text(f"[project]\n{text}\n")

    assert find_config(below) == tmp_path / "nertwin.toml"


def test_environment_names_the_file(tmp_path: Path) -> None:
    file = tmp_path / "other.toml"
    file.write_text("port = 5\n")

    settings = load(tmp_path, {"NERTWIN_CONFIG": str(file)})

    assert (settings.port, settings.source) == (5, file)


def test_unknown_key_is_refused_with_the_nearest_one(tmp_path: Path) -> None:
    (tmp_path / "nertwin.toml").write_text("prot = 1\n")

    assert "there is no key 'prot'. Did you mean 'port'?" in message_of(tmp_path)


def test_unknown_variable_is_refused_with_the_nearest_one(tmp_path: Path) -> None:
    message = message_of(tmp_path, {"NERTWIN_PROT": "1"})

    assert "NERTWIN_PROT. Did you mean 'NERTWIN_PORT'?" in message


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"port": 70000}, "port is 70000; it must be from 0 to 65535"),
        ({"host": ""}, "host is empty"),
        ({"port": "x"}, "port is 'x'; it must be a whole number"),
        ({"workers": 0}, "workers is 0"),
        ({"max_body_bytes": 0}, "max_body_bytes is 0"),
        ({"max_session_bytes": 0}, "max_session_bytes is 0"),
        ({"session_ttl": 0.0}, "session_ttl is 0; a session must live longer"),
        ({"session_ttl": -1.0}, "session_ttl is -1.0 seconds"),
        ({"profile": "clasic"}, "Did you mean 'classic'?"),
        ({"stream": "see"}, "Did you mean 'sse'?"),
        ({"default_model": "nobody"}, "no model 'nobody'"),
        ({"models": ["acme/ner="]}, "no pack after '='"),
        ({"models": ["a b"]}, "'a b' is no model id"),
    ],
    ids=str,
)
def test_wrong_value_is_refused_by_name(tmp_path: Path, given: dict[str, Any], words: str) -> None:
    assert words in message_of(tmp_path, **given)


def test_wrong_value_in_the_environment_is_refused_by_name(tmp_path: Path) -> None:
    message = message_of(tmp_path, {"NERTWIN_PORT": "eighty"})

    assert message == "NERTWIN_PORT is 'eighty'; it must be a whole number."


@pytest.mark.parametrize(("text", "value"), [("true", True), ("1", True), ("False", False)])
def test_environment_spells_booleans(tmp_path: Path, text: str, value: bool) -> None:
    assert load(tmp_path, {"NERTWIN_ANY_MODEL": text}).any_model is value


@pytest.mark.parametrize("card", [{"pack": "conll"}, ModelCard(id="other")], ids=["dict", "id"])
def test_models_that_are_no_cards_of_their_id_are_refused(card: Any) -> None:
    with pytest.raises(NertwinError, match="it must be a ModelCard of that id"):
        Settings(models={"acme/ner": card})


def test_environment_lists_models(tmp_path: Path) -> None:
    settings = load(tmp_path, {"NERTWIN_MODELS": "acme/pos=pos,acme/ner"})

    assert [(card.id, card.pack) for card in settings.models.values()] == [
        ("acme/pos", "pos"),
        ("acme/ner", "conll"),
    ]


def test_models_of_the_file_find_their_pack_next_to_it(tmp_path: Path) -> None:
    (tmp_path / "nertwin.toml").write_text('[models."acme/ner"]\npack = "mine.toml"\n')

    assert load(tmp_path).models["acme/ner"].pack == str(tmp_path / "mine.toml")


def test_model_table_of_a_built_in_id_changes_only_what_it_names(tmp_path: Path) -> None:
    (tmp_path / "nertwin.toml").write_text('[models."flair/ner-english"]\nlikes = 1\n')

    card = load(tmp_path).models["flair/ner-english"]

    assert (card.likes, card.library_name) == (1, "flair")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("port = ", "can't be read as TOML"),
        ("models = 3", "write [models."),
        ('[models]\n"acme/ner" = "conll"', "it must be a table"),
        ('[models."acme/ner"]\npak = "conll"', "Did you mean 'pack'?"),
        ('[models."acme/ner"]\nmax_length = 2', "it must be above 2"),
    ],
)
def test_broken_file_is_refused_by_name(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "nertwin.toml").write_text(text)

    assert words in message_of(tmp_path)


def test_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(NertwinError, match=r"nowhere\.toml can't be read"):
        load_settings(config=tmp_path / "nowhere.toml", environ={})


@pytest.mark.parametrize("text", ["<<<<<<< HEAD", "[tool.x]\nname = nertwin"])
def test_broken_pyproject_of_somebody_else_is_passed_over(tmp_path: Path, text: str) -> None:
    (tmp_path / "nertwin.toml").write_text("port = 4\n")
    below = tmp_path / "below"
    below.mkdir()
    (below / "pyproject.toml").write_text(f"{text}\n")

    assert load(below).port == 4


def test_broken_pyproject_with_our_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.nertwin]\nport = \n")

    assert "pyproject.toml can't be read as TOML" in message_of(tmp_path)


def test_named_pyproject_without_our_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("")

    with pytest.raises(NertwinError, match=r"no table \[tool\.nertwin\]"):
        load_settings(config=tmp_path / "pyproject.toml", environ={})


@pytest.mark.parametrize("text", ["--5", "5.0", "9" * 5000, "\u0663"])
def test_number_in_the_environment_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    assert "it must be a whole number" in message_of(tmp_path, {"NERTWIN_PORT": text})


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("NERTWIN_SERVICE_HOST", "10.0.0.1"),
        ("NERTWIN_SERVICE_PORT_HTTP", "8080"),
        ("NERTWIN_PORT", "tcp://10.0.0.1:8080"),
        ("NERTWIN_PORT_8080_TCP_ADDR", "10.0.0.1"),
    ],
)
def test_variables_of_containers_linked_to_us_are_no_settings(
    tmp_path: Path, variable: str, value: str
) -> None:
    assert load(tmp_path, {variable: value}) == Settings()


def test_model_of_the_command_line_keeps_what_is_built_in(tmp_path: Path) -> None:
    recorded = "dbmdz/bert-large-cased-finetuned-conll03-english"

    card = load(tmp_path, models=[f"{recorded}=conll"]).models[recorded]

    assert (card.scheme, len(card.pins)) == ("iob1", 1)


def test_models_life_is_a_table_below_its_own(tmp_path: Path) -> None:
    (tmp_path / "nertwin.toml").write_text(
        '[models."acme/ner".life]\nstarts = "cold"\nafter_calls = 2\n'
    )

    assert load(tmp_path).models["acme/ner"].life == Life(starts="cold", after_calls=2)


def test_life_of_a_built_in_model_leaves_the_rest_of_it(tmp_path: Path) -> None:
    (tmp_path / "nertwin.toml").write_text(
        '[models."blaze999/Medical-NER".life]\nstarts = "too-big"\n'
    )

    card = load(tmp_path).models["blaze999/Medical-NER"]

    assert (card.pack, card.life.starts) == ("medical", "too-big")


def test_misspelt_key_of_a_life_is_guessed(tmp_path: Path) -> None:
    (tmp_path / "nertwin.toml").write_text('[models."acme/ner".life]\nstart = "cold"\n')

    assert "life: there is no key 'start'. Did you mean 'starts'?" in message_of(tmp_path)


def test_life_that_is_no_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "nertwin.toml").write_text('[models."acme/ner"]\nlife = "cold"\n')

    assert "life is 'cold'; it must be a table" in message_of(tmp_path)


def test_life_that_contradicts_itself_names_its_model(tmp_path: Path) -> None:
    (tmp_path / "nertwin.toml").write_text(
        '[models."acme/ner".life]\nafter_calls = 1\nafter_seconds = 1\n'
    )

    assert 'models."acme/ner": life: after_calls is 1' in message_of(tmp_path)


def test_environment_spells_numbers(tmp_path: Path) -> None:
    settings = load(tmp_path, {"NERTWIN_WAIT_LIMIT": "2.5", "NERTWIN_CACHE_TTL": "60"})

    assert (settings.wait_limit, settings.cache_ttl) == (2.5, 60.0)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"clock": "frosen"}, "Did you mean 'frozen'?"),
        ({"wait_limit": -1}, "wait_limit is -1"),
        ({"cache_ttl": -1}, "cache_ttl is -1"),
        ({"cache_ttl": "soon"}, "it must be a number"),
        ({"max_sessions": 0}, "max_sessions is 0"),
    ],
)
def test_settings_of_state_are_checked(tmp_path: Path, given: dict[str, Any], told: str) -> None:
    assert told in message_of(tmp_path, **given)


def test_rules_are_tables_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "nertwin.toml").write_text(
        '[[rules]]\nsay = "[Ada](PER) wrote"\n'
        "[[rules]]\nterms = ['Jet Skates']\nlabel = 'MISC'\nmodel = 'acme/ner'\n"
    )

    assert load(tmp_path).rules == (
        Rule(say="[Ada](PER) wrote"),
        Rule(terms=("Jet Skates",), label="MISC", model="acme/ner"),
    )


def test_rules_stand_in_pyproject_too(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[[tool.nertwin.rules]]\nsay = "[Ada](PER)"\n')

    assert load(tmp_path).rules == (Rule(say="[Ada](PER)"),)


def test_misspelt_key_of_a_rule_is_guessed(tmp_path: Path) -> None:
    (tmp_path / "nertwin.toml").write_text('[[rules]]\nterm = ["a"]\n')

    told = message_of(tmp_path)

    assert "rules: number 1: there is no key 'term'. Did you mean 'terms'?" in told


def test_environment_has_no_rules(tmp_path: Path) -> None:
    told = message_of(tmp_path, {"NERTWIN_RULES": "[Ada](PER)"})

    assert "NERTWIN_RULES is '[Ada](PER)'; it must be a list of tables" in told
