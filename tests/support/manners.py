"""Clients with good and bad manners, over real sockets, and what they are judged by."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from nertwin.contract_tests.twin import Twin

JSON_TYPE = {"content-type": "application/json"}


@dataclass(frozen=True)
class Caller:
    """A client of a twin, whose sleep advances the session's clock."""

    twin: Twin

    def post(
        self,
        inputs: Any = "Ada",
        headers: Mapping[str, str] = JSON_TYPE,
        *,
        path: str = "",
        raw: bytes | None = None,
        **body: Any,
    ) -> int:
        """The status of the answer to a call."""
        content = json.dumps({"inputs": inputs, **body}).encode() if raw is None else raw
        url = f"{self.twin.url}{path}" if path else self.twin.model_url()
        return self.send("POST", url, headers, content)[0]

    def error_of(self, inputs: str) -> str:
        """The words of the refusal of a call."""
        body = json.dumps({"inputs": inputs}).encode()
        answer = self.send("POST", self.twin.model_url(), JSON_TYPE, body)[1]
        error = json.loads(answer)["error"]
        return str(error[0] if isinstance(error, list) else error)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> int:
        """The status of the answer to a look-up."""
        return self.send("GET", f"{self.twin.url}{path}", headers or {}, b"")[0]

    def sleep(self, seconds: float) -> None:
        self.twin.clock.advance(seconds)

    def send(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes
    ) -> tuple[int, bytes]:
        parts = urlsplit(url)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        with closing(http.client.HTTPConnection(parts.netloc, timeout=10)) as connection:
            connection.request(method, path, content, dict(headers))
            with connection.getresponse() as response:
                return response.status, response.read()


@dataclass(frozen=True, kw_only=True)
class Case:
    """A client that breaks one clause of clients, and one like it that keeps it."""

    clause: str
    impolite: Callable[[Caller], object]
    polite: Callable[[Caller], object]
    name: str = ""  #: Where a clause has several.
    settings: Mapping[str, Any] = field(default_factory=dict)
    plan: Callable[[Twin], object] = id  #: The hard day that it has; none by default.

    @property
    def id(self) -> str:
        return f"{self.clause}-{self.name}".removesuffix("-")


def _retry(caller: Caller, times: int = 1, *, wait: float = 0.0, **more: Any) -> None:
    """Call once and then so many times again, whatever is answered."""
    caller.post(**more)
    for _ in range(times):
        if wait:
            caller.sleep(wait)
        caller.post(**more)


def _with(headers: Mapping[str, str]) -> Callable[[Caller], object]:
    return lambda caller: caller.post(headers={**JSON_TYPE, **headers})


def _ask_to_wait(caller: Caller) -> None:
    caller.post()
    caller.post(headers={**JSON_TYPE, "x-wait-for-model": "true"})


def _repost(caller: Caller) -> None:
    caller.post(caller.error_of("Ada"))


def _look_up(token: str = "") -> Callable[[Caller], object]:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return lambda caller: caller.get(f"/api/models/{caller.twin.default_model}", headers)


def _look_up_again(caller: Caller) -> None:
    path = "/api/models/acme/private"
    caller.get(path)
    caller.get(path, {"authorization": "Bearer hf_x"})


def _js(**body: Any) -> Callable[[Caller], object]:
    agent = {"user-agent": "@huggingface/inference/4.13.30"}
    return lambda caller: caller.post(headers={**JSON_TYPE, **agent}, **body)


def _cold(**how: Any) -> Callable[[Twin], object]:
    return lambda twin: twin.cold(**how)


def _failing(kind: int | str, times: int = 99, **fields: Any) -> Callable[[Twin], object]:
    return lambda twin: twin.fail_next(kind, times=times, **fields)


def _polite(caller: Caller) -> None:
    caller.post()


TOKEN = "hf_" + "canary" * 4
LONG = "word " * 511
MODEL = "dslim/bert-base-NER"
ROUTER = {"profile": "router"}

CASES = (
    Case(
        clause="client.waits-before-retry",
        plan=_failing(500, 2),
        impolite=lambda caller: _retry(caller, 2),
        polite=lambda caller: _retry(caller, 2, wait=1),
    ),
    Case(
        clause="client.waits-before-retry",
        name="429",
        plan=_failing(429, 1),
        impolite=_retry,
        polite=lambda caller: _retry(caller, wait=0.1),
    ),
    Case(
        clause="client.waits-estimated-time",
        name="polls",
        plan=_cold(after_calls=3),
        impolite=lambda caller: _retry(caller, 3, wait=1),
        polite=lambda caller: _retry(caller, 3, wait=10),
    ),
    Case(
        clause="client.waits-estimated-time",
        name="asks-to-wait",
        plan=_cold(after_calls=1, estimated_time=4),
        impolite=lambda caller: _retry(caller, wait=2),
        polite=_ask_to_wait,
    ),
    Case(
        clause="client.honours-retry-after",
        plan=_failing(429, 1, retry_after=30),
        impolite=lambda caller: _retry(caller, wait=20),
        polite=lambda caller: _retry(caller, wait=30),
    ),
    Case(
        clause="client.no-hot-loop",
        plan=_failing(500),
        impolite=lambda caller: _retry(caller, 10),
        polite=lambda caller: _retry(caller, 9, wait=1),
    ),
    Case(
        clause="client.no-hot-loop",
        name="folded",
        plan=_failing("503-overloaded"),
        impolite=lambda caller: _retry(caller, 40),
        polite=lambda caller: _retry(caller, 2, wait=1),
    ),
    Case(
        clause="client.gives-up",
        plan=_failing(500),
        impolite=lambda caller: _retry(caller, 10, wait=5),
        polite=lambda caller: _retry(caller, 9, wait=5),
    ),
    Case(
        clause="client.gives-up",
        name="folded",
        plan=_failing(500),
        impolite=lambda caller: _retry(caller, 30, wait=5),
        polite=lambda caller: _retry(caller, 1, wait=5),
    ),
    Case(
        clause="client.keeps-refusals",
        plan=_failing(400),
        impolite=_retry,
        polite=_polite,
    ),
    Case(
        clause="client.keeps-refusals",
        name="401",
        plan=_failing(401),
        impolite=lambda caller: _retry(caller, 2),
        polite=_polite,
    ),
    Case(
        clause="client.wait-flag-after-loading",
        impolite=_with({"x-wait-for-model": "true"}),
        plan=_cold(after_calls=1),
        polite=_ask_to_wait,
    ),
    Case(
        clause="client.wait-flag-after-loading",
        name="option",
        impolite=lambda caller: caller.post(options={"wait_for_model": True}),
        plan=_cold(after_calls=1),
        polite=_ask_to_wait,
    ),
    Case(
        clause="client.bearer",
        name="bare",
        impolite=_with({"authorization": "hf_x"}),
        polite=_with({"authorization": "Bearer hf_x"}),
    ),
    Case(
        clause="client.bearer",
        name="colon",
        impolite=_with({"authorization": "Bearer: hf_x"}),
        polite=_with({"authorization": "Bearer test"}),
    ),
    Case(
        clause="client.token-in-authorization",
        impolite=_with({"x-api-key": "hf_x"}),
        polite=_with({"authorization": "Bearer hf_x"}),
    ),
    Case(
        clause="client.token-not-in-url",
        impolite=lambda caller: caller.post(path=f"/models/{MODEL}?api_key=secret"),
        polite=lambda caller: caller.post(path=f"/models/{MODEL}?seed=1"),
    ),
    Case(
        clause="client.token-not-in-url",
        name="look-up",
        impolite=lambda caller: caller.get(f"/api/models/{MODEL}?token={TOKEN}"),
        polite=_look_up(),
    ),
    Case(
        clause="client.token-not-in-body",
        impolite=lambda caller: caller.post(token=TOKEN),
        polite=lambda caller: caller.post(),
    ),
    Case(
        clause="client.token-not-to-look-ups",
        impolite=_look_up(TOKEN),
        polite=_look_up(),
    ),
    Case(
        clause="client.token-not-to-look-ups",
        name="private",
        impolite=_look_up(TOKEN),
        polite=_look_up_again,
    ),
    Case(
        clause="client.json-object",
        name="by-hand",
        impolite=lambda caller: caller.post(raw=b'{ "inputs": "say "hi"" }'),
        polite=lambda caller: caller.post('say "hi"'),
    ),
    Case(
        clause="client.json-object",
        name="bare-string",
        impolite=lambda caller: caller.post(raw=b'"Ada"'),
        polite=_polite,
    ),
    Case(
        clause="client.content-type",
        impolite=lambda caller: caller.post(headers={}),
        polite=lambda caller: caller.post(
            headers={"Content-Type": "application/json; charset=utf-8"}
        ),
    ),
    Case(
        clause="client.options-placed",
        impolite=lambda caller: caller.post(wait_for_model=True),
        polite=lambda caller: caller.post(options={"use_cache": False}),
    ),
    Case(
        clause="client.names-spelt",
        impolite=lambda caller: caller.post(parameters={"grouped_entities": True}),
        polite=lambda caller: caller.post(parameters={"aggregation_strategy": "simple"}),
    ),
    Case(
        clause="client.values-meant",
        impolite=_with({"x-use-cache": "no"}),
        polite=_with({"x-use-cache": "false"}),
    ),
    Case(
        clause="client.options-read",
        settings=ROUTER,
        impolite=lambda caller: caller.post(options={"use_cache": False}),
        polite=_polite,
    ),
    Case(
        clause="client.no-stream",
        impolite=lambda caller: caller.post(stream=True),
        polite=_polite,
    ),
    Case(
        clause="client.error-not-reposted",
        plan=_failing(401, 1),
        impolite=_repost,
        polite=lambda caller: (caller.post(), caller.post("Bob")),
    ),
    Case(
        clause="client.long-text-strides",
        impolite=lambda caller: caller.post(LONG),
        polite=lambda caller: caller.post(LONG, parameters={"stride": 16}),
    ),
    Case(
        clause="client.readable-in-javascript",
        name="batch",
        impolite=_js(inputs=["Ada"]),
        polite=_js(),
    ),
    Case(
        clause="client.readable-in-javascript",
        name="none",
        impolite=_js(parameters={"aggregation_strategy": "none"}),
        polite=_js(parameters={"aggregation_strategy": "simple"}),
    ),
    Case(
        clause="client.path-known",
        impolite=lambda caller: caller.post(path=f"/{MODEL}"),
        polite=_polite,
    ),
    Case(
        clause="client.slash-in-path",
        impolite=lambda caller: caller.post(path="/models/dslim%2Fbert-base-NER"),
        polite=_polite,
    ),
    Case(
        clause="client.living-host",
        impolite=_with({"host": "api-inference.huggingface.co"}),
        polite=_with({"host": "router.huggingface.co"}),
    ),
)
