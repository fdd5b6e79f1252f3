"""``nertwin grade``: sessions of a running stand-in, and archives of any tool."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result
from support.manners import JSON_TYPE, Caller

from nertwin.contract_tests.cli import main
from nertwin.contract_tests.manners.archive import read_archive
from nertwin.contract_tests.marking import read_setup
from nertwin.contract_tests.twin import Twin
from nertwin.mockserver import Control, RunningServer, Settings, running_server

TOKEN = "hf_" + "canary" * 5


@pytest.fixture(scope="module")
def stand_in() -> Iterator[RunningServer]:
    with running_server(Settings(port=0)) as running:
        yield running


@pytest.fixture
def caller(stand_in: RunningServer) -> Iterator[Caller]:
    with Control(stand_in.url) as control:
        twin = Twin(control, "graded", read_setup({}))
        yield Caller(twin)
        twin.close()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["grade", *arguments])


def entry(at: int = 0, status: int = 200, **given: Any) -> dict[str, Any]:
    headers = {"Content-Type": "application/json", **given.pop("headers", {})}
    text = given.pop("text", '{"inputs": "Ada"}')
    return {
        "startedDateTime": f"2024-01-01T00:00:{at:02}.000Z",
        "time": 0,
        "request": {
            "method": "POST",
            "url": "https://router.huggingface.co/hf-inference/models/acme/ner",
            "headers": [{"name": name, "value": value} for name, value in headers.items()],
            "postData": {"text": text},
            **given,
        },
        "response": {"status": status, "headers": [], "content": {"text": "[]"}},
    }


def archive(path: Path, *entries: dict[str, Any]) -> str:
    path = path / "calls.har"
    log = {"version": "1.2", "creator": {"name": "a browser"}, "entries": entries}
    path.write_text(json.dumps({"log": log}))
    return str(path)


def test_polite_session_exits_with_0(caller: Caller) -> None:
    caller.post()

    result = run(caller.twin.url)

    assert result.exit_code == 0
    assert "0 are broken" in result.output


def test_impolite_session_exits_with_1_and_tells_why(caller: Caller) -> None:
    caller.post(headers={**JSON_TYPE, "authorization": TOKEN})

    result = run(caller.twin.url)

    assert result.exit_code == 1
    assert "client.bearer (MUST)" in result.output
    assert "#1 POST /models/" in result.output
    assert "canary" not in result.output


def test_grade_is_json_if_wanted(caller: Caller) -> None:
    caller.post(wait_for_model=True)

    document = json.loads(run(caller.twin.url, "--json", "--select", "client.options-*").output)

    standings = {each["clause"]: each["standing"] for each in document["clauses"]}
    assert standings == {"client.options-placed": "broken"}


def test_ignored_clause_breaks_nothing(caller: Caller) -> None:
    caller.post(wait_for_model=True)

    assert run(caller.twin.url, "--ignore", "client.options-placed").exit_code == 0


def test_session_without_requests_exits_with_3(caller: Caller) -> None:
    assert run(caller.twin.url).exit_code == 3


def test_session_that_is_not_there_is_an_error_and_not_made(stand_in: RunningServer) -> None:
    result = run(f"{stand_in.url}/s/nowhere")

    assert result.exit_code == 2
    assert "has no session 'nowhere'" in result.output
    with Control(stand_in.url) as control:
        assert "nowhere" not in control.sessions()


def test_archive_of_any_tool_is_judged_by_its_times(tmp_path: Path) -> None:
    path = archive(tmp_path, entry(0, 500), entry(0), entry(10, 429, text='"Ada"'))

    result = run(path, "--profile", "router")

    assert result.exit_code == 1
    assert "client.waits-before-retry" in result.output
    assert "client.json-object" in result.output


def test_archive_shows_no_token(tmp_path: Path) -> None:
    path = archive(
        tmp_path,
        entry(headers={"Authorization": TOKEN}, text=json.dumps({"inputs": "Ada", "token": TOKEN})),
    )

    result = run(path, "--json")

    standings = {each["clause"]: each["standing"] for each in json.loads(result.output)["clauses"]}
    assert standings["client.bearer"] == "broken"
    assert standings["client.token-not-in-body"] == "broken"
    assert "canary" not in result.output


def test_archive_of_the_stand_in_is_judged_as_its_session_is(
    caller: Caller, tmp_path: Path
) -> None:
    caller.post(headers={**JSON_TYPE, "authorization": f"Bearer {TOKEN}"}, stream=True)
    path = tmp_path / "own.har"
    path.write_text(json.dumps(caller.twin.session.har()))

    result = run(str(path))

    assert result.exit_code == 1
    assert "1 are broken" in result.output
    assert "client.no-stream" in result.output


def test_archive_names_paths_as_the_journal_of_its_session_does(caller: Caller) -> None:
    caller.post()
    httpx.get(f"{caller.twin.url}/api/models/acme/ner?a=1", trust_env=False)

    visit = read_archive(caller.twin.session.har())

    told = [each["path"] for each in caller.twin.session.journal()]
    assert [each.path for each in visit.exchanges] == told
    assert told[1] == "/api/models/acme/ner?a=1"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{}", "no HTTP Archive"),
        ("nothing", "is no JSON"),
        ('{"log": {"entries": [1]}}', "no HTTP"),
    ],
)
def test_other_file_is_an_error(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "other.har"
    path.write_text(text)

    result = run(str(path))

    assert result.exit_code == 2
    assert problem in result.output


def test_missing_file_is_an_error(tmp_path: Path) -> None:
    result = run(str(tmp_path / "none.har"))

    assert result.exit_code == 2
    assert "can't be read" in result.output


def test_misspelt_clause_is_an_error(tmp_path: Path) -> None:
    result = run(archive(tmp_path, entry()), "--select", "client.bearr")

    assert result.exit_code == 2
    assert "Did you mean 'client.bearer'?" in result.output
