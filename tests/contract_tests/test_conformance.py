"""The contract as one assertion."""

from typing import Any

import pytest
from support.raw_servers import raw_server

import nertwin.contract_tests
from nertwin.contract_tests import NotConforming, assert_conforms
from nertwin.contract_tests.application import ApplicationDidNotStart, running_application
from nertwin.contract_tests.endpoint import find_endpoint
from nertwin.contract_tests.probe import NoEndpoint
from nertwin.mockserver import RunningServer, create_app

QUICK = ["shape.one-kind", "span.half-open"]


def test_good_endpoint_passes_and_the_verdict_is_given(server: RunningServer) -> None:
    verdict = assert_conforms(server.url, select=QUICK)

    assert [result.clause.id for result in verdict.results] == QUICK
    assert verdict.exit_status == 0


def test_endpoint_may_be_a_value(server: RunningServer) -> None:
    assert assert_conforms(find_endpoint(server.url), select=QUICK).exit_status == 0


def test_application_is_judged_without_a_server_of_ones_own() -> None:
    verdict = assert_conforms(create_app(), select=QUICK)

    assert verdict.exit_status == 0


def test_violation_is_raised_with_its_evidence(server: RunningServer) -> None:
    with pytest.raises(NotConforming) as caught:
        assert_conforms(server.url, profile="dedicated", select=["shape.token-fields"])

    assert isinstance(caught.value, AssertionError)
    assert caught.value.verdict.exit_status == 1
    assert str(caught.value).startswith("1 failed · ")
    assert "$ curl " in str(caught.value)


def test_what_cannot_be_decided_does_not_conform() -> None:
    with pytest.raises(NotConforming, match="too little was decided: can't reach"):
        assert_conforms("http://127.0.0.1:1", select=QUICK)


def test_fault_of_ours_is_told(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nertwin.contract_tests.tally.is_in_the_way", lambda _: 1 / 0)

    with pytest.raises(NotConforming, match=r"span\.half-open: the check itself failed"):
        assert_conforms(server.url, select=["span.half-open"])


def test_address_of_something_else_is_no_endpoint() -> None:
    with raw_server(b"220 smtp ready\r\n") as server, pytest.raises(NoEndpoint):
        assert_conforms(server.url, select=QUICK, timeout=5)


def test_interrupt_goes_on(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("nertwin.contract_tests.runner.probe", interrupt)

    with pytest.raises(KeyboardInterrupt):
        assert_conforms(server.url, select=QUICK)


def test_application_that_cannot_start_is_named() -> None:
    async def broken(_: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no weights"})

    with pytest.raises(ApplicationDidNotStart, match="did not start"):
        running_application(broken).__enter__()


def test_package_has_no_other_names() -> None:
    with pytest.raises(AttributeError, match="no attribute 'asert_conforms'"):
        nertwin.contract_tests.asert_conforms  # noqa: B018
