"""The manners of released clients, as they are: judged by what came over the wire."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from nertwin.contract_tests.manners.report import report
from nertwin.mockserver import Control, RunningServer
from nertwin.mockserver.control.client import ControlledSession

huggingface_hub = pytest.importorskip("huggingface_hub")

VERSION = tuple(map(int, huggingface_hub.__version__.split(".")[:2]))
MODEL = "dslim/bert-base-NER"
until_0_28 = pytest.mark.skipif(VERSION >= (0, 29), reason="from 0.29 on nothing is asked again")
from_0_29 = pytest.mark.skipif(VERSION < (0, 29), reason="before 0.29 a 503 is asked again")


@pytest.fixture
def session(server: RunningServer) -> Iterator[ControlledSession]:
    with Control(server.url) as control, control.session() as session:
        yield session


def classify(session: ControlledSession, **client: Any) -> Any:
    caller = huggingface_hub.InferenceClient(api_key="hf_not_a_token", **client)
    return caller.token_classification("Ada", model=f"{session.url}/models/{MODEL}")


def broken(session: ControlledSession) -> list[str]:
    return [mark.clause.id for mark in report(session).of("broken")]


def test_call_of_huggingface_hub_is_polite(session: ControlledSession) -> None:
    classify(session)

    assert broken(session) == []
    kept = {mark.clause.id for mark in report(session).of("kept")}
    assert {"client.bearer", "client.json-object", "client.content-type"} <= kept


@from_0_29
@pytest.mark.parametrize("kind", ["503", "429"])
def test_refused_call_of_huggingface_hub_is_not_repeated(
    session: ControlledSession, kind: Any
) -> None:
    session.fail_next(kind, times=2)

    with pytest.raises(huggingface_hub.errors.HfHubHTTPError):
        classify(session)

    assert report(session).requests == 1
    assert broken(session) == []


@until_0_28
def test_old_huggingface_hub_does_not_wait_for_the_estimated_time(
    session: ControlledSession,
) -> None:
    session.fail_next("503", times=9)

    with pytest.raises(huggingface_hub.InferenceTimeoutError):
        classify(session, timeout=2.5)

    assert broken(session) == ["client.waits-estimated-time"]


def test_header_that_gradio_gives_asks_to_wait_too_early(session: ControlledSession) -> None:
    classify(session, headers={"X-Wait-For-Model": "true"})

    assert broken(session) == ["client.wait-flag-after-loading"]


@pytest.mark.parametrize(
    ("token", "expected"),
    [(False, []), ("hf_not_a_token", ["client.token-not-to-look-ups"])],
    ids=["no-token", "token"],
)
def test_token_of_a_look_up_is_told(
    session: ControlledSession, token: Any, expected: list[str]
) -> None:
    look_up: Callable[..., Any] = huggingface_hub.HfApi(endpoint=session.url).model_info

    look_up(MODEL, token=token)

    assert broken(session) == expected
