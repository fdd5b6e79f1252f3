"""Client: requests to one endpoint as exchanges; nothing that happens there is an exception."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from typing import Protocol
from urllib.parse import urlsplit

from .connection import Broken, Connection
from .endpoint import Endpoint
from .exchange import Exchange, HeaderLines, Request

_MOST_AT_ONCE = 16


class Transport(Protocol):
    """What carries requests to an endpoint."""

    def send(self, request: Request) -> Exchange:
        """One request and what became of it."""

    def send_together(self, requests: tuple[Request, ...]) -> tuple[Exchange, ...]:
        """Requests that are under way at the same time; their exchanges in the same order."""


@dataclass
class Client:
    """A transport over sockets that keeps connections open.

    It follows no redirect, verifies TLS, and uses no proxy, whatever the environment says.
    """

    endpoint: Endpoint
    timeout: float = 30.0  #: Seconds that a whole exchange may take.
    _idle: list[Connection] = field(default_factory=list, init=False, repr=False)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._connections = count(1)
        self._exchanges = count(1)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close what is open."""
        while self._idle:
            self._idle.pop().close()

    def send(self, request: Request) -> Exchange:
        """One request and what became of it."""
        number, token = next(self._exchanges), self.endpoint.token
        start = time.perf_counter()
        connection: Connection | None = None
        try:
            while True:
                connection = self._take(request)
                try:
                    response = connection.exchange(request, self._headers(request))
                    break
                except Broken as broken:
                    # A server may close an idle connection at any time; that is no answer yet.
                    if not (connection.has_answered and _is_stale(broken)):
                        raise
        except Broken as broken:
            return Exchange(
                request=request,
                response=broken.response.veil(token) if broken.response else None,
                breakage=broken.breakage,
                problem=broken.problem,
                seconds=time.perf_counter() - start,
                connection=connection.number if connection else 0,
                number=number,
            )
        seconds = time.perf_counter() - start
        self._give_back(connection)
        return Exchange(
            request=request,
            response=response.veil(token),
            seconds=seconds,
            connection=connection.number,
            number=number,
        )

    def send_together(self, requests: tuple[Request, ...]) -> tuple[Exchange, ...]:
        """Requests that are under way at the same time, each on a connection of its own."""
        with ThreadPoolExecutor(max_workers=min(len(requests), _MOST_AT_ONCE)) as threads:
            return tuple(threads.map(self.send, requests))

    def _take(self, request: Request) -> Connection:
        if not request.on_new_connection:
            with self._lock:
                while self._idle:
                    found = self._idle.pop()
                    if found.is_usable:
                        return found
        with self._lock:
            number = next(self._connections)
        return Connection(self.endpoint.base, self.timeout, number)

    def _give_back(self, connection: Connection) -> None:
        with self._lock:
            if connection.is_usable:
                self._idle.append(connection)

    def _headers(self, request: Request) -> HeaderLines:
        lines = [("host", urlsplit(self.endpoint.base).netloc), *request.headers]
        names = {name.lower() for name, _ in lines}
        if request.is_chunked:
            lines.append(("transfer-encoding", "chunked"))
        elif request.body or request.method == "POST":
            lines.append(("content-length", str(len(request.body))))
        if "user-agent" not in names:
            lines.append(("user-agent", "nertwin-check"))
        if request.sends_token and self.endpoint.token and "authorization" not in names:
            lines.append(("authorization", f"Bearer {self.endpoint.token}"))
        return tuple(lines)


def _is_stale(broken: Broken) -> bool:
    return broken.breakage == "closed" and broken.response is None
