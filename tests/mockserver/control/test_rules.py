"""Rules over a real socket; test_rulebook.py has what they do to models."""

from typing import Any

import httpx
import pytest

from nertwin.mockserver import Rule, Settings, running_server
from nertwin.mockserver.aggregation import STRATEGIES

MODEL = "dslim/bert-base-NER"


def test_said_text_comes_with_its_answers(session: Any) -> None:
    told = session.ask("POST", "rules", json={"say": "[Zz](ORG) met Ada"}).json()

    assert told["id"] == 1
    assert (told["model"], told["text"]) == (MODEL, "Zz met Ada")
    assert set(told["answers"]) == set(STRATEGIES)
    assert session.classify("Zz met Ada").json() == told["answers"]["simple"]


def test_new_rule_wins_over_a_kept_answer(session: Any) -> None:
    before = session.classify("Ada Zz").json()

    session.ask("POST", "rules", json={"terms": ["Zz"], "label": "ORG"})

    after = session.classify("Ada Zz").json()
    assert [each["word"] for each in after] == ["Ada", "Zz"] != [each["word"] for each in before]


@pytest.mark.parametrize("path", ["rules", "rules/1"])
def test_removed_rule_is_not_answered_by_any_more(session: Any, path: str) -> None:
    before = session.classify("Zz").json()
    session.ask("POST", "rules", json={"terms": ["Zz"], "label": "ORG"})
    assert session.classify("Zz").json() != before

    session.ask("DELETE", path)

    assert session.classify("Zz").json() == before
    assert session.get("rules") == {"rules": []}


def test_rule_that_says_nothing_has_no_answers(session: Any) -> None:
    told = session.ask("POST", "rules", json={"regex": "Z+", "label": "ORG"}).json()

    assert told == {"id": 1, "model": None, "text": None, "answers": None}


def test_offsets_are_counted_in_utf16_if_asked_for(session: Any) -> None:
    body = {"say": "𝔸 [Ada](PER)"}

    plain, wide = (
        session.ask("POST", f"rules?utf16={utf16}", json=body).json()["answers"]["simple"][0]
        for utf16 in ("false", "true")
    )

    assert (plain["start"], plain["end"]) == (2, 5)
    assert (wide["start"], wide["end"]) == (3, 6)


def test_answers_are_those_of_the_model_that_is_asked_for(session: Any) -> None:
    url = "rules?model=flair/ner-english"

    told = session.ask("POST", url, json={"say": "[Ada](PER)"}).json()

    assert told["model"] == "flair/ner-english"
    assert session.classify("Ada", told["model"]).json() == told["answers"]["simple"]


def test_answers_are_another_models_where_the_default_one_has_no_such_label(session: Any) -> None:
    told = session.ask("POST", "rules", json={"say": "[Ada](NOUN)"}).json()

    assert told["model"] != MODEL
    assert session.classify("Ada", told["model"]).status_code == 200


def test_rules_are_listed_as_they_were_written(session: Any) -> None:
    rules = [{"say": "[Ada](PER)"}, {"terms": ["Zz"], "label": "ORG", "priority": 7}]
    for rule in rules:
        session.ask("POST", "rules", json=rule)

    assert session.get("rules")["rules"] == [
        {"id": number, "rule": rule} for number, rule in enumerate(rules, 1)
    ]


def test_rule_that_is_not_there_is_told(session: Any) -> None:
    response = session.ask("DELETE", "rules/7")

    assert response.status_code == 404
    assert "no rule 7" in response.json()["error"]


def test_reset_brings_back_the_rules_of_the_settings() -> None:
    with running_server(Settings(port=0, rules=(Rule(say="[Zz](ORG)"),))) as server:
        url = f"{server.url}/_nertwin/sessions/default"
        with httpx.Client(trust_env=False) as client:
            client.delete(f"{url}/rules")
            gone = client.post(server.url, json={"inputs": "Zz"}).json()

            client.post(f"{url}/reset", json={"what": ["rules"]})

            back = client.post(server.url, json={"inputs": "Zz"}).json()
    assert [each["entity_group"] for each in back if each not in gone] == ["ORG"]


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("rules", {}, "a rule finds nothing"),
        ("rules", {"say": "[Ada](PERS)"}, "has no 'PERS'"),
        ("rules", {"say": "[Ada](PER"}, "[Ada](PER"),
        ("rules", {"say": "[Ada](PER)", "label": "PER"}, "means nothing there"),
        ("rules", {"say": "[Ada](PER)", "regex": "A"}, "say and regex"),
        ("rules", {"say": "[Ada](PER)", "model": "no/such"}, "no/such"),
        ("rules", {"regex": "(?=A)", "label": "PER"}, "look-around"),
        ("rules", {"terms": ["Ada"]}, "it has no label"),
        ("rules", {"terms": "Ada", "label": "PER"}, "a list of strings"),
        ("rules?utf16=yes", {"say": "[Ada](PER)"}, "true or false"),
        (f"rules?model={MODEL}", {"say": "[Ada](NOUN)"}, "has no 'NOUN'"),
        (f"rules?model={MODEL}", {"say": "[Ada](PER)", "model": "flair/ner-english"}, "alone"),
    ],
)
def test_bad_rule_is_refused_in_words(session: Any, path: str, body: Any, words: str) -> None:
    response = session.ask("POST", path, json=body)

    assert response.status_code == 400
    assert words in response.json()["error"]
    assert session.get("rules") == {"rules": []}
