"""The routes over a real socket; each answer is held to the description as well."""

import threading
from typing import Any

import httpx
import pytest
from support.twin import Twin

from nertwin.mockserver import RunningServer, Settings, running_server

MODEL = "dslim/bert-base-NER"


def test_health_tells_the_version(control: httpx.Client) -> None:
    health = control.get("health").json()

    assert health["status"] == "ok"
    assert health["workers"] == 1


def test_control_is_not_journalled_and_is_no_request_of_a_session(session: Any) -> None:
    session.get()

    assert session.get()["requests"] == 0
    assert session.get("journal")["total"] == 0


def test_answers_have_none_of_the_apis_headers(control: httpx.Client) -> None:
    headers = control.get("health").headers

    assert set(headers) == {
        "date",
        "content-type",
        "content-length",
        "cache-control",
        "x-content-type-options",
    }


def test_head_has_the_length_of_get_and_no_body(control: httpx.Client) -> None:
    response = httpx.head(f"{control.base_url}health", trust_env=False)

    assert response.headers["content-length"] == str(len(control.get("health").content))
    assert response.content == b""


@pytest.mark.parametrize("path", ["", "sesions", "sessions/a/b", "sessions/a/clock/x/y"])
def test_unknown_path_is_told_where_the_paths_are(control: httpx.Client, path: str) -> None:
    response = control.get(path)

    assert response.status_code == 404
    assert "/_nertwin/openapi.json" in response.json()["error"]


def test_bare_prefix_is_the_control_apis_too(server: RunningServer) -> None:
    response = httpx.get(f"{server.url}/_nertwin", trust_env=False)

    assert "/_nertwin/openapi.json" in response.json()["error"]


def test_new_session_has_an_id_of_its_own_and_begins_at_zero(control: httpx.Client) -> None:
    one, other = (
        control.post("sessions", json={"settings": {"clock": "frozen"}}) for _ in range(2)
    )

    assert one.status_code == 201
    assert one.json()["id"] != other.json()["id"]
    assert one.json()["now"] == 0
    assert one.json()["url"].endswith(f"/s/{one.json()['id']}")


def test_numbers_of_sessions_skip_those_that_are_taken(control: httpx.Client) -> None:
    number = int(control.post("sessions").json()["id"].partition("-")[2])
    control.post("sessions", json={"id": f"session-{number + 1}"})

    assert control.post("sessions").json()["id"] == f"session-{number + 2}"


def test_session_that_is_there_is_not_made_again(control: httpx.Client, session: Any) -> None:
    response = control.post("sessions", json={"id": session.id})

    assert response.status_code == 409
    assert session.id in response.json()["error"]


def test_sessions_are_listed(control: httpx.Client, session: Any) -> None:
    session.classify()

    listed = {each["id"]: each for each in control.get("sessions").json()["sessions"]}
    assert listed[session.id]["requests"] == 1


def test_session_answers_by_its_changed_settings(session: Any) -> None:
    session.ask("PATCH", json={"settings": {"auth": "required", "clock": "scaled:10"}})

    assert session.get("clock")["kind"] == "scaled:10"
    assert session.classify().status_code == 429  # The classic API knows no 401 for that.


def test_token_of_a_session_is_not_shown(session: Any) -> None:
    body = {"settings": {"auth": "token", "token": "hf_canary"}}

    response = session.ask("PATCH", json=body)

    assert response.json()["settings"]["token"] == "*" * 3
    assert "canary" not in response.text


def test_removed_session_begins_anew_with_its_next_call(session: Any) -> None:
    session.classify()

    assert session.ask("DELETE").status_code == 204

    assert session.ask("GET").status_code == 404
    session.classify()
    assert session.get()["requests"] == 1


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_unknown_session_is_not_made(control: httpx.Client, method: str) -> None:
    body: Any = {"settings": {}} if method == "PATCH" else None

    response = control.request(method, "sessions/nobody", json=body)

    assert response.status_code == 404
    assert "nobody" not in control.get("sessions").text


def test_default_session_is_always_there(control: httpx.Client) -> None:
    assert control.get("sessions/default").json()["id"] == "default"
    assert control.delete("sessions/default").status_code == 204
    assert control.get("sessions/default").json()["requests"] == 0


def test_reset_says_what_it_has_cleared_and_leaves_the_rest(session: Any) -> None:
    session.classify()
    session.classify()

    response = session.ask("POST", "reset", json={"what": ["cache"]})

    assert response.json() == {"cleared": {"cache": 1}}
    assert session.get("journal")["total"] == 2


def test_everything_is_cleared_but_the_time(session: Any) -> None:
    session.ask("PATCH", json={"settings": {"quota": {"anonymous_calls": 5}}})
    session.ask("PUT", f"models/{MODEL}", json={"life": {"after_calls": 3}})
    session.classify()
    session.ask("POST", "clock/advance", json={"seconds": 7})

    session.ask("POST", "faults", json={"kind": "429", "after": 9})
    session.ask("PUT", "script", json={"steps": ["200"], "model": "acme/none"})
    session.ask("POST", "rules", json={"say": "[Ada](PER)", "model": "flair/ner-english"})
    session.classify()

    response = session.ask("POST", "reset", json={"what": ["everything"]})

    assert response.json() == {
        "cleared": {
            "journal": 2,
            "findings": 0,
            "models": 1,
            "cache": 1,
            "quota": 1,
            "faults": 2,
            "rules": 1,
            "settings": 2,
        }
    }
    assert session.get()["requests"] == 0
    assert session.get("clock")["now"] >= 7
    assert session.get("clock")["kind"] == "real"
    nothing = {"total": 0, "dropped": 0, "notes": [], "exchanges": []}
    assert session.get("journal") == {**nothing, "clock": "real"}


def test_loading_model_is_ready_once_the_clock_is_advanced(session: Any) -> None:
    life = {"starts": "cold", "after_seconds": 20}
    session.ask("PUT", f"models/{MODEL}", json={"life": life})
    assert session.classify().status_code == 503

    response = session.ask("POST", "clock/advance", json={"seconds": 20})

    assert response.json() == {"kind": "frozen", "now": 20}
    assert session.classify().status_code == 200


def test_clock_that_runs_by_itself_is_not_advanced(control: httpx.Client) -> None:
    response = control.post("sessions/default/clock/advance", json={"seconds": 1})

    assert response.status_code == 409
    assert "frozen" in response.json()["error"]


@pytest.mark.parametrize("state", ["cold", "loading", "ready"])
@pytest.mark.parametrize("before", ["cold", "loading", "ready"])
def test_model_is_brought_into_each_state_from_each(session: Any, before: str, state: str) -> None:
    session.ask("PUT", f"models/{MODEL}", json={"life": {"after_calls": 2}, "state": before})

    response = session.ask("PUT", f"models/{MODEL.replace('/', '%2F')}", json={"state": state})

    assert response.json()["state"] == state
    assert session.get(f"models/{MODEL}")["state"] == state


def test_to_look_at_a_model_does_not_begin_its_life(session: Any) -> None:
    session.get("models")
    session.get(f"models/{MODEL}")

    cleared = session.ask("POST", "reset", json={"what": ["models"]}).json()
    assert cleared == {"cleared": {"models": 0}}


@pytest.mark.parametrize("starts", ["too-big", "failed"])
def test_model_that_never_loads_is_not_brought_anywhere(session: Any, starts: str) -> None:
    before = session.get(f"models/{MODEL}")

    response = session.ask(
        "PUT", f"models/{MODEL}", json={"life": {"starts": starts}, "state": "ready"}
    )

    assert response.status_code == 409
    assert session.get(f"models/{MODEL}") == before


@pytest.mark.parametrize("path", ["models/acme/none", "cache?model=acme/none"])
def test_unknown_model_is_told_which_there_are(session: Any, path: str) -> None:
    response = session.ask("DELETE" if "?" in path else "GET", path)

    assert response.status_code == 404
    assert MODEL in response.json()["error"]


def test_models_that_any_id_may_have_are_listed_once_asked_for() -> None:
    with running_server(Settings(port=0, any_model=True, built_in_models=True)) as server:
        httpx.post(f"{server.url}/models/acme/any", json={"inputs": "Ada"}, trust_env=False)

        url = f"{server.url}/_nertwin/sessions/default/models"
        models = httpx.get(url, trust_env=False).json()["models"]

    assert [each["state"] for each in models if each["id"] == "acme/any"] == ["ready"]


def test_cache_of_one_model_is_cleared(session: Any) -> None:
    session.classify()
    session.classify(model="flair/ner-english")
    assert session.get("cache")["answers"] == 2

    response = session.ask("DELETE", "cache", params={"model": MODEL})

    assert response.json() == {"cleared": 1}
    assert session.get("cache")["answers"] == 1


def test_quota_tells_what_is_left(session: Any) -> None:
    session.ask("PATCH", json={"settings": {"quota": {"anonymous_calls": 5, "window": 60}}})
    session.classify()

    quota = session.get("quota")

    assert quota["keys"] == 1
    assert quota["anonymous"] == {"remaining": 4, "reset": 60}


def test_quota_of_tokens_alone_tells_nothing_of_those_without(session: Any) -> None:
    session.ask("PATCH", json={"settings": {"quota": {"calls": 5}}})

    assert session.get("quota")["anonymous"] is None


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", [1, 2, 3]),
        ("text=Bo", [2]),
        ("status=404", [3]),
        ("model=dslim/bert-base-NER&gate=rule", [1, 2]),
        ("after=1", [2, 3]),
        ("after=1&limit=1", [2]),
        ("limit=0", []),
        ("method=GET", []),
        ("path=/models/acme/none", [3]),
    ],
)
def test_journal_is_searched(session: Any, query: str, numbers: list[int]) -> None:
    session.classify("Ada")
    session.classify("Bo")
    session.classify("Cy", model="acme/none")

    journal = session.get(f"journal?{query}")

    assert [each["number"] for each in journal["exchanges"]] == numbers
    assert journal["total"] == 3


def test_journal_is_cleared(session: Any) -> None:
    session.classify()

    assert session.ask("DELETE", "journal").json() == {"cleared": 1}
    assert session.get("journal")["total"] == 0


def test_what_clients_do_wrong_is_told_and_cleared(session: Any) -> None:
    url = f"{session.base}/models/{MODEL}"
    session.control.post(url, json={"inputs": "Ada", "wait_for_model": True})

    findings = session.get("findings")["findings"]

    assert [each["id"] for each in findings] == ["options.misplaced"]
    assert session.ask("DELETE", "findings").json() == {"cleared": 1}
    assert session.get("findings") == {"dropped": 0, "findings": []}


def test_hot_loop_begins_anew_once_findings_are_forgotten(session: Any) -> None:
    session.ask("POST", "faults", json={"kind": "503"})
    answers = [session.classify() for _ in range(10)]

    session.ask("POST", "reset", json={"what": ["findings"]})
    session.classify()

    assert answers[-1].status_code == 503
    assert session.get("findings")["findings"] == []


def test_archive_has_the_calls_under_the_servers_address(session: Any) -> None:
    session.classify()

    (entry,) = session.get("journal.har")["log"]["entries"]

    assert entry["request"]["url"].endswith("/models/dslim/bert-base-NER")
    assert entry["request"]["url"].startswith("http://127.0.0.1:")
    assert entry["response"]["status"] == 200


def test_archive_has_the_notes_of_the_journal() -> None:
    twin = Twin(max_sessions=1)
    twin.get("/health", "x-nertwin-session: first")
    twin.get("/health", "x-nertwin-session: second")
    twin.get("/health", "x-nertwin-session: first")

    archive = twin.get("/_nertwin/sessions/first/journal.har", "host: localhost").json()

    assert "a session of this id was forgotten" in archive["log"]["comment"]


@pytest.mark.parametrize(
    ("body", "holds"),
    [
        ({"wanted": {"text": "Ada"}}, True),
        ({"wanted": {"text": "Ada"}, "count": 1}, True),
        ({"wanted": {}, "count": 2}, True),
        ({"wanted": {}, "count": 1}, False),
        ({"wanted": {"text": "Cy"}}, False),
        ({"wanted": {"text": "Cy", "model": None}, "count": 0}, True),
        ({"order": [{"text": "Ada"}, {"text": "Bo"}]}, True),
        ({"order": [{"text": "Bo"}, {"text": "Ada"}]}, False),
    ],
    ids=str,
)
def test_journal_is_verified(session: Any, body: dict[str, Any], holds: bool) -> None:
    session.classify("Ada")
    session.classify("Bo")

    verdict = session.ask("POST", "journal/verify", json=body).json()

    assert verdict["holds"] is holds
    assert bool(verdict["difference"]) is not holds


def test_verdict_tells_what_came_near(session: Any) -> None:
    session.classify("Ada")

    body = {"wanted": {"status": 503, "text": "Ada"}, "count": 1}
    verdict = session.ask("POST", "journal/verify", json=body).json()

    assert "near: #1 POST /models/dslim/bert-base-NER -> 200" in verdict["difference"]
    assert "status is 200, wanted 503" in verdict["difference"]


def test_wait_ends_when_enough_has_come(session: Any) -> None:
    body = {"wanted": {"text": "Bo"}, "count": 2, "timeout": 30}
    answers: list[Any] = []
    waiting = threading.Thread(
        target=lambda: answers.append(session.ask("POST", "journal/wait", json=body, timeout=40))
    )
    waiting.start()

    session.classify("Bo")
    session.classify("Ada")
    session.classify("Bo")
    waiting.join(20)

    assert [each.json() for each in answers] == [{"holds": True, "difference": ""}]


def test_wait_that_is_in_vain_tells_what_came_near(session: Any) -> None:
    session.classify("Ada")

    verdict = session.ask("POST", "journal/wait", json={"count": 2, "timeout": 0.01}).json()

    assert verdict["holds"] is False
    assert verdict["difference"].startswith("wanted 2 exchanges")


@pytest.mark.parametrize(
    ("method", "path", "body", "words"),
    [
        ("PATCH", "", {"settings": {"clok": "real"}}, "Did you mean 'clock'"),
        ("PATCH", "", {"settings": {"cache": 1}}, "cache is 1; it must be true or false"),
        ("PATCH", "", {"settings": {"clock": "frozn"}}, "Did you mean 'frozen'"),
        ("PATCH", "", {"settings": {"host": "::"}}, "a session has no setting 'host'"),
        ("PATCH", "", {"setings": {}}, "lacks 'settings'. It has 'setings'"),
        ("PATCH", "", [], "must be an object"),
        ("PATCH", "", {"settings": {"quota": {"calls": -1}}}, "calls is -1"),
        ("POST", "reset", {"what": []}, "what is empty"),
        ("POST", "reset", {"what": ["cach"]}, "Did you mean 'cache'"),
        ("POST", "reset", {"what": "cache"}, "a list of strings"),
        ("POST", "clock/advance", {"seconds": -1}, "at least 0"),
        ("POST", "clock/advance", {"seconds": "1"}, "must be a number"),
        ("POST", "clock/advance", {"seconds": True}, "must be a number"),
        ("PUT", f"models/{MODEL}", {}, "give it a state or a life"),
        ("PUT", f"models/{MODEL}", {"state": "redy"}, "Did you mean 'ready'"),
        (
            "PUT",
            f"models/{MODEL}",
            {"state": "cold", "life": {"after_calls": 1, "after_seconds": 1}},
            "a load ends by one of them",
        ),
        ("POST", "journal/verify", {}, "either `wanted`"),
        ("POST", "journal/verify", {"order": []}, "at least one"),
        ("POST", "journal/verify", {"order": [{}], "count": 1}, "either `wanted`"),
        ("POST", "journal/verify", {"order": [{"stauts": 1}]}, "Did you mean 'status'"),
        ("POST", "journal/verify", {"order": [1]}, "order: number 1 is 1; it must be a table"),
        ("POST", "journal/verify", {"order": {}}, "a list of tables"),
        ("POST", "journal/verify", {"wanted": {}, "count": -1}, "at least 0"),
        ("POST", "journal/wait", {"timeout": 61}, "from 0 to 60"),
        ("POST", "journal/wait", {"wanted": {"gate": "quotas"}}, "Did you mean 'quota'"),
        ("GET", "journal?stats=200", None, "Did you mean 'status'"),
        ("GET", "journal?status=ok", None, "a whole number"),
        ("GET", "journal?status=200&status=200", None, "given twice"),
        ("GET", "journal?after=-1", None, "at least 0"),
        ("GET", "clock?now=1", None, "the path takes none"),
    ],
)
def test_bad_input_is_refused_in_words(
    session: Any, method: str, path: str, body: Any, words: str
) -> None:
    response = session.ask(method, path, json=body)

    assert response.status_code == 400
    assert words in response.json()["error"]


@pytest.mark.parametrize("body", [b"{", b"\xff", b'{"what": ["cache"]', b"[" * 5000, b"NaN"])
def test_body_that_is_no_json_is_refused(session: Any, body: bytes) -> None:
    response = session.ask("POST", "reset", content=body)

    assert response.status_code == 400
    assert "no JSON" in response.json()["error"]


def test_huge_body_is_refused(session: Any) -> None:
    response = session.ask("POST", "reset", content=b" " * (1024 * 1024 + 1))

    assert response.status_code == 413


def test_content_type_does_not_matter(session: Any) -> None:
    response = session.ask(
        "POST", "reset", content=b'{"what": ["cache"]}', headers={"content-type": "text/plain"}
    )

    assert response.status_code == 200


@pytest.mark.parametrize("session_id", ["", "a b", "ä", "x" * 65, "a/b", "a\n", ".", ".."])
def test_id_that_can_be_none_is_refused(control: httpx.Client, session_id: str) -> None:
    response = control.post("sessions", json={"id": session_id})

    assert response.status_code == 400
    assert "malformed" in response.json()["error"]


def test_session_is_not_made_when_a_setting_is_wrong(control: httpx.Client) -> None:
    response = control.post("sessions", json={"id": "unborn", "settings": {"profile": "x"}})

    assert response.status_code == 400
    assert control.get("sessions/unborn").status_code == 404
