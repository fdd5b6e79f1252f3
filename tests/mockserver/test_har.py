import base64
import json
from datetime import UTC, datetime
from typing import Any

import httpx
import jsonschema
import pytest
from hypothesis import given
from support.journals import TOKENS, a_journal, record, texts_of

from nertwin.mockserver import Control, Settings, running_server
from nertwin.mockserver.exchange import Body, Exchange
from nertwin.mockserver.har import to_har
from nertwin.mockserver.heads import Heads
from nertwin.mockserver.notes import Note

HEADS = Heads(
    b"Content-Type\napplication/json\nauthorization\nbearer-hf\ncontent-type\napplication/json", 2
)


def an_exchange(**given: Any) -> Exchange:
    exchange = Exchange(
        number=1,
        time=1.5,
        seconds=0.25,
        method="POST",
        path="/models/acme/ner?a=1&b=",
        model="acme/ner",
        heads=HEADS,
        request_body=Body(b'{"inputs":"Ada"}', 16),
        status=503,
        response_body=Body(b'{"error":"loading"}', 19),
        gate="availability",
        why="it is loading",
    )
    return exchange._replace(**given)


def entry_of(**given: Any) -> Any:
    return har_of(**given)["log"]["entries"][0]


def har_of(**given: Any) -> Any:
    return json.loads(json.dumps(to_har([an_exchange(**given)])))


def an_object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}


TEXT, NUMBER = {"type": "string"}, {"type": "number", "minimum": -1}
PAIRS = {"type": "array", "items": an_object(name=TEXT, value=TEXT)}
MESSAGE = {
    "httpVersion": TEXT,
    "cookies": PAIRS,
    "headers": PAIRS,
    "headersSize": NUMBER,
    "bodySize": NUMBER,
}
#: What HAR 1.2 requires of the parts that are used here.
HAR = an_object(
    log=an_object(
        version={"const": "1.2"},
        creator=an_object(name=TEXT, version=TEXT),
        entries={
            "type": "array",
            "items": an_object(
                startedDateTime={
                    "type": "string",
                    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d)$",
                },
                time=NUMBER,
                request=an_object(
                    method=TEXT,
                    url={"type": "string", "pattern": "^https?://"},
                    queryString=PAIRS,
                    **MESSAGE,
                ),
                response=an_object(
                    status={"type": "integer"},
                    statusText=TEXT,
                    content=an_object(size=NUMBER, mimeType=TEXT),
                    redirectURL=TEXT,
                    **MESSAGE,
                ),
                cache={"type": "object"},
                timings=an_object(send=NUMBER, wait=NUMBER, receive=NUMBER),
            ),
        },
    )
)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"status": 599, "heads": Heads(b"", 0)},
        {"request_body": Body(b"", 0), "method": "GET"},
        {"response_body": Body(b"\xff", 1)},
        {"time": 1e300},
    ],
    ids=str,
)
def test_archive_has_all_that_har_requires(given: dict[str, Any]) -> None:
    jsonschema.validate(har_of(**given), HAR)


def test_entry_has_its_moment_and_its_times() -> None:
    entry = entry_of()

    assert entry["startedDateTime"] == "1970-01-01T00:00:01.500+00:00"
    assert (entry["time"], entry["timings"]["wait"]) == (250, 250)


def test_archive_begins_when_the_session_did() -> None:
    began = datetime(2024, 9, 12, tzinfo=UTC)

    archive: Any = to_har([an_exchange()], began=began)

    assert archive["log"]["entries"][0]["startedDateTime"] == "2024-09-12T00:00:01.500+00:00"


def test_request_has_a_whole_url_and_its_query() -> None:
    archive: Any = to_har([an_exchange()], base_url="http://127.0.0.1:8080/")

    request = archive["log"]["entries"][0]["request"]
    assert request["url"] == "http://127.0.0.1:8080/models/acme/ner?a=1&b="
    assert request["queryString"] == [{"name": "a", "value": "1"}, {"name": "b", "value": ""}]


@pytest.mark.parametrize(
    ("session_id", "heads", "path"),
    [
        ("default", HEADS, "/models/acme/ner"),
        ("one", HEADS, "/s/one/models/acme/ner"),
        ("one", Heads(b"x-nertwin-session\none", 1), "/models/acme/ner"),
        ("one", Heads(b"x-nertwin-session\none", 0), "/s/one/models/acme/ner"),
    ],
    ids=["default", "path", "header", "no header of the request"],
)
def test_request_names_its_session(session_id: str, heads: Heads, path: str) -> None:
    exchange = an_exchange(path="/models/acme/ner", heads=heads)

    archive: Any = to_har([exchange], base_url="http://127.0.0.1:8080/", session_id=session_id)

    request = archive["log"]["entries"][0]["request"]
    assert request["url"] == f"http://127.0.0.1:8080{path}"


def test_archive_that_is_replayed_comes_to_the_same_session() -> None:
    model = "models/dslim/bert-base-NER"
    body = {"inputs": "Ada met Bob"}
    with (
        running_server(Settings(port=0, auth="open")) as server,
        Control(server.url) as control,
        httpx.Client(trust_env=False) as client,
    ):
        client.post(f"{server.url}/s/one/{model}?a=1%202", json=body)
        client.post(f"{server.url}/{model}", json=body, headers={"x-nertwin-session": "one"})
        client.post(f"{server.url}/{model}", json=body, headers=bearer("hf_nertwin_one"))
        client.get(f"{server.url}/s/one/status/dslim/bert-base-NER")
        before = control.session("one").journal()
        archive: Any = control.session("one").har()

        for entry in archive["log"]["entries"]:
            request = entry["request"]
            client.request(
                request["method"],
                request["url"],
                headers=[(each["name"], each["value"]) for each in request["headers"]],
                content=request.get("postData", {}).get("text", ""),
            )

        after = control.session("one").journal()
        told = ("method", "path", "model", "status")
        first, second = after[:4], after[4:]
        assert first == before
        assert [[each[key] for key in told] for each in second] == [
            [each[key] for key in told] for each in first
        ]
        assert control.sessions() == ["one"]


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def test_request_has_its_body_and_the_form_of_its_token() -> None:
    request = entry_of()["request"]

    assert request["postData"]["text"] == '{"inputs":"Ada"}'
    assert request["postData"]["mimeType"] == "application/json"
    assert {"name": "authorization", "value": "bearer-hf"} in request["headers"]


def test_request_without_a_body_has_no_post_data() -> None:
    assert "postData" not in entry_of(request_body=Body(b"", 0))["request"]


def test_response_has_its_status_and_body() -> None:
    response = entry_of()["response"]

    assert (response["status"], response["statusText"]) == (503, "Service Unavailable")
    assert response["content"]["text"] == '{"error":"loading"}'


def test_redirect_has_its_target() -> None:
    response = entry_of(status=307, heads=Heads(b"Location\n/new", 0))["response"]

    assert response["redirectURL"] == "/new"


def test_body_that_is_no_text_is_in_base64() -> None:
    content = entry_of(response_body=Body(b"\x1f\x8b\xff", 3))["response"]["content"]

    assert content["encoding"] == "base64"
    assert base64.b64decode(content["text"]) == b"\x1f\x8b\xff"


def test_body_that_is_cut_says_so() -> None:
    content = entry_of(response_body=Body(b"abc", 10, is_cut=True))["response"]["content"]

    assert (content["size"], content["comment"]) == (10, "the first 3 of 10 bytes")


def test_comment_tells_the_gate_and_how_often() -> None:
    assert entry_of()["comment"] == "availability: it is loading"
    assert entry_of(repeats=2)["comment"] == "availability: it is loading; 2 equal ones followed"


@given(TOKENS)
def test_token_never_appears_in_an_archive(token: str) -> None:
    journal = a_journal()
    secret = token.encode()
    headers = ((b"authorization", b"Bearer " + secret), (b"location", secret))

    record(journal, request_headers=headers, response_headers=headers[1:], path=f"/?a={token}")

    assert not any(token in text for text in texts_of(to_har(journal)))


def test_notes_are_the_comment_of_the_archive() -> None:
    har: Any = to_har([], notes=[Note(0, "one"), Note(1.5, "two")])

    assert har["log"]["comment"] == "at 0 s: one\nat 1.5 s: two"
