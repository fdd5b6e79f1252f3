from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from support.control import check_described

from nertwin.mockserver import RunningServer


class Session:
    """A fresh session under a control API each of whose answers is held to its description."""

    def __init__(self, control: httpx.Client, **settings: Any) -> None:
        body = {"settings": {"clock": "frozen", **settings}}
        self.id: str = control.post("sessions", json=body).json()["id"]
        self.control = control
        self.base = f"{str(control.base_url).removesuffix('/_nertwin/')}/s/{self.id}"

    def classify(self, inputs: str = "Ada", model: str = "dslim/bert-base-NER") -> httpx.Response:
        url = f"{self.base}/models/{model}"
        return self.control.post(url, json={"inputs": inputs})

    def ask(self, method: str, path: str = "", **given: Any) -> httpx.Response:
        place = f"sessions/{self.id}/{path}" if path else f"sessions/{self.id}"
        return self.control.request(method, place, **given)

    def get(self, path: str = "") -> Any:
        return self.ask("GET", path).json()


@pytest.fixture
def control(server: RunningServer) -> Iterator[httpx.Client]:
    """A client of the control API."""

    def check(response: httpx.Response) -> None:
        if response.request.url.path.startswith("/_nertwin/"):
            check_described(response)

    with httpx.Client(
        base_url=f"{server.url}/_nertwin/",
        trust_env=False,
        event_hooks={"response": [check]},
    ) as client:
        yield client


@pytest.fixture
def session(control: httpx.Client) -> Session:
    """A fresh session on a frozen clock."""
    return Session(control)
