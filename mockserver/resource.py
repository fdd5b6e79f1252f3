"""Resource: one path with its methods, as a plain ASGI application."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from .call import call_of
from .reply import Headers, Reply

if TYPE_CHECKING:
    from .wirereply import WireReply

Answer: TypeAlias = "Callable[[Request], Awaitable[Reply | WireReply]]"

_PREFLIGHT: Headers = (
    (b"content-length", b"0"),
    (b"access-control-allow-credentials", b"true"),
    (b"access-control-max-age", b"86400"),
    (b"vary", b"Origin, Access-Control-Request-Method, Access-Control-Request-Headers"),
)


async def respond(answer: Answer, scope: Scope, receive: Receive, send: Send) -> None:
    """Send the answer, with what the session's settings violate; none to who left meanwhile."""
    request = Request(scope, receive)
    violated = call_of(request).session.settings.violate
    try:
        if violated:
            await call_of(request).session.aside(_meet_others, violated)
        reply = await answer(request)
        if violated:
            reply = await _violate(request, reply, violated)
    except ClientDisconnect:
        call_of(request).leave()
        return
    if scope["http_version"] == "1.0" and b"content-length" not in dict(reply.headers):
        # HTTP/1.0 knows no chunks, and the server underneath would send some.
        length = (b"content-length", str(len(reply.body)).encode())
        reply = replace(reply, headers=(*reply.headers, length))
    await reply(scope, receive, send)


async def _meet_others(clause_ids: tuple[str, ...]) -> None:
    from .violating import meet_others

    for clause_id in clause_ids:
        await meet_others(clause_id)


async def _violate(
    request: Request, reply: Reply | WireReply, clause_ids: tuple[str, ...]
) -> Reply | WireReply:
    from .violating import violate  # Most servers never do.
    from .wirereply import WireReply

    for clause_id in clause_ids:
        if isinstance(reply, WireReply):  # What is hurt already is no answer to judge.
            break
        reply = await violate(request, reply, clause_id)
    call = call_of(request)
    call.hurt = reply if isinstance(reply, WireReply) else None
    return reply


class Resource:
    """Calls the answer of the request's method; HEAD, OPTIONS and the 405 come by themselves."""

    def __init__(self, answers: Mapping[str, Answer], *, grants_preflight: bool = True) -> None:
        self._answers = dict(answers)
        if "GET" in answers:
            self._answers["HEAD"] = answers["GET"]
        if grants_preflight:
            self._answers["OPTIONS"] = self._preflight
        self._allow = ", ".join(sorted(self._answers)).encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; nobody is answered who left while sending it."""
        answer = self._answers.get(scope["method"], self._method_not_allowed)
        await respond(answer, scope, receive, send)

    async def _preflight(self, request: Request) -> Reply:
        asked = request.headers.get("access-control-request-headers", "")
        headers = (
            *_PREFLIGHT,
            (b"allow", self._allow),
            (b"access-control-allow-methods", self._allow),
            (b"access-control-allow-headers", asked.encode("latin-1") or b"*"),
        )
        return Reply(200, headers, b"")

    async def _method_not_allowed(self, request: Request) -> Reply:
        call = call_of(request)
        endpoint = call.session.endpoint
        call.decide("route", f"the path takes {self._allow.decode()}")
        path = request.scope["path"]
        refusal = endpoint.profile.wrong_method(request.method, path, self._allow.decode())
        reply = endpoint.refuse(refusal)
        return Reply(reply.status, (*reply.headers, (b"allow", self._allow)), reply.body)
