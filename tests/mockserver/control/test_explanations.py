"""Explanations over a real socket; test_foresight.py holds them to what then happens."""

from typing import Any

import pytest

MODEL = "dslim/bert-base-NER"


def explain(session: Any, inputs: Any = "Ada", **given: Any) -> Any:
    return session.ask("POST", "explain", json={"inputs": inputs, **given}).json()


def gates_of(explained: Any) -> dict[str, str]:
    return {each["gate"]: each["would"] for each in explained["gates"]}


def why(explained: Any, gate: str) -> str:
    (reason,) = [each["why"] for each in explained["gates"] if each["gate"] == gate]
    return str(reason)


def test_plain_call_passes_all_gates_to_the_rules(session: Any) -> None:
    explained = explain(session)

    assert (explained["gate"], explained["status"]) == ("rule", 200)
    assert gates_of(explained) == {
        "auth": "pass",
        "quota": "pass",
        "fault": "pass",
        "route": "pass",
        "request": "pass",
        "cache": "pass",
        "availability": "pass",
        "rule": "answer",
    }


def test_explanation_tells_which_rule_found_what(session: Any) -> None:
    rule = {"terms": ["Ada"], "label": "ORG"}
    number = session.ask("POST", "rules", json=rule).json()["id"]

    (explanation,) = explain(session)["explanations"]

    assert explanation["entities"] == session.classify("Ada").json()
    won = [verdict["rule"] for verdict in explanation["verdicts"] if verdict["won"]]
    assert won == [f"terms.{number}"]


def test_each_text_of_a_batch_is_explained(session: Any) -> None:
    explained = explain(session, ["Ada", "Bo"])

    assert [each["text"] for each in explained["explanations"]] == ["Ada", "Bo"]


def test_texts_are_explained_behind_a_refusal_too(session: Any) -> None:
    session.ask("POST", "faults", json={"kind": "429"})

    explained = explain(session)

    assert (explained["gate"], explained["status"]) == ("fault", 429)
    assert gates_of(explained)["rule"] == "skip"
    assert len(explained["explanations"]) == 1


def test_kept_answer_is_foretold(session: Any) -> None:
    session.classify()

    explained = explain(session, model=MODEL, options={"wait_for_model": True})

    assert explained["gate"] == "cache"
    assert gates_of(explain(session, options={"use_cache": False}))["cache"] == "skip"


def test_wait_for_a_model_is_foretold(session: Any) -> None:
    life = {"starts": "cold", "after_seconds": 20}
    session.ask("PUT", f"models/{MODEL}", json={"life": life})

    explained = explain(session, headers={"X-Wait-For-Model": "1"})

    assert gates_of(explained)["availability"] == "wait"
    assert "20 s" in why(explained, "availability")
    assert explain(session)["status"] == 503
    assert session.get(f"models/{MODEL}")["state"] == "cold"


def test_explained_model_does_not_begin_its_life(session: Any) -> None:
    explain(session)

    cleared = session.ask("POST", "reset", json={"what": ["models", "quota"]}).json()
    assert cleared == {"cleared": {"models": 0, "quota": 0}}


def test_wrong_parameter_is_told_in_words(session: Any) -> None:
    explained = explain(session, parameters={"aggregation_strategy": "smple"})

    assert (explained["gate"], explained["status"]) == ("request", 400)
    assert "simple" in why(explained, "request")
    assert explained["explanations"] == []


def test_unknown_model_is_told_which_there_are(session: Any) -> None:
    explained = explain(session, model="dslim/bert-base-NE")

    assert (explained["gate"], explained["status"]) == ("route", 404)
    assert MODEL in why(explained, "route")


def test_quota_and_token_are_told_without_the_token(session: Any) -> None:
    session.ask("PATCH", json={"settings": {"quota": {"calls": 1}, "auth": "required"}})
    token = "hf_canary_of_a_test"  # noqa: S105  # One of a test.

    response = session.ask(
        "POST",
        "explain",
        json={"inputs": "Ada", "headers": {"authorization": f"Bearer {token}"}},
    )

    assert "1 of 1 calls" in why(response.json(), "quota")
    assert "canary" not in response.text
    assert gates_of(explain(session))["auth"] == "refuse"


def test_settings_are_told_to_be_the_sessions_or_the_servers(session: Any) -> None:
    session.ask("PATCH", json={"settings": {"cache": False}})

    sources = explain(session)["settings"]

    assert {key for key, source in sources.items() if source == "session"} == {"cache", "clock"}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "lacks 'inputs'"),
        ({"inputs": "", "modle": "x"}, "Did you mean 'model'"),
        ({"inputs": "", "parameters": []}, "must be a table"),
        ({"inputs": "", "headers": {"a b": "c"}}, "names no header"),
        ({"inputs": "", "headers": {"a": 1}}, "a string of Latin-1"),
        ({"inputs": "", "headers": {"a": "漢"}}, "a string of Latin-1"),
        ({"inputs": "", "headers": {"a": "b\r\nc"}}, "a string of Latin-1"),
    ],
)
def test_bad_question_is_refused_in_words(session: Any, body: Any, words: str) -> None:
    response = session.ask("POST", "explain", json=body)

    assert response.status_code == 400
    assert words in response.json()["error"]


def test_inputs_that_are_nested_too_deeply_are_refused(session: Any) -> None:
    body = b'{"inputs": ' + b"[" * 400 + b"]" * 400 + b"}"

    response = session.ask("POST", "explain", content=body)

    assert response.status_code == 400
    assert "can't be sent" in response.json()["error"]
