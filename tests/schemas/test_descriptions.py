"""Every property says what it is, and every example is one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from nertwin import schemas

REGISTRY: Registry[Any] = Registry().with_resources(
    (f"https://nertwin.invalid/schemas/{name}.schema.json", Resource.from_contents(schema))
    for name, schema in ((name, schemas.load(name)) for name in schemas.names())
)


def places(value: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    """Every subschema that stands below ``value``, with its JSON pointer."""
    yield pointer, value
    for keyword in ("properties", "$defs"):
        for name, member in value.get(keyword, {}).items():
            yield from places(member, f"{pointer}/{keyword}/{name}")
    for keyword in ("items", "additionalProperties"):
        if isinstance(value.get(keyword), dict):
            yield from places(value[keyword], f"{pointer}/{keyword}")


SUBSCHEMAS = [
    pytest.param(name, pointer, subschema, id=f"{name}#{pointer}")
    for name in schemas.names()
    for pointer, subschema in places(schemas.load(name), "")
]
EXAMPLES = [
    pytest.param(name, pointer, example, id=f"{name}#{pointer}-{place}")
    for name in schemas.names()
    for pointer, subschema in places(schemas.load(name), "")
    for place, example in enumerate(subschema.get("examples", []))
]


def resolved(subschema: dict[str, Any], name: str) -> dict[str, Any]:
    """The subschema with the annotations of what it refers to."""
    if "$ref" not in subschema:
        return subschema
    resolver = REGISTRY.resolver(f"https://nertwin.invalid/schemas/{name}.schema.json")
    return {**resolver.lookup(subschema["$ref"]).contents, **subschema}


@pytest.mark.parametrize(
    ("name", "pointer", "subschema"),
    [each for each in SUBSCHEMAS if str(each.values[1]).split("/")[-2:-1] == ["properties"]],
)
def test_property_has_a_description_and_examples(
    name: str, pointer: str, subschema: dict[str, Any]
) -> None:
    whole = resolved(subschema, name)

    assert whole["description"].endswith("."), pointer
    assert whole["examples"], pointer


@pytest.mark.parametrize(("name", "pointer", "example"), EXAMPLES)
def test_example_is_valid(name: str, pointer: str, example: Any) -> None:
    place = {"$ref": f"https://nertwin.invalid/schemas/{name}.schema.json#{pointer}"}
    validator = Draft202012Validator(place, registry=REGISTRY)

    assert list(validator.iter_errors(example)) == []
