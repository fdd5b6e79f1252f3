"""Broken: a transport to a faithful stand-in that makes it break one clause."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from urllib.parse import unquote

from nertwin.mockserver.availability import Stage
from nertwin.mockserver.breaches import Deed, HeldReply, Memory, find_breach, needs
from nertwin.mockserver.endpoint import Endpoint as Answering
from nertwin.mockserver.models import Model, UnknownModel
from nertwin.mockserver.reply import Reply

from .client import Transport
from .exchange import Exchange, Request, Response

_SESSION = "x-nertwin-session"


@dataclass(frozen=True)
class InSession:
    """A transport that speaks in one session of the stand-in, so that no other trial is felt."""

    transport: Transport
    session: str

    def send(self, request: Request) -> Exchange:
        """One request and what became of it."""
        return replace(self.transport.send(self._named(request)), request=request)

    def send_together(self, requests: tuple[Request, ...]) -> tuple[Exchange, ...]:
        """Requests that are under way at the same time."""
        sent = self.transport.send_together(tuple(map(self._named, requests)))
        return tuple(
            replace(exchange, request=request)
            for exchange, request in zip(sent, requests, strict=True)
        )

    def _named(self, request: Request) -> Request:
        return request.with_headers((_SESSION, self.session))


@dataclass
class BrokenTransport:
    """A transport whose every exchange has been through the breach of a clause."""

    transport: Transport
    aside: Transport  #: Answers what the breach wants to know; leaves no trace in the session.
    answering: Answering
    clause: str
    token: str | None = field(default=None, repr=False)  #: What the client adds to requests.
    cold: Collection[str] = ()  #: Models that are not ready before somebody calls them.
    _memory: Memory = field(default_factory=Memory, init=False, repr=False)
    _warm: set[str] = field(default_factory=set, init=False, repr=False)

    def __post_init__(self) -> None:
        self._breach = find_breach(self.clause)
        self._numbers = count(1)

    def send(self, request: Request) -> Exchange:
        """One request and what became of it."""
        return self._break(self.transport.send(request))

    def send_together(self, requests: tuple[Request, ...]) -> tuple[Exchange, ...]:
        """Requests that are under way at the same time."""
        faithful = self.transport.send_together(requests)
        return tuple(self._break(exchange, in_flight=len(requests)) for exchange in faithful)

    def _break(self, exchange: Exchange, *, in_flight: int = 1) -> Exchange:
        request, response = exchange.request, exchange.response
        if response is None or exchange.breakage is not None:
            return exchange
        path, _, query = request.target.partition("?")
        reply = _as_reply(response)
        model = self._model(request.method, path)
        deed = Deed(
            method=request.method,
            path=path,
            query=query,
            headers=self._headers(request),
            body=request.body,
            profile=self.answering.profile,
            model=model,
            reply=reply,
            compute=lambda body: self._compute(request, body),
            number=next(self._numbers),
            stage=self._stage(model, reply),
            connection=str(exchange.connection),
            in_flight=in_flight,
            memory=self._memory,
        )
        broken = self._breach(deed)
        if broken is reply:
            return exchange
        held = broken.seconds if isinstance(broken, HeldReply) else 0.0
        return replace(
            exchange, response=self._as_response(broken), seconds=exchange.seconds + held
        )

    def _stage(self, model: Model | None, reply: Reply) -> Stage:
        """The stage in which the call found its model, told by what came of it."""
        if model is None or model.card.id not in self.cold or model.card.id in self._warm:
            return "ready"
        if reply.status == 200:
            self._warm.add(model.card.id)
        return "loading"

    def _headers(self, request: Request) -> dict[str, str]:
        headers = {name.lower(): value for name, value in request.headers}
        if self.token and request.sends_token:
            headers.setdefault("authorization", f"Bearer {self.token}")
        return headers

    def _compute(self, request: Request, body: bytes) -> Reply:
        exchange = self.aside.send(replace(request, body=body))
        return _as_reply(exchange.response or Response(status=500))

    def _model(self, method: str, path: str) -> Model | None:
        if method != "POST":
            return None
        before, marker, named = unquote(path).partition("/models/")
        if not marker and before.strip("/"):
            return None
        try:
            return self.answering.models.model(named or self.answering.settings.default_model)
        except UnknownModel:
            return None

    def _as_response(self, reply: Reply) -> Response:
        headers = tuple((name.decode(), value.decode("latin-1")) for name, value in reply.headers)
        response = Response(status=reply.status, headers=headers, body=reply.body)
        length = response.header("content-length")
        if needs(self.clause) != "wire" or length is None:
            return response
        # What a client sees that takes the announced length for true.
        body, surplus = reply.body[: int(length)], reply.body[int(length) :]
        return replace(response, body=body, surplus=surplus, is_whole=len(body) == int(length))


def _as_reply(response: Response) -> Reply:
    headers = _lower(response.headers)
    return Reply(response.status, headers, response.body)


def _lower(lines: Sequence[tuple[str, str]]) -> tuple[tuple[bytes, bytes], ...]:
    return tuple((name.lower().encode(), value.encode("latin-1")) for name, value in lines)
