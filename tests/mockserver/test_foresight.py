"""Foresight: what is foretold comes to pass, and to foretell it changes nothing."""

import asyncio
import json
from typing import Any, NamedTuple

import httpx
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nertwin.mockserver import Settings, create_app
from nertwin.mockserver.app import StandIn

MODEL = "dslim/bert-base-NER"
CONTROL = "/_nertwin/sessions/one"
PATHS = {
    "classic": "/models/{model}",
    "router": "/hf-inference/models/{model}",
    "dedicated": "/",
}
PAGES = ["", "/clock", "/models", "/cache", "/quota", "/journal", "/findings", "/faults", "/script"]


class Sent(NamedTuple):
    """A call that is foretold and made."""

    body: dict[str, Any]
    model: str = MODEL
    headers: dict[str, str] = {}  # noqa: RUF012  # Nobody changes it.


class Case(NamedTuple):
    """A session and the calls that it gets."""

    settings: dict[str, Any]
    life: dict[str, Any]
    faults: list[dict[str, Any]]
    steps: list[str]
    calls: list[Sent]


LIVES = st.sampled_from(
    [
        {},
        {"starts": "cold", "after_calls": 2},
        {"starts": "cold", "after_seconds": 30},
        {"starts": "cold"},
        {"starts": "too-big"},
        {"starts": "failed"},
    ]
)
FAULTS = st.sampled_from(
    [
        {"kind": "429", "every": 2},
        {"kind": "latency", "seconds": 3},
        {"kind": "redirect", "times": 1},
        {"kind": "ok-error", "text": "Bo"},
        {"kind": "wrong-type", "after": 1},
        {"kind": "evolve", "probability": 0.5},
        {"kind": "503", "model": "flair/ner-english"},
    ]
)
SETTINGS = st.fixed_dictionaries(
    {"profile": st.sampled_from(list(PATHS))},
    optional={
        "auth": st.sampled_from(["required", "read-only"]),
        "quota": st.sampled_from(
            [{"anonymous_calls": 0}, {"anonymous_calls": 2}, {"calls": 1}, {"calls": 2}]
        ),
        "cache": st.booleans(),
        "cache_ttl": st.sampled_from([0.0, 20.0]),
        "wait_limit": st.sampled_from([0.0, 10.0, 60.0]),
        "stream": st.sampled_from(["ignore", "reject", "sse"]),
        "error_form": st.just("string"),
        "hints": st.just(False),
    },
)
BODIES = st.fixed_dictionaries(
    {"inputs": st.sampled_from(["Ada met Bo", "Bo", ["Ada", "Bo"], [], 5, "", None])},
    optional={
        "parameters": st.sampled_from(
            [
                {"aggregation_strategy": "max"},
                {"aggregation_strategy": "none", "stride": 3},
                {"aggregation_strategy": "most"},
                {"stride": 512},
                {"strid": 1},
            ]
        ),
        "options": st.sampled_from([{"use_cache": False}, {"wait_for_model": True}]),
        "stream": st.booleans(),
    },
)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "authorization": st.sampled_from(["Bearer hf_one", "Bearer hf_two", "hf_one"]),
        "x-use-cache": st.sampled_from(["0", "1"]),
        "x-wait-for-model": st.sampled_from(["0", "1"]),
        "x-load-model": st.just("0"),
        "x-nertwin-fault": st.sampled_from(["500", "50", "gzip", "latency; seconds=2"]),
        "content-type": st.sampled_from(["text/plain", "application/json", "image/png"]),
        "accept": st.sampled_from(["image/png", "application/json"]),
    },
)
MODELS = st.sampled_from([MODEL, MODEL, MODEL, "flair/ner-english", "acme/none"])
CASES = st.builds(
    Case,
    settings=SETTINGS,
    life=LIVES,
    faults=st.lists(FAULTS, max_size=2),
    steps=st.lists(st.sampled_from(["200", "503", "latency; seconds=1"]), max_size=2),
    calls=st.lists(st.builds(Sent, BODIES, MODELS, HEADERS), min_size=1, max_size=5),
)


async def ask(
    app: StandIn, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
) -> httpx.Response:
    content = b"" if body is None else json.dumps(body).encode()
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://localhost"
    ) as client:
        return await client.request(method, path, content=content, headers=headers)


async def a_session(case: Case) -> StandIn:
    app = create_app(Settings(clock="frozen"))
    given = {"id": "one", "settings": case.settings}
    (await ask(app, "POST", "/_nertwin/sessions", given)).raise_for_status()
    await ask(app, "PUT", f"{CONTROL}/models/{MODEL}", {"life": case.life})
    for fault in case.faults:
        await ask(app, "POST", f"{CONTROL}/faults", fault)
    await ask(app, "PUT", f"{CONTROL}/script", {"steps": case.steps})
    return app


async def foretell(app: StandIn, sent: Sent) -> Any:
    question = {**sent.body, "model": sent.model, "headers": sent.headers}
    response = await ask(app, "POST", f"{CONTROL}/explain", question)
    assert response.status_code == 200, response.text
    return response.json()


async def call(app: StandIn, case: Case, sent: Sent) -> tuple[str, int, bytes]:
    """Who decided the call, with which status, and the answer."""
    path = PATHS[case.settings["profile"]].replace("{model}", sent.model)
    headers = {"content-type": "application/json", **sent.headers}
    response = await ask(app, "POST", f"/s/one{path}", sent.body, headers)
    session = app.sessions.get("one")
    assert session is not None
    return list(session.journal)[-1].gate, response.status_code, response.content


async def state_of(app: StandIn) -> list[str]:
    return [(await ask(app, "GET", f"{CONTROL}{page}")).text for page in PAGES]


def served(case: Case) -> Case:
    """The case with the one model that a dedicated endpoint serves."""
    if case.settings["profile"] != "dedicated":
        return case
    return case._replace(calls=[each._replace(model=MODEL) for each in case.calls])


LOADING = Case(
    {"profile": "classic", "wait_limit": 60.0},
    {"starts": "cold", "after_seconds": 30},
    [],
    [],
    [Sent({"inputs": "Ada"}), Sent({"inputs": "Ada", "options": {"wait_for_model": True}})] * 2,
)


@settings(max_examples=40, deadline=None)
@given(CASES.map(served))
@example(LOADING)
@example(LOADING._replace(settings={"profile": "classic", "wait_limit": 10.0}))
@example(LOADING._replace(settings={"profile": "classic", "cache_ttl": 20.0}))
def test_foretold_gate_and_status_come_to_pass(case: Case) -> None:
    async def compare() -> tuple[list[Any], list[Any]]:
        app = await a_session(case)
        told, came = [], []
        for sent in case.calls:
            foretold = await foretell(app, sent)
            told.append((foretold["gate"], foretold["status"]))
            came.append((await call(app, case, sent))[:2])
        return told, came

    told, came = asyncio.run(compare())

    assert told == came


@settings(max_examples=20, deadline=None)
@given(CASES.map(served))
@example(LOADING)
def test_foretelling_changes_nothing_that_can_be_seen_or_that_comes(case: Case) -> None:
    async def compare() -> tuple[list[Any], list[Any], list[Any], list[Any]]:
        asked, left_alone = await a_session(case), await a_session(case)
        before, after, answers, others = [], [], [], []
        for sent in case.calls:
            before.append(await state_of(asked))
            await foretell(asked, sent)
            after.append(await state_of(asked))
            answers.append(await call(asked, case, sent))
            others.append(await call(left_alone, case, sent))
        return before, after, answers, others

    before, after, answers, others = asyncio.run(compare())

    assert after == before
    assert answers == others
