"""Running: the stand-in as a thread of a Python program."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from .errors import NertwinError
from .listening import bind, url_of
from .memory import Memory
from .server import Server, run_server
from .settings import Settings

_STARTS_WITHIN = 10.0  # Seconds.


class DidNotStart(NertwinError):
    """The server ended, or hung, before it was ready."""


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server that answers requests until its ``with`` block ends."""

    url: str  #: ``http://127.0.0.1:PORT``, without a slash at the end.
    #: What its control API asks for; empty if it asks for nothing.
    control_token: str = field(default="", repr=False)
    memory: Memory | None = field(default=None, repr=False, compare=False)


@contextlib.contextmanager
def running_server(settings: Settings | None = None) -> Iterator[RunningServer]:
    """A server in a thread of this process, on a free port if the settings name port 0.

    Raises:
        CannotListen: The port is taken or the host is none of this machine's.
        DidNotStart: It was not ready within ten seconds.
    """
    settings = settings or Settings(port=0)
    started = threading.Event()
    with bind(settings.host, settings.port) as listener:
        server = Server(settings, on_start=started.set)
        thread = threading.Thread(
            target=run_server, args=(server, listener), name="nertwin", daemon=True
        )
        thread.start()
        if not started.wait(_STARTS_WITHIN):
            server.should_exit = True
            raise DidNotStart(f"no server at {url_of(listener)} after {_STARTS_WITHIN:.0f} seconds")
        try:
            yield RunningServer(url_of(listener), server.control_token, server.memory)
        finally:
            server.should_exit = True
            thread.join()
