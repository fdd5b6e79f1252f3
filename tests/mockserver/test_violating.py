"""Clauses that a running stand-in breaks on purpose."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from support.hurting import a_request, ask
from support.twin import MODEL, Twin

from nertwin.mockserver import Settings, running_server
from nertwin.mockserver.breaches import UnknownBreach
from nertwin.mockserver.faults import Fault
from nertwin.mockserver.life import Life
from nertwin.mockserver.settings import change_settings

SECRET = "hf_canary_0123456789"  # noqa: S105 - It is made up.


def violating(clause_id: str, life: Life | None = None, **settings: Any) -> Twin:
    return Twin(life, violate=(clause_id,), **settings)


def test_broken_clause_of_spans_moves_the_answer() -> None:
    faithful, broken = Twin().post().json(), violating("span.half-open").post().json()

    assert [entity["end"] for entity in broken] == [entity["end"] - 1 for entity in faithful]


def test_broken_reply_is_the_fault_s_doing_in_the_journal() -> None:
    twin = violating("span.half-open")

    twin.post()

    (exchange,) = twin.session.journal
    assert (exchange.gate, exchange.why) == ("fault", "violates span.half-open")


def test_clause_that_says_nothing_of_a_call_leaves_its_reply_alone() -> None:
    twin = violating("span.half-open")

    assert twin.post(inputs="nothing here").json() == []
    assert [exchange.gate for exchange in twin.session.journal] == ["rule"]


def test_kept_answers_are_broken_and_what_is_kept_is_not() -> None:
    twin = violating("span.half-open")
    first, second = twin.post(), twin.post()

    twin.session.change(change_settings(twin.session.settings, {"violate": []}))

    assert first.content == second.content != twin.post().content


def test_refusal_of_a_path_can_be_broken() -> None:
    assert Twin().get("/nowhere").status_code == 404
    assert violating("route.unknown-path").get("/nowhere").status_code != 404


def test_common_header_is_withheld() -> None:
    twin = violating("header.request-id")

    ids = [twin.post().headers.get_list("x-request-id") for _ in range(2)]

    assert ids[0] == ids[1]
    assert len(ids[0]) == 1


def test_call_is_held_on_the_session_s_clock() -> None:
    twin = violating("availability.no-wait-unless-asked", Life(starts="cold", after_seconds=30))

    twin.post()

    assert twin.clock.now > 1


def test_body_that_lacks_its_inputs_is_accepted() -> None:
    twin = violating("request.inputs-required")
    faithful = asyncio.run(_post_bytes(Twin(), b"{}"))

    assert faithful.status_code == 400
    assert asyncio.run(_post_bytes(twin, b"{}")).status_code == 200


async def _post_bytes(twin: Twin, body: bytes) -> httpx.Response:
    transport = httpx.ASGITransport(twin.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://nertwin") as client:
        return await client.post(f"/models/{MODEL}", content=body)


def test_second_equal_call_is_remembered_and_answered_otherwise() -> None:
    twin = violating("relation.repeated")

    seen = {twin.post("x-use-cache: false").content for _ in range(4)}

    assert len(seen) > 1


def test_sessions_remember_apart() -> None:
    twin = violating("relation.repeated")
    twin.post("x-use-cache: false")

    other = twin.post("x-use-cache: false", "x-nertwin-session: other")

    assert other.content == Twin().post("x-use-cache: false").content


def test_token_in_a_reply_is_masked_in_the_journal() -> None:
    twin = violating("security.token-stays-secret")

    response = twin.post(f"authorization: Bearer {SECRET}")

    assert SECRET in str(response.headers)
    assert SECRET not in repr(twin.session.journal.to_json())


def test_false_length_goes_over_the_wire() -> None:
    with running_server(Settings(port=0, violate=("shape.length-is-true",), cache=False)) as server:
        head, body = ask(server.url, sent=a_request("", "Connection: close", version="1.0"))

    (length,) = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")]
    assert int(length.split(b":")[1]) != len(body)


def test_answers_of_calls_that_overlap_are_mixed_up() -> None:
    settings = Settings(port=0, violate=("relation.concurrent",), cache=False)
    texts = [f"Angela Merkel met Bob in Berlin, {number} times." for number in range(8)]
    with running_server(settings) as server, ThreadPoolExecutor(8) as threads:
        url = f"{server.url}/models/dslim/bert-base-NER"

        def classify(text: str) -> bytes:
            return httpx.post(url, json={"inputs": text}, trust_env=False).content

        apart = [classify(text) for text in texts]
        together = list(threads.map(classify, texts))

    assert apart != together


def test_fault_violates_a_clause_for_so_many_calls() -> None:
    twin = Twin(faults=(Fault(kind="violate", clause="span.half-open", times=1),))
    faithful = Twin().post().content

    assert [twin.post().content == faithful for _ in range(3)] == [False, True, True]


def test_fault_that_finds_nothing_to_violate_has_decided_nothing() -> None:
    twin = Twin(faults=(Fault(kind="violate", clause="span.half-open"),))

    assert twin.post(inputs="nothing here").json() == []
    assert [exchange.gate for exchange in twin.session.journal] == ["rule"]


def test_violation_is_told_after_what_else_hurts_the_call() -> None:
    faults = (Fault(kind="latency", seconds=2.0), Fault(kind="violate", clause="span.half-open"))
    twin = Twin(faults=faults)

    twin.post()

    (exchange,) = twin.session.journal
    assert exchange.why.endswith(", violates span.half-open")


def test_header_violates_a_clause_in_one_call() -> None:
    twin = Twin()

    broken = twin.post("x-nertwin-fault: violate; clause=span.half-open")

    assert broken.content != twin.post().content


def test_header_with_an_unknown_clause_is_refused_and_explained() -> None:
    refused = Twin().post("x-nertwin-fault: violate; clause=span.half-opn")

    assert refused.status_code == 400
    assert "Did you mean 'span.half-open'?" in refused.json()["error"]


@pytest.mark.parametrize("clause_id", ["span.half-opn", "auth.anonymous"])
def test_clause_that_can_not_be_broken_is_refused_at_the_start(clause_id: str) -> None:
    with pytest.raises(UnknownBreach, match=clause_id):
        Settings(violate=(clause_id,))
    with pytest.raises(UnknownBreach, match=clause_id):
        Fault(kind="violate", clause=clause_id)
