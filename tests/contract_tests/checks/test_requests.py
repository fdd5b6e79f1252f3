"""What the checks of requests and of security say, and when they keep silent."""

from dataclasses import replace
from typing import Any

import pytest
from support.endpoints import ENDPOINT, Scripted, good, reply, verdict_of

from nertwin.contract_tests.checks import CHECKS, select_clauses
from nertwin.contract_tests.client import Client
from nertwin.contract_tests.endpoint import find_endpoint
from nertwin.contract_tests.exchange import Exchange, Request
from nertwin.contract_tests.outcomes import Outcome, Result
from nertwin.contract_tests.runner import run
from nertwin.mockserver import Settings, running_server
from nertwin.schemas import Profile


def result_of(clause: str, answer: Any, *, profile: Profile = "classic") -> Result:
    """What the checks of one clause say of an endpoint that answers so."""
    endpoint = replace(ENDPOINT, profile=profile)
    checks = [check for check in CHECKS if check.clause == clause]
    (result,) = verdict_of(*checks, transport=Scripted(answer), endpoint=endpoint).results
    return result


def rendered(result: Result) -> str:
    return "\n".join(finding.violation.render() for finding in result.findings)


def refusing(error: str) -> Any:
    return lambda request: reply(request, 400, {"error": error})


def test_violation_names_the_mutated_place_before_and_after() -> None:
    result = result_of("request.parameters-kind", good)

    assert result.outcome is Outcome.FAILED
    assert "status when parameters is null" in rendered(result)
    assert "from nothing to null" in rendered(result)


def test_call_after_a_harmful_body_must_be_answered() -> None:
    harm: list[bytes] = []

    def answer(request: Request) -> Exchange:
        harm.extend([request.body] * (b"__class__" in request.body))
        if harm:
            return Exchange(request=request, breakage="unreachable", problem="can't reach it")
        return good(request)

    result = result_of("security.no-server-error", answer)

    assert result.outcome is Outcome.FAILED
    assert "the next call" in rendered(result)


def test_circumstances_are_no_server_error() -> None:
    def answer(request: Request) -> Exchange:
        return reply(request, 503, {"error": "overloaded"})

    assert result_of("security.no-server-error", answer).outcome is Outcome.INCONCLUSIVE


def test_deep_body_that_ends_the_connection_twice_is_a_violation() -> None:
    def answer(request: Request) -> Exchange:
        if b"[[[[" in request.body:
            return Exchange(request=request, breakage="closed", problem="closed")
        return reply(request, 400, {"error": "no"})

    result = result_of("request.deep-nesting", answer)

    assert result.outcome is Outcome.FAILED
    assert "twice" in rendered(result)


def test_own_token_in_an_answer_is_told_without_the_token() -> None:
    def answer(request: Request) -> Exchange:
        exchange = good(request)
        assert exchange.response is not None
        is_ours = request.header("authorization") is None
        echo = replace(exchange.response, echoes_token=is_ours)
        return replace(exchange, response=echo)

    result = result_of("security.token-stays-secret", answer)

    assert result.outcome is Outcome.FAILED
    assert "masked" in rendered(result)
    assert str(ENDPOINT.token) not in rendered(result)


@pytest.mark.parametrize(
    "error",
    [
        'Traceback (most recent call last):\n  File "x.py", line 3',
        "no such file: /usr/lib/python3/serve",
        "C:\\Users\\serve\\handler.py",
        "<Handler object at 0x7f5a1c0b4d90>",
    ],
)
def test_internals_are_found(error: str) -> None:
    assert result_of("security.no-internals", refusing(error)).outcome is Outcome.FAILED


def test_traceback_that_the_pipeline_hands_on_itself_is_no_internal_of_a_toolkit() -> None:
    error = (
        "Caught ValueError in DataLoader worker process 0.\n"
        'Original Traceback (most recent call last):\n  File "/usr/lib/python3/worker.py", line 3'
    )

    assert result_of("security.no-internals", refusing(error)).outcome is Outcome.FAILED
    toolkit = result_of("security.no-internals", refusing(error), profile="dedicated")
    assert toolkit.outcome is Outcome.PASSED


@pytest.mark.parametrize(
    "error",
    [
        "Error in `body`: text/plain is no application/json",
        "see https://huggingface.co/docs/usr/lib and /models/a/b",
        "unexpected end of data: line 1 column 12 (char 11)",
        "Error in `inputs`: at least one; 1/2 of 3:4",
    ],
)
def test_plain_words_are_no_internals(error: str) -> None:
    assert result_of("security.no-internals", refusing(error)).outcome is Outcome.PASSED


def test_stream_that_was_promised_is_judged_as_one() -> None:
    chosen = select_clauses("classic", level="MAY", select=["stream.*"])
    with running_server(Settings(port=0, stream="sse")) as server:
        endpoint = find_endpoint(server.url)
        client = Client(endpoint)
        verdict = run(endpoint, client, clauses=chosen)
        client.close()

    outcomes = {result.clause.id: result.outcome for result in verdict.results}
    assert outcomes["stream.taken-literally"] is Outcome.PASSED
    assert outcomes["stream.is-no-feature"] is Outcome.INCONCLUSIVE
