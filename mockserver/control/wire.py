"""Wire: requests to a control API by the standard library alone.

Tests that mock httpx or requests everywhere would mock a client that is built on them. Some, as
those with vcrpy, replace the connections of ``http.client`` as well, so only its parser is used.
"""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Mapping
from typing import cast
from urllib.parse import quote as percent_encode
from urllib.parse import urlencode, urlsplit

from nertwin.schemas import JSON

from ..errors import NertwinError, quote
from . import PREFIX

_ANSWERS_WITHIN = 10.0  # Seconds.


class ControlError(NertwinError):
    """The control API has refused a request, or there is none."""

    def __init__(self, message: str, *, status: int = 0) -> None:
        super().__init__(message)
        self.status = status  #: 0 if there was no answer.


class Wire:
    """Connections to one server, kept alive and used by one thread each at a time.

    No redirect is followed and no proxy is used: whoever else answers is no nertwin.
    """

    def __init__(self, url: str, token: str | None) -> None:
        self._host, self._port = _address(url)
        host = f"[{self._host}]" if ":" in self._host else self._host
        self.url = f"http://{host}:{self._port}"
        if token and not (token.isascii() and token.isprintable()):
            raise ControlError("the control token can't be sent in a header; give the server's own")
        self._token = token
        self._lock = threading.Lock()
        self._idle: list[socket.socket] = []

    def __repr__(self) -> str:
        return f"Wire({self.url!r})"

    def ask(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, JSON] | None = None,
        query: Mapping[str, str | int] | None = None,
        seconds: float = 0.0,
    ) -> dict[str, JSON]:
        """What the server answers to a request for a ``path`` below ``/_nertwin/``.

        Args:
            method: The HTTP method.
            path: Its segments are percent-encoded here.
            body: What is sent as JSON.
            query: What is sent in the query.
            seconds: What the answer may take beyond the usual ten.

        Raises:
            ControlError: The request is refused, or nobody answers.
        """
        target = PREFIX + percent_encode(path)
        target += "?" + urlencode(query) if query else ""
        sent = b"" if body is None else json.dumps(body).encode()
        connection = self._connect(_ANSWERS_WITHIN + seconds)
        try:
            connection.sendall(self._head(method, target, len(sent)) + sent)
            with http.client.HTTPResponse(connection, method=method) as response:
                response.begin()
                content = response.read()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise ControlError(
                f"{self.url} doesn't answer: {str(error) or type(error).__name__}. Is it running"
                " still? Start it with `nertwin serve`."
            ) from error
        if response.will_close:
            connection.close()
        else:
            self._keep(connection)
        return self._read(method, target, response.status, content)

    def close(self) -> None:
        """Close the connections; the next request opens a new one."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _head(self, method: str, target: str, length: int) -> bytes:
        """The lines before the body."""
        headers = {
            "host": self.url.removeprefix("http://"),
            "accept": "application/json",
            "content-type": "application/json",
            "content-length": str(length),
        }
        if self._token:
            headers["x-nertwin-token"] = self._token
        lines = (f"{name}: {value}\r\n" for name, value in headers.items())
        return f"{method} {target} HTTP/1.1\r\n{''.join(lines)}\r\n".encode("latin-1")

    def _connect(self, seconds: float) -> socket.socket:
        """An idle connection that the server has not closed, or a new one."""
        while True:
            with self._lock:
                kept = self._idle.pop() if self._idle else None
            if kept is None:
                break
            if _is_open(kept):
                kept.settimeout(seconds)
                return kept
            kept.close()
        try:
            connection = socket.create_connection((self._host, self._port), seconds)
        except OSError as error:
            raise ControlError(
                f"nobody listens at {self.url}: {error.strerror or error}. Start a stand-in there"
                " with `nertwin serve`, or give the URL that it prints."
            ) from error
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def _keep(self, connection: socket.socket) -> None:
        with self._lock:
            self._idle.append(connection)

    def _read(self, method: str, target: str, status: int, content: bytes) -> dict[str, JSON]:
        try:
            document = json.loads(content) if content else {}
        except ValueError:
            document = None
        if not isinstance(document, dict) or not (200 <= status < 300 or "error" in document):
            raise ControlError(
                f"{method} {self.url}{target} was answered {status} {content[:80]!r}, as no"
                " nertwin does; give the URL that `nertwin serve` prints",
                status=status,
            )
        if not 200 <= status < 300:
            raise ControlError(f"{method} {target}: {document['error']}", status=status)
        return cast("dict[str, JSON]", document)


def _address(url: str) -> tuple[str, int]:
    """The host and the port of a stand-in's URL."""
    try:
        parts = urlsplit(url)
        port = parts.port or http.client.HTTP_PORT
    except ValueError:  # The port is none, or a bracket is missing.
        parts, port = urlsplit(""), 0
    is_bare = not (parts.path.strip("/") or parts.query or parts.username is not None)
    if parts.scheme != "http" or not parts.hostname or not is_bare:
        raise ControlError(
            f"{quote(url)} is no address of a stand-in; write http://HOST:PORT, as `nertwin serve`"
            " prints it"
        )
    return parts.hostname, port


def _is_open(connection: socket.socket) -> bool:
    """Whether the other side has neither closed the connection nor sent what nobody asked for."""
    connection.settimeout(0)
    try:
        connection.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return True
    except OSError:
        pass
    return False
