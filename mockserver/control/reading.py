"""Reading: the body and the query of a request to the control API, key by key."""

from __future__ import annotations

import re
from typing import Any, TypeVar, get_args

import orjson
from starlette.requests import Request

from ..errors import did_you_mean, quote
from ..incoming import BodyTooLarge, read_body
from ..tables import hints_of, keys_of, read_table
from .describing import required_keys
from .refusal import ControlRefused

_LIMIT = 1024 * 1024
_INTEGER = re.compile(r"-?[0-9]{1,18}\Z")
_TRUTHS = {"true": True, "false": False}
_Dataclass = TypeVar("_Dataclass")


async def read_json(
    request: Request, cls: type[_Dataclass], alternative: type[_Dataclass] | None = None
) -> _Dataclass:
    """The body of the request as an instance of ``cls``; no body at all is an empty object.

    It is an instance of the ``alternative`` if it has the key of that one's only field.

    Raises:
        ControlRefused: 413 or 400; the message says what is wrong.
        NertwinError: A value is wrong.
    """
    body = await read_bounded(request)
    try:
        document = orjson.loads(body) if body.strip() else {}
    except orjson.JSONDecodeError as error:
        raise ControlRefused(
            400, f"the body is no JSON: {error}. Send an object with {_listed(cls)}."
        ) from error
    if not isinstance(document, dict):
        raise ControlRefused(
            400, f"the body is {quote(document)}; it must be an object with {_listed(cls)}"
        )
    other = f", or with {_listed(alternative)}" if alternative is not None else ""
    if alternative is not None and keys_of(alternative)[0] in document:
        cls, other = alternative, ""
    lacks = [name for name in required_keys(cls) if name not in document]
    if lacks:
        unknown = [key for key in document if key not in keys_of(cls)]
        came = f" It has {', '.join(map(quote, unknown[:3]))}." if unknown else ""
        raise ControlRefused(
            400,
            f"the body lacks {lacks[0]!r}.{came} It must be an object with {_listed(cls)}{other}.",
        )
    return read_table(cls, document, where="body")


async def read_bounded(request: Request) -> bytes:
    """The body of the request.

    Raises:
        ControlRefused: 413, it has more than a mebibyte.
    """
    try:
        return await read_body(request, _LIMIT)
    except BodyTooLarge as error:
        raise ControlRefused(
            413, f"the body has more than {_LIMIT} bytes, which the control API never needs"
        ) from error


def read_query(request: Request, cls: type[_Dataclass] | None) -> _Dataclass | None:
    """The query of the request as an instance of ``cls``; None takes no query.

    Raises:
        ControlRefused: 400, a key stands there twice or none is known.
        NertwinError: A value is wrong.
    """
    known = keys_of(cls) if cls else []
    hints = hints_of(cls) if cls else {}
    table: dict[str, object] = {}
    for key, text in request.query_params.multi_items():
        if key not in known:
            there_are = f"there are {', '.join(known)}" if known else "the path takes none"
            raise ControlRefused(
                400, f"query: there is no {quote(key)}; {there_are}.{did_you_mean(key, known)}"
            )
        if key in table:
            raise ControlRefused(400, f"query: {key!r} is given twice; give it once")
        table[key] = _parse(text, hints[key])
    return read_table(cls, table, where="query") if cls else None


def _parse(text: str, wanted: Any) -> object:  # noqa: ANN401
    if wanted is bool:
        return _TRUTHS.get(text, text)
    is_integer = wanted is int or int in get_args(wanted)
    return int(text) if is_integer and _INTEGER.match(text) else text


def _listed(cls: type[object]) -> str:
    return ", ".join(keys_of(cls))
