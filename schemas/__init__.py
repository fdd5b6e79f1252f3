"""The contract as data: JSON Schemas, the OpenAPI document and the clauses.

Everything here is read from the files beside this one and needs the standard library only;
``jsonschema`` is imported when :func:`validator` is first called.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

__all__ = [
    "JSON",
    "LEVELS",
    "PROFILES",
    "Clause",
    "Level",
    "Party",
    "Profile",
    "SchemasError",
    "UnknownSchema",
    "clauses",
    "load",
    "names",
    "openapi",
    "validator",
]

JSON: TypeAlias = "dict[str, JSON] | list[JSON] | str | int | float | bool | None"
Level: TypeAlias = Literal["MUST", "SHOULD", "MAY"]
Profile: TypeAlias = Literal["classic", "router", "dedicated"]
#: Whom a clause binds: who answers or who calls.
Party: TypeAlias = Literal["endpoint", "client"]

LEVELS: tuple[Level, ...] = ("MUST", "SHOULD", "MAY")
PROFILES: tuple[Profile, ...] = ("classic", "router", "dedicated")

_FOLDER = Path(__file__).parent
_SUFFIX = ".schema.json"


class SchemasError(Exception):
    """Anything that this package reports to its caller."""


class UnknownSchema(SchemasError, LookupError):
    """No schema has the name that was asked for."""

    def __init__(self, name: str) -> None:
        from difflib import get_close_matches

        self.name = name
        self.nearest = next(iter(get_close_matches(name, names())), None)
        hint = f" Did you mean {self.nearest!r}?" if self.nearest else ""
        super().__init__(f"no schema {name[:80]!r}; there are {', '.join(names())}.{hint}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One sentence of the contract, with where it comes from and who keeps it."""

    id: str  #: Topic, dot, what holds: ``span.slice-is-word``.
    level: Level
    text: str
    source: str
    profiles: tuple[Profile, ...]
    #: Profile to how it reads what the page leaves open.
    readings: Mapping[Profile, str] = field(default_factory=dict, hash=False)
    observable: bool = True
    why_not: str = ""  #: Why nobody outside can see it, when ``observable`` is false.

    @property
    def topic(self) -> str:
        """The part of the id before the dot."""
        return self.id.partition(".")[0]

    @property
    def of(self) -> Party:
        """Whom it binds."""
        return "client" if self.topic == "client" else "endpoint"


@cache
def names() -> tuple[str, ...]:
    """The names that :func:`load` knows, in alphabetical order."""
    files = (entry.name for entry in _FOLDER.iterdir())
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in files if name.endswith(_SUFFIX)))


def load(name: str) -> dict[str, JSON]:
    """The JSON Schema called ``name``, a fresh copy at each call."""
    if name not in names():
        raise UnknownSchema(name)
    schema: dict[str, JSON] = json.loads(_text(name + _SUFFIX))
    return schema


def validator(name: str) -> Validator:
    """A draft 2020-12 validator for the schema ``name``; its references resolve offline.

    It departs from the draft in one point: an integer is written without a fraction part, so
    5.0 is none. The pipeline refuses 5.0 where it wants 5.
    """
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend
    from referencing import Registry

    contents: list[tuple[str, bool | Mapping[str, Any]]] = [
        (str(schema["$id"]), schema) for schema in map(load, names())
    ]
    registry: Registry[bool | Mapping[str, Any]] = Registry().with_contents(contents)
    types = Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_integer)
    strict: type[Validator] = extend(  # type: ignore[no-untyped-call]  # Its stubs leave it bare.
        Draft202012Validator, type_checker=types
    )
    return strict(load(name), registry=registry)


def _is_integer(_checker: object, instance: object) -> bool:
    return isinstance(instance, int) and not isinstance(instance, bool)


def openapi(profile: Profile = "classic") -> dict[str, JSON]:
    """The OpenAPI 3.1 document of that profile in one piece, with the schemas as components.

    An integer with two bounds becomes a list of its values there. JSON Schema calls 5.0 an
    integer, the API does not, and a list keeps tools from sending it.
    """
    from .documents import assemble

    return assemble(profile)


@cache
def clauses(of: Party = "endpoint") -> tuple[Clause, ...]:
    """Every clause that binds endpoints, or clients, in the order of ``clauses.toml``."""
    return tuple(clause for clause in _all_clauses() if clause.of == of)


@cache
def _all_clauses() -> tuple[Clause, ...]:
    import tomllib

    topics = tomllib.loads(_text("clauses.toml"))
    return tuple(
        _clause(f"{topic}.{name}", fields)
        for topic, named in topics.items()
        for name, fields in named.items()
    )


def _clause(clause_id: str, fields: dict[str, Any]) -> Clause:
    profiles = tuple(fields.pop("profiles"))
    readings = MappingProxyType(fields.pop("readings", {}))
    return Clause(id=clause_id, profiles=profiles, readings=readings, **fields)


@cache
def _text(file: str) -> str:
    return (_FOLDER / file).read_text(encoding="utf-8")
