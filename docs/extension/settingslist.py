"""Settings: their tables as Markdown, from the dataclasses and the comments on their fields."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from typing import Any, Literal, Union, get_args, get_origin

from sphinx.pycode import ModuleAnalyzer

from nertwin.mockserver import Fault, Life, ModelCard, QuotaPlan, Rule, Settings
from nertwin.mockserver.settings import SESSION_KEYS
from nertwin.mockserver.tables import hints_of, keys_of

from .text import code, plain, table

_TABLES: tuple[tuple[str, str, type], ...] = (
    ('`[models."ORG/NAME"]`: a model', "models", ModelCard),
    ('`[models."ORG/NAME".life]`: how a model starts', "life", Life),
    ("`[quota]`: how many calls may be made", "quota", QuotaPlan),
    ("`[[rules]]`: what is found", "rules", Rule),
    ("`[[faults]]`: which calls are hurt, and how", "faults", Fault),
)
_WORDS = {str: "text", bool: "true or false", int: "whole number", float: "number"}


def markdown() -> str:
    """The settings of a server, and each table that they can hold."""
    parts = [f"## A server\n\n{_server()}"]
    parts += [f"(settings-{name})=\n## {title}\n\n{_fields(cls)}" for title, name, cls in _TABLES]
    return "\n".join(parts)


def _server() -> str:
    rows = (
        (*row[:-1], f"{row[-1]}{' ⟳' if name in SESSION_KEYS else ''}")
        for name, row in _rows(Settings).items()
    )
    return table(("setting", "is", "default", ""), rows)


def _fields(cls: type) -> str:
    rows = {name: row for name, row in _rows(cls).items() if name != "id"}
    return table(("key", "is", "default", ""), rows.values())


def _rows(cls: Any) -> dict[str, tuple[str, str, str, str]]:  # noqa: ANN401  # A dataclass.
    hints = hints_of(cls)
    comments = _comments(cls)
    by_name: dict[str, Field[object]] = {each.name: each for each in fields(cls)}
    return {
        name: (code(name), _type(hints[name]), _default(by_name[name]), comments.get(name, ""))
        for name in keys_of(cls)
    }


def _comments(cls: type) -> Mapping[str, str]:
    """What the comments that begin with ``#:`` say of each field."""
    found = ModuleAnalyzer.for_module(cls.__module__).find_attr_docs()
    return {
        name: plain(" ".join(lines).strip())
        for (owner, name), lines in found.items()
        if owner == cls.__name__
    }


def _type(wanted: Any) -> str:  # noqa: ANN401  # A type, or a form of one.
    origin, arguments = get_origin(wanted), get_args(wanted)
    if origin in (Union, types.UnionType):
        (wanted,) = [each for each in arguments if each is not types.NoneType]
        return _type(wanted)
    if origin is Literal:
        return ", ".join(code(str(each)) for each in arguments)
    if origin is tuple:
        return f"list of {_type(arguments[0])}s"
    return _WORDS.get(wanted, "table")


def _default(field: Field[object]) -> str:
    if field.default in (MISSING, None, ()):
        return ""
    value = field.default
    if isinstance(value, bool):
        return code(str(value).lower())
    if isinstance(value, str):
        return code(f'"{value}"')
    if isinstance(value, tuple):
        return ", ".join(code(str(each)) for each in value)
    return code(str(value))
