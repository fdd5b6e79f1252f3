"""Connection: HTTP/1.1 over one socket, with the framing told as it was.

Common clients repair or reject what they receive; a kit that judges endpoints must see it.
"""

from __future__ import annotations

import socket
import ssl
import time
from dataclasses import dataclass, field, replace
from functools import cache
from urllib.parse import urlsplit

import h11

from .exchange import LARGEST_BODY, Breakage, HeaderLines, Request, Response

_BLOCK = 65536
_LARGEST_HEAD = 64 * 1024
# Small and odd, so that several chunks come, and characters lie across their borders.
_SMALLEST_CHUNK = 7
_MOST_CHUNKS = 64
_TELLING = 16  # Bytes that tell whether it is HTTP at all.


class Broken(Exception):
    """The exchange could not be carried out; whoever's fault it is."""

    def __init__(self, breakage: Breakage, problem: str, response: Response | None = None) -> None:
        super().__init__(problem)
        self.breakage: Breakage = breakage
        self.problem = problem
        self.response = response


@dataclass
class Connection:
    """One connection to a server, for one exchange at a time."""

    base: str
    timeout: float  #: Seconds that a whole exchange may take.
    number: int = 0
    is_usable: bool = field(default=True, init=False)
    has_answered: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self._beginning = b""
        self._socket = _open(self.base, self.timeout)
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LARGEST_HEAD)

    def close(self) -> None:
        """Give the socket back."""
        self.is_usable = False
        self._socket.close()

    def exchange(self, request: Request, headers: HeaderLines) -> Response:
        """Send a request with these header lines and receive what comes.

        Raises:
            Broken: No response came, or half of one; it carries what there was.
        """
        self._deadline = time.monotonic() + self.timeout
        self._beginning = b""
        try:
            self._send(request, headers)
            return self._receive()
        except TimeoutError as error:
            self.close()
            raise Broken("timeout", f"no answer within {self.timeout:g} seconds") from error
        except OSError as error:
            self.close()
            raise Broken("closed", f"the connection broke: {error.strerror or error}") from error

    def _send(self, request: Request, headers: HeaderLines) -> None:
        head = h11.Request(
            method=request.method,
            target=request.target,
            headers=[
                (name.encode("ascii"), value.encode("latin-1", "replace"))
                for name, value in headers
            ],
        )
        parts = [self._http.send(head)]
        parts += [self._http.send(h11.Data(data=block)) for block in _blocks(request)]
        parts.append(self._http.send(h11.EndOfMessage()))
        self._wait()
        self._socket.sendall(b"".join(part for part in parts if part))

    def _receive(self) -> Response:
        head: h11.Response | None = None
        blocks: list[bytes] = []
        size = 0
        is_over = False
        try:
            while True:
                event = self._http.next_event()
                if event is h11.NEED_DATA:
                    self._wait()
                    received = self._socket.recv(_BLOCK)
                    self._beginning = (self._beginning + received)[:_TELLING]
                    is_over = not received
                    self._http.receive_data(received)
                elif isinstance(event, h11.Response):
                    head = event
                elif isinstance(event, h11.Data):
                    blocks.append(bytes(event.data))
                    size += len(event.data)
                    if size > LARGEST_BODY:
                        self.close()
                        raise Broken("too-large", f"the body is longer than {LARGEST_BODY} bytes")
                elif isinstance(event, h11.EndOfMessage):
                    break
                elif isinstance(event, h11.ConnectionClosed):
                    self.close()
                    raise Broken("closed", "the connection was closed without an answer")
        except h11.RemoteProtocolError as error:
            self.close()
            raise self._broken(error, head, b"".join(blocks), is_over=is_over) from error
        if head is None:  # pragma: no cover  # h11 ends no message that did not begin.
            raise Broken("not-http", "a body without a head")
        self.has_answered = True
        return self._finish(_response(head, b"".join(blocks)))

    def _finish(self, response: Response) -> Response:
        surplus, _ = self._http.trailing_data
        if self._http.our_state is self._http.their_state is h11.DONE and not surplus:
            self._http.start_next_cycle()
        else:
            self.close()
        return replace(response, surplus=surplus) if surplus else response

    def _broken(
        self, error: Exception, head: h11.Response | None, body: bytes, *, is_over: bool
    ) -> Broken:
        if head is None:
            if is_over and b"HTTP/".startswith(self._beginning[:5]):
                return Broken("closed", "the connection was closed without an answer")
            return Broken("not-http", f"what came is no HTTP/1.1: {error}")
        cut = _response(head, body, is_whole=False)
        return Broken("closed", f"the body ended early: {error}", cut)

    def _wait(self) -> None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._socket.settimeout(left)


def _blocks(request: Request) -> list[bytes]:
    """The body as it is handed over, which is whole unless it goes in chunks."""
    body = request.body
    size = max(_SMALLEST_CHUNK, len(body) // _MOST_CHUNKS) if request.is_chunked else len(body)
    return [body[at : at + size] for at in range(0, len(body), size or 1)]


def _response(head: h11.Response, body: bytes, *, is_whole: bool = True) -> Response:
    lines = tuple(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, value in head.headers.raw_items()
    )
    return Response(status=head.status_code, headers=lines, body=body, is_whole=is_whole)


def _open(base: str, timeout: float) -> socket.socket:
    parts = urlsplit(base)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        opened = socket.create_connection((host, port), timeout=timeout)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except (socket.gaierror, UnicodeError) as error:
        raise Broken("unknown-host", f"there is no host {host!r}: {error}") from error
    except TimeoutError as error:
        problem = f"{host} port {port} did not answer within {timeout:g} seconds"
        raise Broken("timeout", problem) from error
    except OSError as error:
        problem = f"can't reach {host} port {port}: {error.strerror or error}"
        raise Broken("unreachable", problem) from error
    if parts.scheme == "http":
        return opened
    try:
        return _tls_context().wrap_socket(opened, server_hostname=host)
    except (ssl.SSLError, OSError) as error:
        opened.close()
        raise Broken("tls", f"no TLS with {host} port {port}: {error}") from error


@cache
def _tls_context() -> ssl.SSLContext:
    # A new context for each connection costs twenty milliseconds.
    return ssl.create_default_context()
