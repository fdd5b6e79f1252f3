"""Application: somebody's ASGI application, served so that it can be judged on the wire."""

from __future__ import annotations

import socket
import threading
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager, suppress
from typing import Any, TypeAlias

import uvicorn

from nertwin.mockserver.errors import NertwinError
from nertwin.mockserver.listening import bind

Message: TypeAlias = MutableMapping[str, Any]
Application: TypeAlias = (
    "Callable[[Message, Callable[[], Awaitable[Message]], "
    "Callable[[Message], Awaitable[None]]], Awaitable[None]]"
)

_STARTS_WITHIN = 30.0  # Seconds; applications load their models when they start.
_FINISHES_WITHIN = 3


class ApplicationDidNotStart(NertwinError):
    """The application ended, or hung, before it could be asked anything."""


@contextmanager
def running_application(application: Application) -> Iterator[str]:
    """The application in a thread of this process, on a free port; gives its URL.

    A real server stands in front of it, so that what only the wire shows is judged as well.

    Raises:
        ApplicationDidNotStart: Its lifespan failed or took more than thirty seconds.
    """
    with bind("127.0.0.1", 0) as listener:
        server = _Server(_config(application))
        thread = threading.Thread(
            target=_serve, args=(server, listener), name="nertwin-application", daemon=True
        )
        thread.start()
        server.settled.wait(_STARTS_WITHIN)
        if not server.started:
            server.should_exit = True
            raise ApplicationDidNotStart(
                f"the application {application!r:.80} did not start;"
                " see its log for what its lifespan does."
            )
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def _serve(server: uvicorn.Server, listener: socket.socket) -> None:
    # uvicorn ends so where the lifespan fails, after it has said why in its log.
    with suppress(SystemExit):
        server.run([listener])


def _config(application: Application) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        loop="asyncio",
        ws="none",
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=_FINISHES_WITHIN,
    )


class _Server(uvicorn.Server):
    """A uvicorn server that says when it has started or given up."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.settled = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        finally:
            self.settled.set()
