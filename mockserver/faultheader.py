"""Fault header: the faults that a request asks for itself, ``x-nertwin-fault: 429``."""

from __future__ import annotations

import re
from dataclasses import fields
from functools import lru_cache
from typing import Any, get_type_hints

from .errors import did_you_mean, quote
from .faults import FAULT_HEADER, KINDS, BadFault, Fault

_MOST_FAULTS = 20
# One call is hurt, the header's own, so what chooses calls has no place there.
_CHOOSES_CALLS = ("times", "after", "every", "probability", "model", "text")
_SETTABLE = tuple(
    field.name for field in fields(Fault) if field.name not in ("kind", *_CHOOSES_CALLS)
)
_KEYS = ", ".join(_SETTABLE)
_NUMBER = re.compile(r"[0-9]{1,18}(\.[0-9]{1,18})?\Z")
# A word, or a string in quotes in which a backslash keeps the next character as it is.
_PART = re.compile(r'\s*([^\s,;="]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,;="]+))\s*)?([;,]|\Z)')
_FORM = "write KIND; key=value, KIND; …, as in 503; estimated_time=7.5, latency; seconds=2"


@lru_cache(maxsize=256)
def parse_faults(text: str) -> tuple[Fault, ...]:
    """The faults of a header: kinds with their fields, ``latency; seconds=2, 429``.

    Values with blanks, commas or semicolons stand in quotes, the choices of ``evolve``
    apart by blanks.

    Raises:
        BadFault: It names what came and what can be written.
    """
    faults: list[Fault] = []
    kind, values = "", dict[str, Any]()
    place = 0
    while True:
        part = _PART.match(text, place)
        if part is None:
            raise BadFault(f"{FAULT_HEADER} is malformed at {quote(text[place:])}; {_FORM}")
        name, quoted, plain, end = part.groups()
        value = plain if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
        if not kind:
            kind = _check_kind(name, value)
        else:
            values[name] = _read_value(kind, name, value)
        if end != ";":
            faults.append(Fault(kind=kind, **values))  # type: ignore[arg-type]  # It is checked.
            kind, values = "", {}
        if len(faults) > _MOST_FAULTS:
            raise BadFault(f"{FAULT_HEADER} has more than {_MOST_FAULTS} faults; one is enough")
        if not end:
            return tuple(faults)
        place = part.end()


def _check_kind(name: str, value: str | None) -> str:
    if value is not None:
        raise BadFault(f"{FAULT_HEADER} begins a fault with {name}=; name its kind first; {_FORM}")
    if name not in KINDS:
        raise BadFault(
            f"{FAULT_HEADER}: there is no fault {quote(name)}; there are {', '.join(KINDS)}."
            f"{did_you_mean(name, KINDS)}"
        )
    return name


def _read_value(kind: str, name: str, value: str | None) -> object:
    where = f"{FAULT_HEADER}: {kind}"
    if name in _CHOOSES_CALLS:
        raise BadFault(
            f"{where}: {name} chooses among calls, and a header hurts its own call only;"
            " leave it out, or put the fault into the session's plan"
        )
    if name not in _SETTABLE:
        raise BadFault(
            f"{where}: there is no key {quote(name)}; there are {_KEYS}."
            f"{did_you_mean(name, _SETTABLE)}"
        )
    if value is None:
        raise BadFault(f"{where}: {name} has no value; write {name}=VALUE")
    if name == "evolve":
        return tuple(value.split())
    wanted = get_type_hints(Fault)[name]
    if wanted in (int, float, int | None, float | None) and _NUMBER.match(value):
        return float(value) if "." in value else int(value)
    return value
