"""Resource: one path with its methods, as a plain ASGI application."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import TypeAlias

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from .profiles import Profile
from .reply import Headers, Refusal, Reply

Answer: TypeAlias = Callable[[Request], Awaitable[Reply]]

_PREFLIGHT: Headers = (
    (b"content-length", b"0"),
    (b"access-control-allow-credentials", b"true"),
    (b"access-control-max-age", b"86400"),
    (b"vary", b"Origin, Access-Control-Request-Method, Access-Control-Request-Headers"),
)


class Resource:
    """Calls the answer of the request's method; HEAD, OPTIONS and the 405 come by themselves."""

    def __init__(
        self,
        answers: Mapping[str, Answer],
        *,
        profile: Profile,
        refuse: Callable[[Refusal], Reply],
    ) -> None:
        self._answers = dict(answers)
        if "GET" in answers:
            self._answers["HEAD"] = answers["GET"]
        if profile.grants_preflight:
            self._answers["OPTIONS"] = self._preflight
        self._allow = ", ".join(sorted(self._answers)).encode()
        self._profile = profile
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; nobody is answered who left while sending it."""
        answer = self._answers.get(scope["method"])
        if answer is None:
            reply = self._method_not_allowed(scope["method"], scope["path"])
        else:
            try:
                reply = await answer(Request(scope, receive))
            except ClientDisconnect:
                return
        if scope["http_version"] == "1.0" and b"content-length" not in dict(reply.headers):
            # HTTP/1.0 knows no chunks, and the server underneath would send some.
            length = (b"content-length", str(len(reply.body)).encode())
            reply = replace(reply, headers=(*reply.headers, length))
        await reply(scope, receive, send)

    async def _preflight(self, request: Request) -> Reply:
        asked = request.headers.get("access-control-request-headers", "")
        headers = (
            *_PREFLIGHT,
            (b"allow", self._allow),
            (b"access-control-allow-methods", self._allow),
            (b"access-control-allow-headers", asked.encode("latin-1") or b"*"),
        )
        return Reply(200, headers, b"")

    def _method_not_allowed(self, method: str, path: str) -> Reply:
        reply = self._refuse(self._profile.wrong_method(method, path, self._allow.decode()))
        return Reply(reply.status, (*reply.headers, (b"allow", self._allow)), reply.body)
