"""A server that answers with given bytes, well formed or not."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class RawServer:
    url: str
    received: list[bytes] = field(default_factory=list)


@contextlib.contextmanager
def raw_server(*replies: bytes, keeps_open: bool = False) -> Iterator[RawServer]:
    """Each connection gets the next reply to its first request; then it is closed.

    With ``keeps_open`` one connection gets all of them in turn and is left open.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = RawServer(f"http://127.0.0.1:{listener.getsockname()[1]}")
        kept: list[socket.socket] = []

        def serve() -> None:
            with contextlib.suppress(OSError):
                if keeps_open:
                    connection, _ = listener.accept()
                    kept.append(connection)
                    for reply in replies:
                        server.received.append(_receive(connection))
                        connection.sendall(reply)
                    return
                for reply in replies:
                    connection, _ = listener.accept()
                    with connection:
                        server.received.append(_receive(connection))
                        connection.sendall(reply)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            thread.join(5)
            for connection in kept:
                connection.close()


def _receive(connection: socket.socket) -> bytes:
    """One request whose body is no longer than its content-length."""
    found = b""
    while b"\r\n\r\n" not in found:
        found += connection.recv(65536)
    head, _, body = found.partition(b"\r\n\r\n")
    if b"transfer-encoding: chunked" in head:
        while not body.endswith(b"0\r\n\r\n"):
            body += connection.recv(65536)
        return head + b"\r\n\r\n" + body
    lengths = [line for line in head.split(b"\r\n") if line.startswith(b"content-length:")]
    length = int(lengths[0].partition(b":")[2]) if lengths else 0
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body
