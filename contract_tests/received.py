"""Received: a response that some HTTP library got, with its request, as an exchange."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias, runtime_checkable
from urllib.parse import urlsplit

from nertwin.mockserver.errors import NertwinError
from nertwin.schemas import JSON, Clause

from .checks import Plan, Trial, checks_for
from .endpoint import Endpoint
from .exchange import Exchange, HeaderLines, Request, Response
from .outcomes import Outcome, Verdict
from .tally import Tally


class _Headers(Protocol):
    def items(self) -> Iterable[tuple[Any, Any]]: ...


class _SentRequest(Protocol):
    method: Any
    url: Any
    headers: Any


@runtime_checkable
class ReceivedResponse(Protocol):
    """What ``requests``, ``httpx`` and their test clients give."""

    status_code: int
    headers: Any  #: With ``items()``.

    @property
    def content(self) -> bytes:
        """The body, decoded."""


#: A response of a library, or the JSON document of a 200.
Received: TypeAlias = "ReceivedResponse | Mapping[str, JSON] | Sequence[JSON]"

# These tell of the body as it was before the library decoded it.
_OF_THE_WIRE = ("content-encoding", "transfer-encoding")
_NOWHERE = "http://endpoint.invalid"
_JSON_TYPE = ("content-type", "application/json")


# What such a library doesn't show, and what a document alone does.
_HIDDEN = frozenset({"shape.length-is-true"})
_IN_DOCUMENT = frozenset({"shape", "span", "score", "label"})


class NoRequest(NertwinError):
    """A response can't be judged without knowing what was asked."""


def is_received(given: object) -> bool:
    """Whether it is a response, or the document of one, and no place to ask."""
    return isinstance(given, Mapping | list | tuple | ReceivedResponse)


def read_exchange(
    response: Received, request: object, *, find: Callable[[str, str | None], Endpoint]
) -> tuple[Exchange, Endpoint]:
    """The exchange, and the endpoint that answered: ``find(url, token)``.

    ``request`` is what the library sent, a payload, or a text as ``inputs``; with None it is
    the response's own.

    Raises:
        NoRequest: There is none, or it is of no kind that can be read.
    """
    sent: Any = _own_request(response) if request is None else request
    if isinstance(sent, str):
        sent = {"inputs": sent}
    if isinstance(sent, Mapping):
        endpoint = find(_NOWHERE, None)
        asked = endpoint.call(dict(sent))
    else:
        asked, url, token = _read_request(sent)
        endpoint = find(url, token)
    return Exchange(request=asked, response=_read_response(response).veil(endpoint.token)), endpoint


def _own_request(response: Received) -> object:
    try:
        return getattr(response, "request", None)
    except RuntimeError:  # httpx raises it where nobody has set one.
        return None


def _read_request(sent: _SentRequest) -> tuple[Request, str, str | None]:
    """The request, its URL without a query, and its token."""
    try:
        parts = urlsplit(str(sent.url))
        method, lines = str(sent.method).upper(), _lines(sent.headers)
        body = getattr(sent, "content", None) or getattr(sent, "body", None) or b""
    except AttributeError as error:
        raise NoRequest(
            f"there is no telling what was asked: {type(sent).__name__}. Give request= the payload"
            " that was sent, its text, or the request of requests or httpx."
        ) from error
    sender = next((value for name, value in lines if name.lower() == "authorization"), "")
    asked = Request(
        method=method,
        target=parts.path + (f"?{parts.query}" if parts.query else ""),
        headers=tuple(line for line in lines if line[0].lower() != "authorization"),
        body=body.encode() if isinstance(body, str) else bytes(body),
        is_call=method == "POST",
    )
    url = f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}"
    return asked, url, sender.removeprefix("Bearer ").strip() or None


def _read_response(response: Received) -> Response:
    if not isinstance(response, ReceivedResponse):
        # Half a surrogate pair can be written as an escape only.
        body = json.dumps(response).encode()
        return Response(status=200, headers=(_JSON_TYPE,), body=body)
    length = str(len(response.content))
    lines = tuple(
        (name, length if name.lower() == "content-length" else value)
        for name, value in _lines(response.headers)
        if name.lower() not in _OF_THE_WIRE
    )
    return Response(status=response.status_code, headers=lines, body=response.content)


def _lines(headers: _Headers) -> HeaderLines:
    # httpx joins lines of one name in items().
    pairs = getattr(headers, "multi_items", headers.items)()
    return tuple((str(name), str(value)) for name, value in pairs)


def judge_received(
    response: Received, exchange: Exchange, endpoint: Endpoint, clauses: Sequence[Clause]
) -> Verdict:
    """The verdict of the checks that can judge one exchange by itself, and of no others."""
    is_document = not isinstance(response, ReceivedResponse)
    shown = {
        clause.id: clause
        for clause in clauses
        if clause.id not in _HIDDEN and not (is_document and clause.topic not in _IN_DOCUMENT)
    }
    trial = Trial(exchanges=(exchange,), endpoint=endpoint)
    results = []
    for check in checks_for(shown.values()):
        if check.watches and not check.is_soft and check.watches(exchange):
            tally = Tally(check, shown[check.clause])
            tally.take(Plan((exchange.request,)), trial)
            results.append(tally.result(""))
    decided = [each for each in results if each.outcome is not Outcome.INCONCLUSIVE]
    return Verdict(
        endpoint=endpoint,
        seed=0,
        results=tuple(decided),
        requests=0,
        judged=len(results),
        stopped="" if decided else "the response shows nothing that could be judged",
    )
