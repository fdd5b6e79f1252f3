import email.utils
import time

import pytest
from support.endpoints import ENDPOINT, reply

from nertwin.contract_tests.etiquette import Etiquette, Stopped
from nertwin.contract_tests.exchange import Exchange

REQUEST = ENDPOINT.classify("a")


def waiting(status: int, headers: dict[str, str], document: object = ()) -> float | None:
    return Etiquette().wait_wanted(reply(REQUEST, status, document, headers), waited=0)


def test_rate_spaces_requests_evenly() -> None:
    slept: list[float] = []
    etiquette = Etiquette(rate=4, now=lambda: 100.0, sleep=slept.append)

    etiquette.claim()
    etiquette.claim()
    etiquette.claim()

    assert slept == [0.25, 0.5]


def test_budget_is_not_overdrawn_by_many_at_once() -> None:
    etiquette = Etiquette(max_requests=3)

    etiquette.claim(2)

    with pytest.raises(Stopped, match="3 requests"):
        etiquette.claim(2)
    assert etiquette.left == 1


@pytest.mark.parametrize(
    ("status", "headers", "document", "seconds"),
    [
        (429, {"retry-after": "3"}, {}, 3.0),
        (429, {}, {}, None),
        (503, {}, {"estimated_time": 20.0}, 20.0),
        (503, {}, {"estimated_time": True}, None),
        (503, {}, {"estimated_time": -1}, None),
        (503, {}, {"estimated_time": 3600}, None),
        (503, {"retry-after": "soon"}, {}, None),
        (500, {"retry-after": "3"}, {}, None),
        (200, {}, {}, None),
    ],
)
def test_announced_wait_is_heeded_within_patience(
    status: int, headers: dict[str, str], document: object, seconds: float | None
) -> None:
    assert waiting(status, headers, document) == seconds


def test_retry_after_may_be_a_date() -> None:
    soon = email.utils.formatdate(time.time() + 30, usegmt=True)

    seconds = waiting(429, {"retry-after": soon})

    assert seconds is not None
    assert 20 < seconds <= 30


def test_impatient_request_is_not_repeated() -> None:
    from dataclasses import replace

    request = replace(REQUEST, is_patient=False)
    exchange: Exchange = reply(request, 503, {"estimated_time": 1})

    assert Etiquette().wait_wanted(exchange, waited=0) is None


def test_payer_that_is_refused_stops_nothing() -> None:
    etiquette = Etiquette()

    etiquette.heed(reply(REQUEST.with_headers(("x-hf-bill-to", "nertwin")), 402))

    assert etiquette.left == etiquette.max_requests


def test_model_that_keeps_announcing_too_little_is_asked_less_often() -> None:
    exchange = reply(REQUEST, 503, {"estimated_time": 0.1})

    waits = [Etiquette().wait_wanted(exchange, waited=waited) for waited in (0, 0.1, 0.4, 30)]

    assert waits == [0.1, 0.1, 0.4, 5.0]


def test_waits_add_up_to_the_patience() -> None:
    etiquette = Etiquette(patience=10)
    exchange = reply(REQUEST, 503, {"estimated_time": 6})

    assert etiquette.wait_wanted(exchange, waited=0) == 6
    assert etiquette.wait_wanted(exchange, waited=6) is None
