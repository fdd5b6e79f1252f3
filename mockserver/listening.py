"""Listening: the address that a server is to be found at."""

from __future__ import annotations

import errno
import socket

from .errors import NertwinError

_BACKLOG = 2048


class CannotListen(NertwinError):
    """The address can't be bound."""


def bind(host: str, port: int) -> socket.socket:
    """A listening socket.

    Raises:
        CannotListen: It names the address and what to do.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named, or asyncio's own loop would leave Nagle's algorithm on and each answer would wait for
    # an acknowledgement: 40 ms on Linux, 200 on Windows.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise CannotListen(
            f"can't listen on {host} port {port}: {error.strerror or error}. {_remedy(error)}"
        ) from error
    return listener


def url_of(listener: socket.socket) -> str:
    """Where it listens, as ``http://127.0.0.1:8080``."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _remedy(error: OSError) -> str:
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return "Choose a --host of this machine, as 127.0.0.1."
    return "Choose another --port, or 0 for a free one."
