"""Violating: a session that breaks clauses of the contract on purpose, and remembers with what."""

from __future__ import annotations

import asyncio

from starlette.requests import Request

from .breaches import Deed, HeldReply, Memory, find_breach, needs, withheld
from .call import Call, call_of
from .incoming import Incoming
from .leaving import unless_left
from .models import Model, UnknownModel
from .reply import Reply
from .wirereply import Damage, WireReply

# Real seconds in which other calls may come in between.
_MEETING = 0.02


async def meet_others(clause_id: str) -> None:
    """Let calls overlap where the breach of the clause needs that."""
    if needs(clause_id) == "overlap":
        await asyncio.sleep(_MEETING)


async def violate(request: Request, reply: Reply, clause_id: str) -> Reply | WireReply:
    """The reply of a server that breaks the clause; the faithful one where it says nothing.

    Raises:
        UnknownBreach: There is no such clause, or none that can be broken.
        ClientDisconnect: The client left while its reply was held.
    """
    call = call_of(request)
    broken = find_breach(clause_id)(_deed(request, call, reply, clause_id))
    if broken is reply:
        return reply
    call.decide("fault", f"violates {clause_id}")
    call.withheld |= withheld(clause_id)
    if isinstance(broken, HeldReply):
        await unless_left(request, call.session.clock.wait(broken.seconds))
    return _on_the_wire(broken) if needs(clause_id) == "wire" else broken


def _deed(request: Request, call: Call, reply: Reply, clause_id: str) -> Deed:
    session, scope = call.session, request.scope
    endpoint = session.endpoint
    model = _model(call)
    query = dict(request.query_params) if scope["query_string"] else {}
    incoming = Incoming(body=call.body, headers=request.headers, query=query)

    def compute(body: bytes) -> Reply:
        if model is None:
            return reply
        return endpoint.reply(model, incoming._replace(body=body))

    raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
    client = scope.get("client")
    return Deed(
        method=request.method,
        path=raw_path.decode("latin-1"),
        query=scope["query_string"].decode("latin-1"),
        headers=dict(request.headers),
        body=call.body,
        profile=endpoint.profile,
        model=model,
        reply=reply,
        compute=compute,
        number=session.requests,
        stage=call.stage,
        connection=f"{client[0]}:{client[1]}" if client else "",
        in_flight=session.in_flight,
        memory=session.memories.setdefault(clause_id, Memory()),
    )


def _model(call: Call) -> Model | None:
    """The model that was called, as the session has it."""
    if not call.is_classification:
        return None
    try:
        return call.session.rules.dress(call.session.endpoint.models.model(call.model))
    except UnknownModel:
        return None


def _on_the_wire(reply: Reply) -> Reply | WireReply:
    """The reply with the length that it states, which uvicorn would not send."""
    stated = dict(reply.headers).get(b"content-length", b"")
    if not stated.isdigit():
        return reply
    damage: Damage = "cut" if int(stated) > len(reply.body) else "over"
    return WireReply(status=reply.status, headers=reply.headers, body=reply.body, damage=damage)
