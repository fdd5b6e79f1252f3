"""Bundles: calls that differ from a plain one in many ways at once, none of which may matter.

Where such a call is answered as the plain one is, nothing in it mattered, and none of these ways
has to be tried alone. Where it is not, nothing is known but that each has to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from nertwin.schemas import JSON

from ..endpoint import Endpoint
from ..exchange import HeaderLines, Request
from ..mutations import write
from .answers import ASTRAL
from .bases import fresh, full_payload
from .check import Plan, plan
from .spellings import dense, spread, turn_and_escape

_T = TypeVar("_T")

CONTENT_TYPES: tuple[str | None, ...] = (
    "application/x-www-form-urlencoded",
    None,
    "text/plain",
    "application/json; charset=iso-8859-1",
    "application/octet-stream",
    "nonsense",
)
ACCEPTS = ("*/*", "application/json")
#: The toolkit behind the router repeats such a list as the type of its answer.
ACCEPTS_OF_CLASSIC = (*ACCEPTS, "application/json, text/html", "text/html;q=0.5, */*;q=0.1")
# What clients, proxies and browsers send beside what the contract names.
_OTHER_HEADERS = (
    ("x-amzn-trace-id", "Root=1-6747a1b2-0123456789abcdef01234567"),
    ("x-request-id", "0123456789abcdef"),
    ("user-agent", "unknown/0.0; python/3.11"),
    ("accept-language", "de, en;q=0.5"),
    ("x-nertwin-unknown", "1"),
)
WAIT = ("x-wait-for-model", "true")
CODINGS = ("gzip", "gzip, deflate")
#: Keys beside ``inputs`` that mean nothing.
OTHER_KEYS: tuple[dict[str, JSON], ...] = (
    {"model": "gpt2", "provider": "hf-inference", "accessToken": None},
    {"wait_for_model": True, "use_cache": "yes", "text": ASTRAL[:-1], "": [], "id": 5},
)
_YES: tuple[JSON, ...] = (True, "true", 1, "TRUE", "1")
_NO: tuple[JSON, ...] = (None, "False", 0, False, "0")
#: What ``options`` may be.
OPTIONS: tuple[JSON, ...] = (
    {"wait_for_model": True, "use_gpu": False},
    None,
    {},
    {"use_gpu": None, "retry_on_error": 5, "": []},
)
#: The ways in which an option is said to be on, and off.
OPTION_VALUES: tuple[JSON, ...] = tuple(
    {"use_cache": yes, "wait_for_model": no} for yes, no in zip(_YES, _NO, strict=True)
)

_SPELLINGS: tuple[Callable[[dict[str, JSON]], bytes], ...] = (turn_and_escape, spread, dense)

# The first bundle varies the body, the second the carriage; those after them hold what is left
# of things that have several values. Each of these tells in which bundle its first value is.
BODY, CARRIAGE, VALUES = 0, 1, len(OPTIONS)


def accepts(endpoint: Endpoint) -> Sequence[str]:
    """The values of ``accept`` for which the answer is JSON."""
    return ACCEPTS_OF_CLASSIC if endpoint.profile == "classic" else ACCEPTS


def other_headers(endpoint: Endpoint) -> HeaderLines:
    """Headers that mean nothing."""
    # A real service would look for somebody to send the bill to.
    return (*_OTHER_HEADERS, *((("x-hf-bill-to", "nertwin"),) if endpoint.is_local else ()))


def bundle(endpoint: Endpoint, number: int) -> Plan:
    """The plain call and a bundle, from ``BODY`` or ``CARRIAGE`` or ``VALUES`` on.

    From ``BODY`` on there are spellings, ``OTHER_KEYS`` and ``OPTIONS``, from ``CARRIAGE`` on
    ``CONTENT_TYPES``, what is accepted and ``CODINGS``, from ``VALUES`` on ``OPTION_VALUES``.
    """
    payload = full_payload(endpoint, ASTRAL)
    spelling = _at(_SPELLINGS, number, write)
    call = Request(
        target=endpoint.address(),
        headers=_headers(endpoint, number),
        body=spelling(_members(number) | payload),
        is_call=True,
        is_chunked=number == CARRIAGE,
        on_new_connection=number == CARRIAGE,
    )
    return plan(endpoint.call(payload), fresh(endpoint, call))


def _members(number: int) -> dict[str, JSON]:
    """What stands beside ``inputs`` and ``parameters``."""
    options = _at((*OPTIONS, *OPTION_VALUES), number, {})
    stream: dict[str, JSON] = {"stream": False} if number == BODY else {}
    return {**_at(OTHER_KEYS, number, {}), **stream, "options": options}


def _headers(endpoint: Endpoint, number: int) -> HeaderLines:
    place = number - CARRIAGE
    # The toolkit reads the type.
    types = CONTENT_TYPES if endpoint.profile == "classic" else ()
    lines: tuple[tuple[str, str | None], ...] = (
        ("content-type", _at(types, place, "application/json")),
        ("accept", _at(accepts(endpoint), place, None)),
        ("accept-encoding", _at(CODINGS, place, None)),
    )
    given = tuple((name, value) for name, value in lines if value is not None)
    if number != CARRIAGE:
        return given
    odd = tuple((name.upper(), value) for name, value in given)
    return (*odd, WAIT, *other_headers(endpoint))


def _at(values: Sequence[_T], place: int, otherwise: _T) -> _T:
    return values[place] if 0 <= place < len(values) else otherwise
