"""Libraries: how each Python library is made to ask the detour before it sends.

Each hook wraps a method of a class with one that has the same arguments. What the application
sees of its request stays as it was: its URL, its ``Host`` header, its proxies that are not used.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

from .detour import Leak, check_connection, current, url_of

#: A wrapped method, by the class that has it and its name.
Wrappers = list[tuple[type, str, Callable[..., Any]]]


def wrap_http_client(module: ModuleType) -> Wrappers:
    """The standard library's client, and with it urllib."""
    plain, secure = module.HTTPConnection, module.HTTPSConnection
    put, connect = plain.putrequest, plain.connect

    def redirected(connection: Any, method: str, target: str) -> str | None:
        detour = current()
        if detour is None:
            return None
        # Behind a proxy the connection's own host is the proxy's.
        host = getattr(connection, "_tunnel_host", None) or connection.host
        port = getattr(connection, "_tunnel_port", None) or connection.port
        scheme = "https" if isinstance(connection, secure) else "http"
        whole = target if "://" in target else url_of(scheme, host, port, target)
        return detour.redirect(method, whole)

    @functools.wraps(put)
    def putrequest(self: Any, method: str, url: str, *rest: Any, **more: Any) -> Any:
        found = redirected(self, method, url)
        if found is not None:
            parts = urlsplit(found)
            if "://" in url:
                # It is a connection to a proxy, which would be asked for what is here.
                self.close()
                self.host, self.port = parts.hostname, parts.port
            url = f"{parts.path}?{parts.query}" if parts.query else parts.path
        return put(self, method, url, *rest, **more)

    def connecting(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
        @functools.wraps(original)
        def connect_there(self: Any) -> Any:
            found = redirected(self, "", "")
            if found is None:
                return original(self)
            parts = urlsplit(found)
            address = (parts.hostname, parts.port or 80)
            self.sock = self._create_connection(address, self.timeout)
            return None

        return connect_there

    return [
        (plain, "putrequest", putrequest),
        (plain, "connect", connecting(connect)),
        (secure, "connect", connecting(secure.connect)),
    ]


def wrap_urllib3(module: ModuleType) -> Wrappers:
    """Every version of urllib3, and with it requests and what is built on that."""
    pool_type = module.HTTPConnectionPool
    original = pool_type.urlopen
    pools: dict[tuple[str | None, int | None], Any] = {}

    @functools.wraps(original)
    def urlopen(
        self: Any,
        method: str,
        url: str,
        body: Any = None,
        headers: Any = None,
        *rest: Any,
        **more: Any,
    ) -> Any:
        detour = current()
        if detour is None:
            return original(self, method, url, body, headers, *rest, **more)
        whole = url if "://" in url else url_of(self.scheme, self.host, self.port, url)
        found = detour.redirect(method, whole)
        if found is None:
            return original(self, method, url, body, headers, *rest, **more)
        parts = urlsplit(found)
        place = (parts.hostname, parts.port)
        if place not in pools:
            # Nothing is kept open, so nothing is left when the detour ends.
            pools[place] = pool_type(*place, headers={"Connection": "close"})
        sent = (self.headers if headers is None else headers).copy()
        if "host" not in {name.lower() for name in sent}:
            sent["Host"] = urlsplit(whole).netloc
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        return original(pools[place], method, target, body, sent, *rest, **more)

    return [(pool_type, "urlopen", urlopen)]


def wrap_httpx(module: ModuleType) -> Wrappers:
    """httpx, and httpx2, which has its shape."""

    def plain(transport: Any) -> Any:
        """The same without TLS, proxies and kept connections: it goes to this machine."""
        limits = module.Limits(max_keepalive_connections=0)
        return type_of(transport)(verify=False, trust_env=False, limits=limits)

    def type_of(transport: Any) -> Any:
        is_sync = isinstance(transport, module.HTTPTransport)
        return module.HTTPTransport if is_sync else module.AsyncHTTPTransport

    def rewritten(request: Any) -> Any:
        detour = current()
        try:
            found = detour.redirect(request.method, str(request.url)) if detour else None
        except Leak as leak:
            raise module.ConnectError(str(leak), request=request) from leak
        if found is None:
            return None
        return module.Request(
            request.method,
            found,
            headers=request.headers,
            stream=request.stream,
            extensions=request.extensions,
        )

    handle = module.HTTPTransport.handle_request
    handle_async = module.AsyncHTTPTransport.handle_async_request

    @functools.wraps(handle)
    def handle_request(self: Any, request: Any) -> Any:
        other = rewritten(request)
        return handle(self, request) if other is None else handle(plain(self), other)

    @functools.wraps(handle_async)
    async def handle_async_request(self: Any, request: Any) -> Any:
        other = rewritten(request)
        if other is None:
            return await handle_async(self, request)
        return await handle_async(plain(self), other)

    return [
        (module.HTTPTransport, "handle_request", handle_request),
        (module.AsyncHTTPTransport, "handle_async_request", handle_async_request),
    ]


def wrap_aiohttp(module: ModuleType) -> Wrappers:
    """aiohttp's client, which asks no proxy of the environment unless it is told to."""
    session_type = module.ClientSession
    send, build = session_type._request, session_type._build_url

    class Elsewhere(str):
        """A URL that is not below the session's base."""

    @functools.wraps(build)
    def _build_url(self: Any, str_or_url: Any) -> Any:
        return (
            module.URL(str(str_or_url))
            if isinstance(str_or_url, Elsewhere)
            else build(self, str_or_url)
        )

    @functools.wraps(send)
    async def _request(self: Any, method: str, str_or_url: Any, **more: Any) -> Any:
        detour = current()
        if detour is None:
            return await send(self, method, str_or_url, **more)
        url = build(self, str_or_url)
        try:
            found = detour.redirect(method.upper(), str(url))
        except Leak as leak:
            raise module.ClientOSError(*leak.args) from leak
        if found is None:
            return await send(self, method, str_or_url, **more)
        headers = self._prepare_headers(more.pop("headers", None))
        headers.setdefault("Host", url.raw_authority)
        more.pop("proxy", None)
        return await send(self, method, Elsewhere(found), headers=headers, **more)

    return [(session_type, "_request", _request), (session_type, "_build_url", _build_url)]


def wrap_uvloop(module: ModuleType) -> Wrappers:
    """Its event loop, which finds hosts and connects to them without Python's audit events."""
    loop_type = module.Loop
    find, connect = loop_type.getaddrinfo, loop_type.create_connection

    @functools.wraps(find)
    async def getaddrinfo(self: Any, host: Any, *rest: Any, **more: Any) -> Any:
        check_connection(host)
        return await find(self, host, *rest, **more)

    @functools.wraps(connect)
    async def create_connection(
        self: Any, protocol_factory: Any, host: Any = None, *rest: Any, **more: Any
    ) -> Any:
        check_connection(host)
        return await connect(self, protocol_factory, host, *rest, **more)

    return [
        (loop_type, "getaddrinfo", getaddrinfo),
        (loop_type, "create_connection", create_connection),
    ]


#: What wraps a module as soon as it is imported.
LIBRARIES: dict[str, Callable[[ModuleType], Wrappers]] = {
    "http.client": wrap_http_client,
    "urllib3.connectionpool": wrap_urllib3,
    "httpx": wrap_httpx,
    "httpx2": wrap_httpx,
    "aiohttp.client": wrap_aiohttp,
    "uvloop": wrap_uvloop,
}
