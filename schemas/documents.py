"""Documents: the OpenAPI documents, one a profile, each in one piece."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TypeAlias, cast

from . import _SUFFIX, JSON, Profile, _text, names

_Components: TypeAlias = "dict[str, dict[str, JSON]]"
_Name: TypeAlias = tuple[str, str]  # A component's kind, and its own.

_OFF_THE_WIRE = frozenset({"report"})  # Ours, and no part of the API that a document tells of.
_COMPONENTS = "#/components/"
#: What the other documents refer to is in the first one's file.
_FILES: dict[Profile, str] = {
    "classic": "openapi.json",
    "router": "openapi.router.json",
    "dedicated": "openapi.dedicated.json",
}


def assemble(profile: Profile) -> dict[str, JSON]:
    """The document of what that profile serves, with all that it refers to in its components."""
    document = _rewired(_FILES[profile], _to_component)
    components = cast("_Components", document["components"])
    schemas: dict[str, JSON] = {
        name: _as_component(name) for name in names() if name not in _OFF_THE_WIRE
    }
    if profile == "classic":
        components["schemas"] |= schemas
        return document
    shared = cast("_Components", _rewired(_FILES["classic"], _to_component)["components"])
    shared["schemas"] |= schemas
    while missing := _missing(document, components):
        for kind, name in missing:
            components.setdefault(kind, {})[name] = shared[kind][name]
    return document


def _missing(document: JSON, components: _Components) -> list[_Name]:
    """The components that the document refers to and does not have."""
    referred = sorted({_named(ref) for ref in _references(document)})
    return [(kind, name) for kind, name in referred if name not in components.get(kind, {})]


def _named(ref: str) -> _Name:
    kind, name = ref.removeprefix(_COMPONENTS).split("/")[:2]
    return kind, name


def _references(value: JSON) -> Iterator[str]:
    if isinstance(value, dict):
        ref = value.get("$ref")
        if isinstance(ref, str):
            yield ref
        for member in value.values():
            yield from _references(member)
    elif isinstance(value, list):
        for member in value:
            yield from _references(member)


def _as_component(name: str) -> dict[str, JSON]:
    here = f"{_COMPONENTS}schemas/{name}"
    schema = _rewired(
        name + _SUFFIX,
        lambda ref: here + ref[1:] if ref.startswith("#") else _to_component(ref),
        list_values=True,
    )
    # An embedded `$id` would change what every `#/…` below it means; not all tools know that.
    return {key: value for key, value in schema.items() if key not in ("$id", "$schema")}


def _to_component(ref: str) -> str:
    if ref.endswith(_SUFFIX):
        return f"{_COMPONENTS}schemas/{ref.removesuffix(_SUFFIX)}"
    return ref.removeprefix(_FILES["classic"])


def _rewired(
    file: str, change: Callable[[str], str], *, list_values: bool = False
) -> dict[str, JSON]:
    """The file's object with every reference in it changed and, if asked, bounds as lists."""

    def rewire(found: dict[str, JSON]) -> dict[str, JSON]:
        if list_values and {"minimum", "maximum"} <= set(found) and found["type"] == "integer":
            return {
                "enum": list(
                    range(cast("int", found["minimum"]), cast("int", found["maximum"]) + 1)
                )
            }
        ref = found.get("$ref")
        return {**found, "$ref": change(ref)} if isinstance(ref, str) else found

    document: dict[str, JSON] = json.loads(_text(file), object_hook=rewire)
    return document
