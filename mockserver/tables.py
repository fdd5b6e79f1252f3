"""Tables: a TOML table read into a frozen dataclass, each key and type checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from .errors import NertwinError, did_you_mean, quote

_Dataclass = TypeVar("_Dataclass")


class BadTable(NertwinError):
    """A key is unknown or a value is of the wrong type."""


def read_table(cls: type[_Dataclass], table: Mapping[str, object], *, where: str) -> _Dataclass:
    """An instance of the dataclass ``cls`` with the values of ``table``; lists become tuples.

    ``where`` names the table in messages, as ``models."acme/ner"``.

    Raises:
        BadTable: It names the key, what came and what was wanted.
    """
    hints = hints_of(cls)
    known = keys_of(cls)
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in known:
            raise BadTable(
                f"{where}: there is no key {quote(key)}.{did_you_mean(key, known)}"
                f" There are {', '.join(known)}."
            )
        values[key] = check_value(value, hints[key], where=f"{where}: {key}")
    return cls(**values)


def hints_of(cls: type[object]) -> Mapping[str, Any]:
    """The type of each field; it is written as a text, which takes long to read."""
    return _read_hints(cls)  # type: ignore[arg-type]  # A class has a hash.


@cache
def _read_hints(cls: type[object]) -> Mapping[str, Any]:
    return get_type_hints(cls)


def keys_of(cls: type[object]) -> list[str]:
    """The fields of a dataclass that a table may set; ``metadata={"key": False}`` hides one."""
    known = fields(cls)  # type: ignore[arg-type]  # It is a dataclass.
    return [field.name for field in known if field.metadata.get("key", True)]


def check_value(value: object, wanted: Any, *, where: str) -> object:  # noqa: ANN401
    """The value if it is of the type ``wanted``; a list as a tuple, a table as a dataclass.

    Raises:
        BadTable: It is of another type.
    """
    if get_origin(wanted) in (Union, UnionType):  # Something or None, which no TOML can write.
        if value is None:
            return None
        (wanted,) = set(get_args(wanted)) - {NoneType}
    if wanted is Any:
        return value
    if is_dataclass(wanted) and isinstance(value, Mapping):
        return read_table(wanted, value, where=where)  # type: ignore[arg-type]  # It is a class.
    if get_origin(wanted) is tuple and is_dataclass(get_args(wanted)[0]):
        return _check_tables(value, get_args(wanted)[0], where)
    words = _in_words(value, wanted)
    if words is None:
        return tuple(value) if isinstance(value, list) else value
    is_choice = get_origin(wanted) is Literal and isinstance(value, str)
    suggestion = did_you_mean(str(value), get_args(wanted)) if is_choice else ""
    # Whoever forgets the quotes around a token has still written a token.
    shown = f"of type {type(value).__name__}" if where.endswith("token") else quote(value)
    raise BadTable(f"{where} is {shown}; it must be {words}.{suggestion}")


def _check_tables(value: object, wanted: Any, where: str) -> tuple[object, ...]:  # noqa: ANN401
    """The list of tables as dataclasses; each is called by its number, from 1."""
    if not isinstance(value, (list, tuple)):
        raise BadTable(f"{where} is {quote(value)}; it must be a list of tables.")
    return tuple(
        check_value(item, wanted, where=f"{where}: number {number}")
        for number, item in enumerate(value, 1)
    )


def _in_words(value: object, wanted: Any) -> str | None:  # noqa: ANN401
    """What was wanted, in words, or None when the value is that."""
    if get_origin(wanted) is Literal:
        choices = get_args(wanted)
        return None if value in choices else f"one of {', '.join(map(repr, choices))}"
    if wanted is float:
        wanted = (int, float)
    if get_origin(wanted) is tuple:
        fits = isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value)
        return None if fits else "a list of strings"
    if is_dataclass(wanted):
        return None if isinstance(value, wanted) else "a table"  # type: ignore[arg-type]  # As above.
    if get_origin(wanted) is Mapping:
        return None if isinstance(value, Mapping) else "a table"
    if isinstance(value, bool) and wanted is not bool:
        return _WORDS[wanted]
    return None if isinstance(value, wanted) else _WORDS[wanted]


_WORDS: dict[Any, str] = {
    str: "a string",
    bool: "true or false",
    int: "a whole number",
    (int, float): "a number",
}
