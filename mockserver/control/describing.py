"""Describing: dataclasses and their types as JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from nertwin.schemas import JSON

from ..tables import keys_of

_PLAIN: dict[Any, str] = {str: "string", bool: "boolean", int: "integer", float: "number"}

STRING: dict[str, JSON] = {"type": "string"}
INTEGER: dict[str, JSON] = {"type": "integer"}
NUMBER: dict[str, JSON] = {"type": "number"}
#: What the id of a session is like.
ID: dict[str, JSON] = {
    "pattern": "^[A-Za-z0-9_.-]*[A-Za-z0-9_-][A-Za-z0-9_.-]*$",
    "maxLength": 64,
}


def an_object(**properties: dict[str, JSON]) -> dict[str, JSON]:
    """The schema of an object that has all these keys and no other."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def a_list(items: dict[str, JSON]) -> dict[str, JSON]:
    """The schema of a list of such items."""
    return {"type": "array", "items": items}


def or_null(schema: dict[str, JSON]) -> dict[str, JSON]:
    """The schema of that or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def schema_of(wanted: Any) -> dict[str, JSON]:  # noqa: ANN401
    """The schema of what :func:`~nertwin.mockserver.tables.check_value` takes for a type."""
    if get_origin(wanted) in (Union, UnionType):
        (wanted,) = set(get_args(wanted)) - {NoneType}
        return or_null(schema_of(wanted))
    if wanted is Any:
        return {}
    if get_origin(wanted) is Literal:
        return {"type": "string", "enum": list(get_args(wanted))}
    if get_origin(wanted) is tuple:
        return a_list(schema_of(get_args(wanted)[0]))
    if get_origin(wanted) is Mapping:
        return {"type": "object"}
    if is_dataclass(wanted):
        return _of_dataclass(wanted)  # type: ignore[arg-type]  # It is a class.
    return {"type": _PLAIN[wanted]}


def only_given(value: Any) -> dict[str, JSON]:  # noqa: ANN401
    """The fields of a dataclass's instance that differ from their defaults."""
    return {
        each.name: getattr(value, each.name)
        for each in fields(value)
        if getattr(value, each.name) != each.default
    }


def properties_of(cls: type[object]) -> dict[str, dict[str, JSON]]:
    """The schema of each field that a table may set.

    A field's ``metadata={"schema": …}`` adds what its type doesn't tell.
    """
    hints = get_type_hints(cls)
    metadata = {each.name: each.metadata for each in fields(cls)}  # type: ignore[arg-type]
    return {
        name: {**schema_of(hints[name]), **metadata[name].get("schema", {})}
        for name in keys_of(cls)
    }


def required_keys(cls: type[object]) -> list[str]:
    """The fields of a dataclass that have no default."""
    return [
        each.name
        for each in fields(cls)  # type: ignore[arg-type]  # It is a dataclass.
        if each.default is MISSING and each.default_factory is MISSING
    ]


def _of_dataclass(cls: type[object]) -> dict[str, JSON]:
    required: list[JSON] = [*required_keys(cls)]
    return {**an_object(**properties_of(cls)), "required": required}
