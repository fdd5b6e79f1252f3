"""Strict JSON: a document read to its last byte, as the contract wants it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from nertwin.schemas import JSON


class NotStrict(ValueError):
    """The bytes are no JSON text, or one that readers understand differently."""


def read_strictly(body: bytes) -> JSON:
    """The document in ``body``.

    Raises:
        NotStrict: No UTF-8, no JSON, more than one text, NaN, Infinity or a key given twice.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotStrict(f"byte {error.start} is no UTF-8") from error
    try:
        document: JSON = json.loads(
            text, parse_constant=_refuse_constant, object_pairs_hook=_refuse_twice
        )
    except json.JSONDecodeError as error:
        raise NotStrict(f"{error.msg} at character {error.pos} of {len(text)}") from error
    except RecursionError as error:
        raise NotStrict("nested too deeply to be read") from error
    except NotStrict:
        raise
    except ValueError as error:  # Python reads no whole number of more than 4300 digits.
        raise NotStrict("a number has too many digits to be read") from error
    return document


def _refuse_constant(name: str) -> JSON:
    raise NotStrict(f"{name} is no JSON number")


def _refuse_twice(pairs: Sequence[tuple[str, JSON]]) -> dict[str, JSON]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise NotStrict(f"the key {_first_repeated(key for key, _ in pairs)!r} is given twice")
    return found


def _first_repeated(keys: Iterable[str]) -> str:
    seen: set[str] = set()
    return next(key for key in keys if key in seen or seen.add(key))  # type: ignore[func-returns-value]
