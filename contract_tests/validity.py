"""Validity: whether the bytes of a body are a valid call, read without the stand-in's help.

What a mutation made is read again before anybody calls it malformed.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING

from nertwin.schemas import JSON, validator

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

_BYTE_ORDER_MARK = "\ufeff"


def find_fault(body: bytes) -> str:
    """What the contract has against a body, in words; empty where it has nothing.

    Nesting that Python can't read is nothing against it.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        return f"byte {error.start} is no UTF-8"
    if text.startswith(_BYTE_ORDER_MARK):
        return "it begins with a byte order mark"
    try:
        document: JSON = json.loads(text, parse_constant=_refuse_constant)
        # Half a surrogate pair can't be written as UTF-8.
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return "it holds half a surrogate pair"
    except ValueError as error:
        return f"it is no JSON text: {error}"
    except RecursionError:
        return ""
    fault = next(iter(_request().iter_errors(document)), None)
    return "" if fault is None else f"{fault.json_path}: {fault.message}"


def _refuse_constant(name: str) -> JSON:
    message = f"{name} is no JSON number"
    raise ValueError(message)


@cache
def _request() -> Validator:
    return validator("request")
