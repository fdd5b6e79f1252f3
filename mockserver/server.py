"""Server: the stand-in behind uvicorn, which has the connections, the signals and the end."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, cast

import uvicorn

from .app import StandIn, create_app
from .memory import Memory
from .protocol import Protocol
from .settings import Settings

if TYPE_CHECKING:
    from .desk import Desk
    from .handover import Handover
    from .inboxes import Seat

_FINISHES_WITHIN = 3  # Seconds that requests have to be answered once the server is to end.


class Server(uvicorn.Server):
    """A uvicorn server that says when it is ready and drops long computations at its end."""

    def __init__(
        self, settings: Settings, *, on_start: Callable[[], None], seat: Seat | None = None
    ) -> None:
        self._app = create_app(settings)
        self._desk = None if seat is None else _desk(seat)
        super().__init__(_config(self._app, self._desk))
        self._on_start = on_start
        self.memory: Memory | None = None  #: Once it has started.

    @property
    def control_token(self) -> str:
        """What its control API asks for; empty if it asks for nothing."""
        return self._app.control.token

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, and say so."""
        await super().startup(sockets)
        if not self.should_exit:
            if not self._app.settings.is_shared:  # Else it would be a copy, maybe an old one.
                self.memory = Memory(self._app.sessions)
            if self._desk is not None:
                self._desk.open(self._take_over)
            self._on_start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer what has been asked, and end."""
        asyncio.get_running_loop().call_later(_FINISHES_WITHIN, self._app.close)
        if self._desk is not None:
            await self._desk.close()
        await super().shutdown(sockets)
        if self._desk is not None:
            self._desk.drop()
        self._app.close()
        await self._app.disconnect()

    def _take_over(self, handover: Handover) -> asyncio.Protocol:
        """What goes on with a connection that another worker has handed over."""
        return self.config.http_protocol_class(  # type: ignore[call-arg]  # It is a partial.
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
            _loop=asyncio.get_running_loop(),
            taken=handover,
        )


def run_server(server: Server, listener: socket.socket) -> None:
    """Serve on a loop of our own; uvicorn would change the policy of the whole process."""
    with asyncio.Runner(loop_factory=_new_loop) as runner:
        runner.run(server.serve(sockets=[listener]))


def _new_loop() -> asyncio.AbstractEventLoop:
    if sys.platform == "win32":
        return asyncio.new_event_loop()
    import uvloop

    return uvloop.new_event_loop()


def leave_signals_to_uvicorn() -> None:
    """Have SIGTERM and SIGINT end the server, and the process not by themselves."""
    # It ends on these and then raises them once more, for the handlers there were before.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: None)


def _config(app: StandIn, desk: Desk | None) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="none",
        http=Protocol if desk is None else _owning(desk),
        ws="none",
        lifespan="off",
        # The journal tells more than an access log, and the log halves the speed.
        access_log=False,
        log_config=None,
        # The API's gateway replies name no server; those of its model servers are ours to name.
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_FINISHES_WITHIN,
    )


def _desk(seat: Seat) -> Desk:
    from .desk import Desk

    return Desk(seat)


def _owning(desk: Desk) -> type[asyncio.Protocol]:
    from .owning import OwningProtocol

    return cast("type[asyncio.Protocol]", partial(OwningProtocol, desk=desk))
