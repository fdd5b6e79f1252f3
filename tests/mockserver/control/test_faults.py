"""Faults and scripts over a real socket; test_faultplan.py has what they do to calls."""

from typing import Any

import httpx
import pytest

from nertwin.mockserver import Fault, Settings, running_server
from nertwin.mockserver.faultprofiles import fault_profile

MODEL = "dslim/bert-base-NER"


def test_planned_fault_hurts_calls_and_counts_them(session: Any) -> None:
    response = session.ask("POST", "faults", json={"kind": "429", "every": 2})

    assert response.json() == {"ids": [1]}
    assert [session.classify().status_code for _ in range(3)] == [200, 429, 200]
    assert session.get("faults") == {
        "faults": [{"id": 1, "fault": {"kind": "429", "every": 2}, "seen": 3, "hits": 1}],
        "scripts": [],
    }


def test_profile_is_planned_whole_behind_the_others(session: Any) -> None:
    session.ask("POST", "faults", json={"kind": "429"})

    response = session.ask("POST", "faults", json={"profile": "flaky"})

    assert response.json()["ids"] == [*range(2, 2 + len(fault_profile("flaky")))]
    assert len(session.get("faults")["faults"]) == 1 + len(fault_profile("flaky"))


def test_profile_that_does_not_fit_whole_is_not_planned_at_all(session: Any) -> None:
    for _ in range(999):
        session.ask("POST", "faults", json={"kind": "429"})

    response = session.ask("POST", "faults", json={"profile": "flaky"})

    assert response.status_code == 400
    assert "may have 1000" in response.json()["error"]
    assert len(session.get("faults")["faults"]) == 999


def test_fault_is_taken_out_by_its_number(session: Any) -> None:
    ids = [session.ask("POST", "faults", json={"kind": kind}).json() for kind in ("429", "500")]

    assert session.ask("DELETE", "faults/1").status_code == 204

    assert ids == [{"ids": [1]}, {"ids": [2]}]
    assert session.classify().status_code == 500


@pytest.mark.parametrize("number", ["2", "0", "-1", "x", "9" * 30])
def test_fault_that_is_not_there_is_told(session: Any, number: str) -> None:
    session.ask("POST", "faults", json={"kind": "429"})

    response = session.ask("DELETE", f"faults/{number}")

    assert response.status_code == 404
    assert "it has 1" in response.json()["error"]


def test_clearing_faults_leaves_scripts(session: Any) -> None:
    session.ask("POST", "faults", json={"profile": "flaky"})
    session.ask("PUT", "script", json={"steps": ["503"]})

    cleared = session.ask("DELETE", "faults").json()

    assert cleared == {"cleared": len(fault_profile("flaky"))}
    assert [session.classify().status_code for _ in range(2)] == [503, 200]


def test_script_tells_the_steps_that_are_left(session: Any) -> None:
    steps = ["503", "503; estimated_time=7.5", "200"]
    session.ask("PUT", "script", json={"steps": steps})
    session.classify()

    told = [{"model": "", "steps": steps[1:]}]
    assert session.get("script") == {"scripts": told}
    assert session.get("faults")["scripts"] == told


def test_script_of_one_model_leaves_others_alone(session: Any) -> None:
    session.ask("PUT", "script", json={"steps": ["500"], "model": MODEL})

    assert session.classify(model="flair/ner-english").status_code == 200
    assert session.classify().status_code == 500


@pytest.mark.parametrize(
    ("query", "left"),
    [("", []), ("?model=", [MODEL]), (f"?model={MODEL}", [""]), ("?model=x", ["", MODEL])],
)
def test_scripts_are_ended(session: Any, query: str, left: list[str]) -> None:
    session.ask("PUT", "script", json={"steps": ["500"]})
    session.ask("PUT", "script", json={"steps": ["500"], "model": MODEL})

    cleared = session.ask("DELETE", f"script{query}").json()["cleared"]

    assert cleared == 2 - len(left)
    assert [each["model"] for each in session.get("script")["scripts"]] == left


def test_reset_brings_back_the_faults_of_the_settings() -> None:
    settings = Settings(port=0, faults=(Fault(kind="429", times=1),), script=("503",))
    with running_server(settings) as server:
        url = f"{server.url}/_nertwin/sessions/default"
        with httpx.Client(trust_env=False) as client:
            asked = [client.post(server.url, json={"inputs": "Ada"}).status_code for _ in range(3)]
            client.post(f"{url}/faults", json={"kind": "500"})

            cleared = client.post(f"{url}/reset", json={"what": ["faults"]}).json()

            again = [client.post(server.url, json={"inputs": "Ada"}).status_code for _ in range(3)]
    assert cleared == {"cleared": {"faults": 2}}
    assert asked == again == [503, 429, 200]


@pytest.mark.parametrize(
    ("method", "path", "body", "words"),
    [
        ("POST", "faults", {}, "lacks 'kind'"),
        ("POST", "faults", {"kid": "429"}, "or with profile"),
        ("POST", "faults", {"kind": "429s"}, "Did you mean '429'"),
        ("POST", "faults", {"kind": "429", "tims": 1}, "Did you mean 'times'"),
        ("POST", "faults", {"kind": "429", "seconds": 2}, "only latency, dribble use it"),
        ("POST", "faults", {"kind": "violate", "clause": "span.slice"}, "span.slice"),
        ("POST", "faults", {"profile": "flakey"}, "Did you mean 'flaky'"),
        ("POST", "faults", {"profile": "flaky", "times": 1}, "there is no key 'times'"),
        ("PUT", "script", {}, "lacks 'steps'"),
        ("PUT", "script", {"steps": "503"}, "a list of strings"),
        ("PUT", "script", {"steps": ["503", "53"]}, "there is no fault '53'"),
        ("DELETE", "script?modle=x", None, "Did you mean 'model'"),
    ],
)
def test_bad_input_is_refused_in_words(
    session: Any, method: str, path: str, body: Any, words: str
) -> None:
    response = session.ask(method, path, json=body)

    assert response.status_code == 400
    assert words in response.json()["error"]
