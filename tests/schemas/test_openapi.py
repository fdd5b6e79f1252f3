"""The OpenAPI document, as the repository has it and as the server gives it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from nertwin import schemas
from nertwin.mockserver.profiles import PROFILES

FILE = Path(schemas.__file__).with_name("openapi.json")
FILES = sorted(FILE.parent.glob("openapi*.json"))
CLASSIFYING = [
    "/",
    "/hf-inference/models/{name}",
    "/hf-inference/models/{org}/{name}",
    "/models/{name}",
    "/models/{org}/{name}",
    "/pipeline/token-classification/{name}",
    "/pipeline/token-classification/{org}/{name}",
]
LOOKING_UP = [
    "/",
    "/api/models",
    "/api/models/{name}",
    "/api/models/{org}/{name}",
    "/api/tasks",
    "/framework/{framework}",
    "/health",
    "/hf-inference/models/{name}",
    "/hf-inference/models/{org}/{name}",
    "/models/{name}",
    "/models/{org}/{name}",
    "/openapi.json",
    "/status/{name}",
    "/status/{org}/{name}",
]
DOCUMENT: Any = schemas.openapi()
OPERATIONS = [(path, method) for path, item in DOCUMENT["paths"].items() for method in item]
REGISTRY: Registry[Any] = Registry().with_resource(
    "urn:openapi", Resource.from_contents(DOCUMENT, default_specification=DRAFT202012)
)


def paths_with(method: str) -> list[str]:
    return sorted(path for path, item in DOCUMENT["paths"].items() if method in item)


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (each for key, each in value.items() if key == "$ref")
        for member in value.values():
            yield from references(member)
    if isinstance(value, list):
        for member in value:
            yield from references(member)


def media(value: Any, pointer: str) -> Iterator[Any]:
    """Each example of each media type, with the pointer of its schema."""
    if not isinstance(value, dict):
        return
    for kind, content in value.get("content", {}).items():
        place = f"{pointer}/content/{kind.replace('/', '~1')}/schema"
        for name, example in content.get("examples", {}).items():
            yield pytest.param(place, example["value"], id=f"{pointer}-{kind}-{name}")
    for key, member in value.items():
        yield from media(member, f"{pointer}/{key.replace('/', '~1')}")


@pytest.mark.parametrize("profile", schemas.PROFILES)
def test_served_document_is_valid(profile: schemas.Profile) -> None:
    OpenAPIV31SpecValidator(schemas.openapi(profile)).validate()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_document_in_the_repository_is_valid(file: Path) -> None:
    document = json.loads(file.read_text(encoding="utf-8"))

    OpenAPIV31SpecValidator(document, base_uri=file.as_uri()).validate()


@pytest.mark.parametrize("profile", schemas.PROFILES)
def test_served_document_refers_to_itself_only(profile: schemas.Profile) -> None:
    document = schemas.openapi(profile)

    assert {ref.partition("#")[0] for ref in references(document)} == {""}


@pytest.mark.parametrize("profile", schemas.PROFILES)
def test_document_says_which_profile_it_describes(profile: schemas.Profile) -> None:
    info: Any = schemas.openapi(profile)["info"]

    assert f"It describes the profile {profile}" in info["description"]


@pytest.mark.parametrize("profile", schemas.PROFILES)
def test_document_has_the_routes_of_its_profile(profile: schemas.Profile) -> None:
    document: Any = schemas.openapi(profile)

    documented = {
        (re.sub(r"({org}/)?{name}", "{model:path}", path), method.upper())
        for path, item in document["paths"].items()
        for method in item
    }
    served = PROFILES[profile].routes.items()
    assert documented == {(path, method) for path, actions in served for method in actions}


@pytest.mark.parametrize("profile", ["router", "dedicated"])
def test_document_holds_no_component_that_nothing_refers_to(profile: schemas.Profile) -> None:
    document: Any = schemas.openapi(profile)
    held = {
        f"#/components/{kind}/{name}"
        for kind, named in document["components"].items()
        for name in named
        if kind != "securitySchemes"  # They are named without a pointer.
    }
    assert held == {ref for ref in references(document) if ref.count("/") == 3}


@pytest.mark.parametrize(
    ("pointer", "example", "profile"),
    [
        pytest.param(*param.values, profile, id=f"{profile}-{param.id}")
        for profile in ("router", "dedicated")
        for param in media(schemas.openapi(profile), "")
    ],
)
def test_example_of_another_document_is_valid(
    pointer: str, example: Any, profile: schemas.Profile
) -> None:
    resource = Resource.from_contents(schemas.openapi(profile), default_specification=DRAFT202012)
    registry: Registry[Any] = Registry().with_resource("urn:other", resource)
    validator = Draft202012Validator({"$ref": f"urn:other#{pointer}"}, registry=registry)

    assert list(validator.iter_errors(example)) == []


def test_document_in_the_repository_refers_to_files_beside_it() -> None:
    files = {ref.partition("#")[0] for ref in references(json.loads(FILE.read_text("utf-8")))}

    assert files == {""} | {
        f"{name}.schema.json"
        for name in ("answer", "error", "model-info", "model-loading", "request")
    }


@pytest.mark.parametrize("ref", sorted(set(references(DOCUMENT))))
def test_reference_leads_somewhere(ref: str) -> None:
    assert REGISTRY.resolver("urn:openapi").lookup(f"urn:openapi{ref}").contents


@pytest.mark.parametrize("name", sorted(set(schemas.names()) - {"report"}))
def test_served_document_holds_each_schema(name: str) -> None:
    schema = DOCUMENT["components"]["schemas"][name]

    assert schema["title"] == schemas.load(name)["title"]
    assert "$id" not in schema


def test_served_document_holds_nothing_that_is_not_on_the_wire() -> None:
    assert "report" not in DOCUMENT["components"]["schemas"]


def test_each_call_gives_a_document_of_its_own() -> None:
    schemas.openapi().clear()

    assert schemas.openapi() == DOCUMENT


def test_documents_every_address_of_a_model() -> None:
    assert paths_with("post") == CLASSIFYING


def test_documents_every_look_up() -> None:
    assert paths_with("get") == LOOKING_UP


@pytest.mark.parametrize("path", CLASSIFYING)
def test_classification_documents_its_statuses(path: str) -> None:
    responses = DOCUMENT["paths"][path]["post"]["responses"]

    assert list(responses) == ["200", "400", "403", "404", "405", "413", "500", "503"]


@pytest.mark.parametrize("path", CLASSIFYING)
def test_classification_documents_its_headers(path: str) -> None:
    parameters = [
        ref["$ref"].split("/")[-1] for ref in DOCUMENT["paths"][path]["post"]["parameters"]
    ]

    assert parameters[-3:] == ["x-use-cache", "x-wait-for-model", "x-load-model"]


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_path_parameters_are_those_of_the_template(path: str, method: str) -> None:
    referred = DOCUMENT["paths"][path][method].get("parameters", [])

    parameters = [
        DOCUMENT["components"]["parameters"][PurePath(each["$ref"]).name] for each in referred
    ]

    in_path = [each["name"] for each in parameters if each["in"] == "path"]
    assert in_path == re.findall(r"{(\w+)}", path)


def test_token_is_optional() -> None:
    assert DOCUMENT["security"] == [{}, {"token": []}]


@pytest.mark.parametrize(("pointer", "example"), list(media(DOCUMENT, "")))
def test_example_of_the_document_is_valid(pointer: str, example: Any) -> None:
    validator = Draft202012Validator({"$ref": f"urn:openapi#{pointer}"}, registry=REGISTRY)

    assert list(validator.iter_errors(example)) == []


@pytest.mark.parametrize("name", sorted(DOCUMENT["components"]["headers"]))
def test_example_of_a_header_is_valid(name: str) -> None:
    schema = DOCUMENT["components"]["headers"][name]["schema"]

    assert Draft202012Validator(schema).is_valid(schema["examples"][0])


@pytest.mark.parametrize("name", sorted(DOCUMENT["components"]["responses"]))
def test_response_has_an_example(name: str) -> None:
    assert DOCUMENT["components"]["responses"][name]["content"]["application/json"]["examples"]
