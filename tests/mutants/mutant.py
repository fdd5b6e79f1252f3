"""Mutant: a good endpoint's exchanges with one thing made wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from zlib import crc32

from nertwin.contract_tests.checks.answers import is_refusal
from nertwin.contract_tests.client import Transport
from nertwin.contract_tests.entries import Entry
from nertwin.contract_tests.exchange import Exchange, Request, Response
from nertwin.schemas import Profile

Change = Callable[[Exchange], Exchange]


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """A change, and the clauses besides its own that it can't help violating, with the reason."""

    change: Change = lambda exchange: exchange
    #: In place of ``change`` one that remembers, made anew for each run.
    begin: Callable[[], Change] | None = None
    #: What becomes of exchanges that are under way at the same time.
    mix: Callable[[tuple[Exchange, ...]], tuple[Exchange, ...]] = lambda exchanges: exchanges
    #: What the endpoint takes a request for.
    misread: Callable[[Request], Request] = lambda request: request
    also: Mapping[str, str] = field(default_factory=dict)
    #: Whether it refuses nearly every call, so that many clauses of other topics fail with its own.
    is_total: bool = False
    profile: Profile = "classic"
    #: A broken endpoint before the good one, for faults that remember what came before.
    wrap: Callable[[Transport], Transport] = lambda transport: transport


@dataclass
class Recorded:
    """A transport that asks the real one once for equal requests, in all tests together."""

    transport: Transport
    kept: dict[Request, Exchange] = field(default_factory=dict)

    def send(self, request: Request) -> Exchange:
        if request in self.kept:
            return self.kept[request]
        exchange = self.transport.send(request)
        if not (exchange.status == 503 and request.is_patient):  # It is asked again after a while.
            self.kept[request] = exchange
        return exchange

    def send_together(self, requests: tuple[Request, ...]) -> tuple[Exchange, ...]:
        if any(request not in self.kept for request in requests):
            exchanges = self.transport.send_together(requests)
            # What was recorded stays: asked again, a call is answered from the cache.
            self.kept = dict(zip(requests, exchanges, strict=True)) | self.kept
        return tuple(self.kept[request] for request in requests)


@dataclass
class MutantTransport:
    """A transport to a good endpoint that a mutant has got between."""

    transport: Transport
    mutant: Mutant

    def __post_init__(self) -> None:
        self.transport = self.mutant.wrap(self.transport)
        self._change = self.mutant.begin() if self.mutant.begin else self.mutant.change

    def send(self, request: Request) -> Exchange:
        return self._changed(request, self.transport.send(self._misread(request)))

    def send_together(self, requests: tuple[Request, ...]) -> tuple[Exchange, ...]:
        exchanges = self.transport.send_together(tuple(map(self._misread, requests)))
        return self.mutant.mix(tuple(map(self._changed, requests, exchanges)))

    def _misread(self, request: Request) -> Request:
        misread = self.mutant.misread(request)
        if misread.body == request.body:
            return misread
        # Each call that is misread in a session of its own, or it would get the answer that was
        # kept for the call that it was misread as, also by another mutant.
        session = f"misread-{crc32(request.body)}-{crc32(misread.body)}"
        return misread.with_headers(("x-nertwin-session", session))

    def _changed(self, request: Request, exchange: Exchange) -> Exchange:
        return self._change(replace(exchange, request=request))


def misread_parameters(
    change: Callable[[dict[str, Any]], dict[str, Any]],
) -> Callable[[Request], Request]:
    """A misreading of the parameters of calls that have some."""

    def misread(request: Request) -> Request:
        payload = request.payload
        if not request.is_call or not isinstance(payload, dict) or not request.parameters:
            return request
        changed = change(request.parameters)
        if changed == request.parameters:
            return request
        return replace(request, body=to_bytes({**payload, "parameters": changed}))

    return misread


def edit_response(
    change: Callable[[Response], Response], *, where: Callable[[Exchange], bool]
) -> Change:
    """A change of the responses that ``where`` picks."""

    def edit(exchange: Exchange) -> Exchange:
        if exchange.response is None or not where(exchange):
            return exchange
        return replace(exchange, response=change(exchange.response))

    return edit


def edit_answers(change: Callable[[Any, Exchange], Any]) -> Change:
    """A change of the documents of answers at any address, ``change(document, exchange)``."""

    def edit(exchange: Exchange) -> Exchange:
        is_answered = exchange.status == 200 and exchange.request.method == "POST"
        if exchange.response is None or not is_answered:
            return exchange
        document = change(json.loads(exchange.response.content), exchange)
        return replace(exchange, response=with_body(exchange.response, to_bytes(document)))

    return edit


def of_each_text(change: Callable[[Any, Exchange], Any]) -> Callable[[Any, Exchange], Any]:
    """A change of one text's list as a change of documents, those of batches too."""

    def edit(document: Any, exchange: Exchange) -> Any:
        if isinstance(exchange.request.inputs, list):
            return [change(found, exchange) for found in document]
        return change(document, exchange)

    return edit


def edit_errors(change: Callable[[Any], Any]) -> Change:
    """A change of the documents of refusals."""

    def edit(exchange: Exchange) -> Exchange:
        if exchange.response is None or not is_refusal(exchange):
            return exchange
        document = change(json.loads(exchange.response.content))
        return replace(exchange, response=with_body(exchange.response, to_bytes(document)))

    return edit


def edit_lists(change: Callable[[list[Any], str], list[Any]]) -> Change:
    """A change of each text's list of entries, ``change(entries, text)``."""

    def edit(document: Any, exchange: Exchange) -> Any:
        inputs = exchange.request.inputs
        if isinstance(inputs, str):
            return change(document, inputs)
        return [change(found, text) for found, text in zip(document, inputs or (), strict=True)]

    return edit_answers(edit)


def edit_entries(change: Callable[[Entry], dict[str, Any]]) -> Change:
    """A change of each entry by itself."""
    return edit_lists(lambda found, text: [change(Entry("", fields, text)) for fields in found])


def with_body(response: Response, body: bytes) -> Response:
    headers = tuple(
        (name, str(len(body)) if name.lower() == "content-length" else value)
        for name, value in response.headers
    )
    return replace(response, headers=headers, body=body)


def as_refusal(response: Response, document: object, *, status: int = 400) -> Response:
    """The response as if the call had been refused, nothing computed and nothing kept."""
    headers = tuple(
        pair for pair in response.headers if not pair[0].lower().startswith("x-compute")
    )
    return replace(with_body(replace(response, headers=headers), to_bytes(document)), status=status)


def with_header(response: Response, name: str, value: str) -> Response:
    kept = tuple(line for line in response.headers if line[0].lower() != name)
    return replace(response, headers=(*kept, (name, value)))


def to_bytes(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
