"""Whatever is wrong with a request to the control API, it changes nothing."""

import asyncio
import json
from typing import Any

import httpx
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nertwin.mockserver import Fault, Settings, create_app
from nertwin.mockserver.app import StandIn
from nertwin.mockserver.control.describing import properties_of, required_keys
from nertwin.mockserver.control.route import Route
from nertwin.mockserver.control.routes import ROUTES
from nertwin.mockserver.settings import SESSION_KEYS

MODEL = "dslim/bert-base-NER"
BODIES = [route for route in ROUTES if route.body is not None]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=10),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)
#: For each key a value that is right by itself, so that the wrong part is not the first found.
RIGHT: dict[str, Any] = {
    "id": "fresh",
    "settings": {"clock": "scaled:3", "cache": False},
    "what": ["cache", "journal"],
    "seconds": 5,
    "state": "cold",
    "life": {"after_calls": 3},
    "wanted": {},
    "count": 0,
    "order": [{}],
    "timeout": 0,
    "kind": "503",
    "times": 2,
    "after": 1,
    "every": 2,
    "probability": 1,
    "seed": 7,
    "model": MODEL,
    "text": "Ada",
    "error_form": "list",
    "message": "no",
    "estimated_time": 1.5,
    "retry_after": 3,
    "sigma": 0,
    "length": "longer",
    "location": "",
    "clause": "",
    "evolve": ["key-order"],
    "steps": ["503", "200"],
    "say": "[Ada](PER) met Bo",
    "regex": "",
    "terms": [],
    "label": "",
    "group": 0,
    "case": "exact",
    "score": None,
    "priority": 100,
    "inputs": "Ada",
    "parameters": {},
    "options": {},
    "stream": False,
    "headers": {"x-nertwin-fault": "500"},
}
#: What the right body leaves out, since its other keys forbid them.
ABSENT: dict[type | None, set[str]] = {Fault: {"seconds", "evolve"}}


def _nested(depth: int) -> Any:
    """A list in lists, so deep that no body can hold it."""
    return [_nested(depth - 1)] if depth else []


WRONG: dict[str, st.SearchStrategy[Any]] = {
    "id": st.sampled_from(["", "a b", "x" * 65, 5, True, []]),
    "settings": st.sampled_from(
        [
            {"clok": "real"},
            {"cache": 1},
            {"cache": False, "clock": "x"},
            {"quota": {"calls": -1}},
            {"cache_ttl": -1},
            {"auth": "token"},
            {"host": "x"},
            {"default_model": "no/such"},
            [],
            5,
        ]
    ),
    "what": st.sampled_from([[], ["x"], ["cache", "x"], ["cache", 1], "cache", {}, None]),
    "seconds": st.sampled_from([-1, "1", True, None, [], -0.001]),
    "state": st.sampled_from(["warm", 1, [], {}]),
    "life": st.sampled_from(
        [{"starts": "x"}, {"after_calls": -1}, {"after_calls": 1, "after_seconds": 1}, {"x": 1}, []]
    ),
    "wanted": st.sampled_from([{"gate": "x"}, {"status": "200"}, {"x": 1}, [], 1]),
    "count": st.sampled_from([-1, "1", True, 1.5]),
    "order": st.sampled_from([[], [1], [{"x": 1}], {}, "x"]),
    "timeout": st.sampled_from([-1, 61, "1", True]),
    "kind": st.sampled_from(["504x", 503, None, [], "violate", "latency"]),
    "times": st.sampled_from([-1, "1", True, 1.5, 10**10]),
    "after": st.sampled_from([-1, "1", None]),
    "every": st.sampled_from([0, "1", None]),
    "probability": st.sampled_from([0, 1.1, "1", 0.5]),
    "seed": st.sampled_from(["1", 1.5, None, 10**30]),
    "model": st.sampled_from([5, [], True, {}]),
    "text": st.sampled_from([5, [], True, None]),
    "error_form": st.sampled_from(["tuple", 1, None]),
    "message": st.sampled_from([5, [], None]),
    "estimated_time": st.sampled_from([-1, "1", True]),
    "retry_after": st.sampled_from([-1, "1", 1.5]),
    "sigma": st.sampled_from([0.5, -1, "1"]),
    "length": st.sampled_from(["shorter", "long", 1]),
    "location": st.sampled_from(["/", "\n", 1]),
    "clause": st.sampled_from(["span.slice-is-word", 1]),
    "evolve": st.sampled_from([[], ["x"], "key-order", ["key-order"], [1]]),
    "steps": st.sampled_from(
        [["503", "x"], ["200; seconds=1"], "503", [503], None, ["200"] * 1001]
    ),
    "say": st.sampled_from(["[Ada](PERS) x", "[Ada](PER", 1, None, "", "[Ada](PER:0.1) x"]),
    "regex": st.sampled_from(["A+", "(", 1]),
    "terms": st.sampled_from([["Ada"], "Ada", [1], None]),
    "label": st.sampled_from(["PER", 1]),
    "group": st.sampled_from([1, -1, "0"]),
    "case": st.sampled_from(["ignore", "EXACT", 1]),
    "score": st.sampled_from([0.9, 0, 1, "0.5"]),
    "priority": st.sampled_from([1, -1, 1001, None]),
    # What the API refuses is explained, so only what can't be sent is refused.
    "inputs": st.just(_nested(300)),
    "parameters": st.sampled_from([5, [], True]),
    "options": st.sampled_from([5, [], True]),
    "stream": st.sampled_from([1, "true", []]),
    "headers": st.sampled_from([None, [], {"a b": "c"}, {"a": 1}, {"": ""}, {"a": "\n"}]),
}


@st.composite
def wrong_bodies(draw: st.DrawFn, route: Route) -> bytes:
    """A body for the route with a wrong value, a key too many or too few, or none at all."""
    assert route.body is not None
    names = properties_of(route.body)
    absent = ABSENT.get(route.body, set())
    right = {name: RIGHT[name] for name in names if name not in absent}
    kind = draw(st.sampled_from(["value", "key", "lack", "type", "bytes"]))
    if kind == "value":
        name = draw(st.sampled_from(sorted(names)))
        return json.dumps({**right, name: draw(WRONG[name])}).encode()
    if kind == "key":
        name = draw(
            st.text(min_size=1).filter(lambda name: name not in names and name != "profile")
        )
        return json.dumps({**right, name: draw(VALUES)}).encode()
    if kind == "lack" and (required := required_keys(route.body)):
        left_out = draw(st.sampled_from(required))
        return json.dumps({key: right[key] for key in right if key != left_out}).encode()
    if kind == "type":
        return json.dumps(draw(VALUES.filter(lambda value: not isinstance(value, dict)))).encode()
    return json.dumps(right).encode()[:-1] + draw(st.binary(max_size=3).map(b"\xff".__add__))


@st.composite
def wrong_requests(draw: st.DrawFn) -> tuple[str, str, bytes]:
    route = draw(st.sampled_from(BODIES))
    session = draw(st.sampled_from(["one", "one", "one", "nobody"]))
    model = draw(st.sampled_from([MODEL, MODEL, "no/such"]))
    path = route.path.replace("{id}", session).replace("{model}", model)
    return route.method, path, draw(wrong_bodies(route))


async def ask(app: StandIn, method: str, path: str, content: bytes = b"") -> httpx.Response:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        return await client.request(method, path, content=content)


async def state_of(app: StandIn) -> list[str]:
    """All that can be seen of the sessions."""
    pages = [
        "",
        "/clock",
        "/models",
        "/cache",
        "/quota",
        "/journal",
        "/findings",
        "/faults",
        "/script",
        "/rules",
    ]
    paths = ["", *(f"/one{page}" for page in pages)]
    return [(await ask(app, "GET", f"/_nertwin/sessions{path}")).text for path in paths]


async def a_used_session() -> StandIn:
    app = create_app(Settings(clock="frozen"))
    await ask(app, "POST", f"/s/one/models/{MODEL}", b'{"inputs": "Ada"}')
    changes = b'{"settings": {"quota": {"anonymous_calls": 9}}}'
    await ask(app, "PATCH", "/_nertwin/sessions/one", changes)
    await ask(app, "POST", "/_nertwin/sessions/one/faults", b'{"profile": "flaky"}')
    await ask(app, "PUT", "/_nertwin/sessions/one/script", b'{"steps": ["200", "429"]}')
    await ask(app, "POST", "/_nertwin/sessions/one/rules", b'{"say": "[Ada](PER)"}')
    await ask(app, "POST", f"/s/one/models/{MODEL}", b'{"inputs": "Bo"}')
    return app


@settings(max_examples=50)
@given(wrong_requests())
@example(
    ("PUT", f"sessions/one/models/{MODEL}", b'{"state": "cold", "life": {"starts": "failed"}}')
)
@example(("POST", "sessions/one/faults", b'{"profile": "flakey"}'))
@example(("POST", "sessions/one/faults", b'{"profile": "flaky", "kind": "429"}'))
@example(("POST", "sessions/one/rules?model=no/such", b'{"say": "[Ada](PER)"}'))
@example(("POST", "sessions/one/rules", b'{"say": "[Ada](PER) x", "model": "no/such"}'))
@example(("POST", "sessions/one/rules", b'{"say": "[Ada](PER) x", "regex": "A"}'))
@example(("DELETE", "sessions/one/rules/2", b""))
@example(("DELETE", "sessions/one/faults/x", b""))
@example(("PATCH", "sessions/one", b'{"settings": {"cache": false, "auth": "token"}}'))
@example(("POST", "sessions/one/reset", b'{"what": ["everything", "nothing"]}'))
@example(("POST", "sessions/one/clock/advance", b'{"seconds": 1e999}'))
def test_refused_request_changes_nothing(request: tuple[str, str, bytes]) -> None:
    async def refuse() -> tuple[httpx.Response, list[str], list[str]]:
        app = await a_used_session()
        before = await state_of(app)
        method, path, body = request
        response = await ask(app, method, f"/_nertwin/{path}", body)
        return response, before, await state_of(app)

    response, before, after = asyncio.run(refuse())

    assert 400 <= response.status_code < 500, response.text
    assert len(response.json()["error"]) > 10
    assert after == before


def test_every_key_has_a_right_and_a_wrong_value() -> None:
    keys = {name for route in BODIES if route.body for name in properties_of(route.body)}

    assert keys == RIGHT.keys() == WRONG.keys()


def test_settings_that_are_drawn_are_those_of_sessions() -> None:
    assert set(RIGHT["settings"]) <= set(SESSION_KEYS)
