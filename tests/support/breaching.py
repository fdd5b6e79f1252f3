"""A transport to a stand-in that breaks one clause, in sessions that can be begun anew."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import count

from nertwin.contract_tests.client import Transport
from nertwin.contract_tests.exchange import Exchange, Request, Response
from nertwin.mockserver import Settings
from nertwin.mockserver.app import create_endpoint
from nertwin.mockserver.breaches import Deed, Memory, find_breach
from nertwin.mockserver.incoming import Incoming
from nertwin.mockserver.models import Model
from nertwin.mockserver.modelstate import Stage
from nertwin.mockserver.reply import Reply


@dataclass
class Sessions:
    """Calls to the stand-in, in a session that no other conversation has seen."""

    transport: Transport
    _numbers: count[int] = field(default_factory=count, init=False)
    _session: str = field(default="", init=False)

    def begin(self) -> None:
        self._session = f"conversation-{next(self._numbers)}"

    def send(self, request: Request) -> Exchange:
        named = replace(request, headers=(("x-nertwin-session", self._session), *request.headers))
        return replace(self.transport.send(named), request=request)

    def send_together(self, requests: tuple[Request, ...]) -> tuple[Exchange, ...]:
        return tuple(map(self.send, requests))


@dataclass
class Breaching:
    """What a server would send that breaks the clause, made from what a good one sent."""

    sessions: Sessions
    clause: str
    settings: Settings
    model: str

    def __post_init__(self) -> None:
        self._endpoint = create_endpoint(self.settings)
        self._breach = find_breach(self.clause)
        self.begin()

    def begin(self) -> None:
        self.sessions.begin()
        self._memory = Memory()
        self._ready: set[str] = set()

    def send(self, request: Request) -> Exchange:
        exchange = self.sessions.send(request)
        assert exchange.response
        reply = self._breach(self._deed(request, exchange.response))
        lines = tuple((name.decode(), value.decode()) for name, value in reply.headers)
        response = replace(exchange.response, status=reply.status, headers=lines, body=reply.body)
        return replace(exchange, response=response)

    def send_together(self, requests: tuple[Request, ...]) -> tuple[Exchange, ...]:
        return tuple(map(self.send, requests))

    def _deed(self, request: Request, response: Response) -> Deed:
        model = self._model(request)
        headers = {name.lower(): value for name, value in request.headers}
        lines = tuple((name.encode(), value.encode()) for name, value in response.headers)

        def compute(body: bytes) -> Reply:
            return self._endpoint.reply(model, Incoming(body=body, headers=headers))

        return Deed(
            method=request.method,
            path=request.target,
            headers=headers,
            body=request.body,
            profile=self._endpoint.profile,
            model=model,
            reply=Reply(response.status, lines, response.body),
            compute=compute,
            stage=self._stage(model, response),
            memory=self._memory,
        )

    def _stage(self, model: Model, response: Response) -> Stage:
        """Where the model was when the call came, as far as its replies tell."""
        was_ready = model.card.life.starts == "ready" or model.card.id in self._ready
        if response.status == 200:
            self._ready.add(model.card.id)
        return "ready" if was_ready else "loading"

    def _model(self, request: Request) -> Model:
        named = request.target.partition("/models/")[2]
        return self._endpoint.models.model(named or self.model)
