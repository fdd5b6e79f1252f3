"""Breached: endpoints that keep all clauses but one, as the stand-in's breaches tell it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from urllib.parse import unquote

from support.standins import stand_in

from nertwin.contract_tests.client import Transport
from nertwin.contract_tests.exchange import Exchange, Request, Response
from nertwin.mockserver.breaches import Breach, Deed, HeldReply, Memory, find_breach
from nertwin.mockserver.errors import NertwinError
from nertwin.mockserver.models import Model
from nertwin.mockserver.modelstate import Stage
from nertwin.mockserver.profiles import find_profile
from nertwin.mockserver.profiles.profile import Profile as Dialect
from nertwin.mockserver.reply import Reply
from nertwin.schemas import Profile

#: What a server adds to every reply, a broken one as well.
_COMMON = ("x-request-id", "access-control-allow-origin")


def breached(clause_id: str, profile: Profile = "classic") -> Callable[[Transport], Transport]:
    """A broken endpoint before a good one of that profile."""
    return lambda transport: _Breached(transport, find_breach(clause_id), find_profile(profile))


@dataclass
class _Breached:
    transport: Transport
    breach: Breach
    profile: Dialect
    memory: Memory = field(default_factory=Memory)
    ready: set[str] = field(default_factory=set)
    number: int = 0

    def send(self, request: Request) -> Exchange:
        return self._breach(self.transport.send(request), self._stage(request))

    def send_together(self, requests: tuple[Request, ...]) -> tuple[Exchange, ...]:
        stages = [self._stage(request) for request in requests]
        return tuple(map(self._breach, self.transport.send_together(requests), stages))

    def _stage(self, request: Request) -> Stage:
        is_cold = request.target.startswith("/models/nertwin/")
        return "loading" if is_cold and request.target not in self.ready else "ready"

    def _breach(self, exchange: Exchange, stage: Stage) -> Exchange:
        request = exchange.request
        if exchange.response is None:
            return exchange
        if exchange.status == 200 and request.is_call:
            self.ready.add(request.target)
        self.number += 1
        path, _, query = request.target.partition("?")
        deed = Deed(
            method=request.method,
            path=path,
            query=query,
            headers=_headers(request),
            body=request.body,
            profile=self.profile,
            model=_model(path, self.profile.name) if request.method == "POST" else None,
            reply=_reply(exchange.response),
            compute=lambda body: self._compute(request, body),
            number=self.number,
            stage=stage,
            memory=self.memory,
        )
        reply = self.breach(deed)
        if reply is deed.reply:
            return exchange
        held = reply.seconds if isinstance(reply, HeldReply) else 0.0
        response = _response(reply, exchange.response)
        return replace(exchange, response=response, seconds=exchange.seconds + held)

    def _compute(self, request: Request, body: bytes) -> Reply:
        anew = replace(request, body=body, headers=(*request.headers, ("x-use-cache", "false")))
        response = self.transport.send(anew).response
        return _reply(response) if response else Reply(500, (), b"")


def _headers(request: Request) -> dict[str, str]:
    token = {"authorization": "Bearer hf_canary0123456789"} if request.sends_token else {}
    return token | {name.lower(): value for name, value in request.headers}


@cache
def _model(path: str, profile: str) -> Model | None:
    settings = stand_in("classic")
    named = unquote(path).partition("/models/")[2] or unquote(path).partition("-classification/")[2]
    if path == "/" and profile == "dedicated":
        named = settings.default_model
    try:
        return settings.registry().model(named)
    except NertwinError:
        return None


def _reply(response: Response) -> Reply:
    lines = [
        (name.lower().encode(), value.encode("latin-1"))
        for name, value in response.headers
        if name.lower() != "transfer-encoding"
    ]
    return Reply(response.status, tuple(lines), response.body)


def _response(reply: Reply, faithful: Response) -> Response:
    lines = [(name.decode(), value.decode("latin-1")) for name, value in reply.headers]
    names = {name for name, _ in lines}
    lines += [line for line in faithful.headers if line[0] in _COMMON and line[0] not in names]
    return Response(status=reply.status, headers=tuple(lines), body=reply.body)
