"""What each profile serves is what its OpenAPI document tells of it."""

import asyncio
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from nertwin import schemas
from nertwin.mockserver import Settings, create_app

MODEL = "dslim/bert-base-NER"
MODELS = "/hf-inference/models/{org}/{name}"
PIPELINE = "/hf-inference/pipeline/token-classification/{org}/{name}"
TEXT = {"inputs": "My name is Sarah Jessica Parker"}
LONG = {"inputs": "word " * 1200, "parameters": {"stride": 510, "aggregation_strategy": "simple"}}


def ask(profile: str, method: str, path: str, body: Any, **settings: Any) -> httpx.Response:
    app = create_app(Settings(profile=profile, max_body_bytes=10_000, **settings))

    async def call() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.request(method, path, json=body)

    return asyncio.run(call())


@pytest.mark.parametrize(
    ("profile", "method", "path", "body", "settings", "status"),
    [
        ("router", "POST", MODELS, TEXT, {}, 200),
        ("router", "POST", f"{MODELS}/pipeline/token-classification", TEXT, {}, 200),
        (
            "router",
            "POST",
            "/hf-inference/pipeline/token-classification/{org}/{name}",
            TEXT,
            {},
            200,
        ),
        ("router", "POST", MODELS, {}, {}, 400),
        ("router", "POST", MODELS, {**TEXT, "parameters": {"top_k": 1}}, {}, 400),
        ("router", "POST", MODELS.replace("{name}", "nobody"), TEXT, {}, 400),
        ("router", "POST", MODELS, TEXT, {"auth": "required"}, 401),
        ("router", "POST", MODELS.replace("{org}", "%0A"), TEXT, {}, 404),
        ("router", "POST", MODELS, {"inputs": "x" * 10_000}, {}, 413),
        ("router", "POST", MODELS, LONG, {}, 500),
        ("router", "GET", "/api/models", None, {}, 200),
        ("router", "GET", "/api/models/{org}/{name}", None, {}, 200),
        ("router", "GET", "/api/models/{org}/nobody", None, {}, 404),
        ("router", "GET", "/api/tasks", None, {}, 200),
        ("router", "GET", "/", None, {}, 200),
        ("router", "GET", "/health", None, {}, 200),
        ("router", "GET", "/openapi.json", None, {}, 200),
        ("dedicated", "POST", "/", TEXT, {}, 200),
        ("dedicated", "POST", "/predict", TEXT, {}, 200),
        ("dedicated", "POST", "/", {}, {}, 400),
        ("dedicated", "POST", "/", TEXT, {"auth": "required"}, 401),
        ("dedicated", "POST", "/", {"inputs": "x" * 10_000}, {}, 413),
        ("dedicated", "POST", "/", LONG, {}, 500),
        ("dedicated", "GET", "/", None, {}, 200),
        ("dedicated", "GET", "/health", None, {}, 200),
        ("dedicated", "GET", "/openapi.json", None, {}, 200),
    ],
)
def test_reply_is_as_the_document_tells(
    profile: schemas.Profile,
    method: str,
    path: str,
    body: Any,
    settings: dict[str, Any],
    status: int,
) -> None:
    org, _, name = MODEL.partition("/")

    reply = ask(profile, method, path.format(org=org, name=name), body, **settings)

    assert reply.status_code == status
    kind = reply.headers["content-type"].partition(";")[0]
    shown = reply.json() if kind == "application/json" else reply.text
    template = path.replace("nobody", "{name}").replace("%0A", "{org}")
    schema = schema_of(profile, template, method, status, kind)
    assert list(schema.iter_errors(shown)) == []


@pytest.mark.parametrize(
    ("profile", "path"), [("router", "/hf-inference/models/{org}/{name}"), ("dedicated", "/")]
)
def test_wrong_method_is_as_the_document_tells(profile: schemas.Profile, path: str) -> None:
    reply = ask(profile, "PUT", "/health", None)

    assert reply.status_code == 405
    kind = reply.headers["content-type"].partition(";")[0]
    shown = reply.json() if kind == "application/json" else reply.text
    assert list(schema_of(profile, path, "POST", 405, kind).iter_errors(shown)) == []


@pytest.mark.parametrize("profile", schemas.PROFILES)
def test_document_that_is_served_is_that_of_the_profile(profile: schemas.Profile) -> None:
    assert ask(profile, "GET", "/openapi.json", None).json() == schemas.openapi(profile)


def test_session_is_described_in_its_own_profile() -> None:
    app = create_app(Settings())
    session = app.sessions.find("one")
    session.begin(Settings(profile="dedicated"))

    async def call() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get("/s/one/openapi.json")

    assert asyncio.run(call()).json() == schemas.openapi("dedicated")


def schema_of(
    profile: schemas.Profile, path: str, method: str, status: int, kind: str
) -> Draft202012Validator:
    """What the document says of such a reply's body."""
    document: Any = schemas.openapi(profile)
    response = document["paths"][path][method.lower()]["responses"][str(status)]
    pointer = f"#/paths/{escaped(path)}/{method.lower()}/responses/{status}"
    pointer = response.get("$ref", pointer)
    resource = Resource.from_contents(document, default_specification=DRAFT202012)
    registry: Registry[Any] = Registry().with_resource("urn:document", resource)
    reference = f"urn:document{pointer}/content/{escaped(kind)}/schema"
    return Draft202012Validator({"$ref": reference}, registry=registry)


def escaped(name: str) -> str:
    """The name as a part of a JSON pointer in a URL."""
    return name.replace("/", "~1").replace("{", "%7B").replace("}", "%7D")
