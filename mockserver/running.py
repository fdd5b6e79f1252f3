"""Running: the stand-in as a process, or as a thread of a Python program."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

import uvicorn

from .app import StandIn, create_app, create_endpoint
from .control.access import choose_token, is_loopback
from .errors import NertwinError, StateLost
from .log import configure_log, json_line
from .memory import Memory
from .protocol import Protocol
from .settings import Settings

if TYPE_CHECKING:
    from .desk import Desk
    from .handover import Handover
    from .inboxes import Seat
    from .supervisor import Ready

_LOG = logging.getLogger("nertwin")
_BACKLOG = 2048
_STARTS_WITHIN = 10.0  # Seconds.
_FINISHES_WITHIN = 3  # Seconds that requests have to be answered once the server is to end.


class CannotListen(NertwinError):
    """The address can't be bound."""


class DidNotStart(NertwinError):
    """The server ended, or hung, before it was ready."""


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server that answers requests until its ``with`` block ends."""

    url: str  #: ``http://127.0.0.1:PORT``, without a slash at the end.
    #: What its control API asks for; empty if it asks for nothing.
    control_token: str = field(default="", repr=False)
    memory: Memory | None = field(default=None, repr=False, compare=False)


def serve(load: Callable[[], Settings], *, announce: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; ``announce`` is called with the URL when all is ready.

    ``load`` gives the settings. With several workers or with ``reload`` each process calls it
    for itself, so it must be picklable: a function of a module or a ``partial`` of one.

    Raises:
        CannotListen: The port is taken or the host is none of this machine's.
        NertwinError: From ``load``, or from a rule pack of the settings.
    """
    settings = load()
    if settings.is_shared:
        greet(settings)
    with bind(settings.host, settings.port) as listener:
        url = _url(listener)
        if settings.workers == 1 and not settings.reload:
            server = _Server(settings, on_start=lambda: announce(url))
            _leave_signals_to_uvicorn()
            if not settings.is_shared:
                tell_control_token(settings, server.control_token)
            _run_server(server, listener)
            return
        # Most servers are one process.
        from .inboxes import Inboxes
        from .owners import have_owners
        from .supervisor import Supervisor

        create_endpoint(settings)  # A mistake is told here once, and not by each worker.
        token = settings.control_token
        if not settings.is_shared:
            token = choose_token(settings)
            tell_control_token(settings, token)
        Supervisor(
            partial(_work, load, token),
            listener,
            count=settings.workers,
            watched=partial(_files_of, load) if settings.reload else None,
            new_inboxes=Inboxes if have_owners(settings) else None,
        ).run(announce=lambda: announce(url))


def _work(
    load: Callable[[], Settings],
    control_token: str,
    listener: socket.socket,
    ready: Ready,
    seat: Seat | None = None,
) -> None:
    """The life of one worker process; all of them have one control token."""
    try:
        settings = load()
        configure_log(settings.log_format)
        if not settings.control_token:
            settings = replace(settings, control_token=control_token)
        server = _Server(settings, on_start=ready.set, seat=seat)
        _leave_signals_to_uvicorn()
        _run_server(server, listener)
    except NertwinError as error:
        sys.exit(f"nertwin: {error}")


def _leave_signals_to_uvicorn() -> None:
    # It ends on these and then raises them once more, for the handlers there were before.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: None)


def tell_control_token(settings: Settings, token: str) -> None:
    """Write a token that the settings didn't give to standard error, and nowhere else."""
    if settings.control and token != settings.control_token:
        line = f"nertwin: the control token is {token}"
        if settings.log_format == "json":  # Whoever reads the log parses each line of it.
            message = "the control token is in control_token"
            line = json_line(logger="nertwin", message=message, control_token=token)
        print(line, file=sys.stderr, flush=True)


def greet(settings: Settings) -> None:
    """Look whether state can be shared, and tell the control token that is shared with it.

    A server starts without, too: what it needs may start later.

    Raises:
        NertwinError: The library for it is missing, or doesn't take the URL.
    """
    from .sharing.sharing import find_control_token

    try:
        token = asyncio.run(find_control_token(settings))
    except StateLost as error:
        _LOG.error("%s Until then calls are answered with 503.", error)
    else:
        if not is_loopback(settings.host):
            tell_control_token(settings, settings.control_token or token)


def _run_server(server: uvicorn.Server, listener: socket.socket) -> None:
    """Serve on a loop of our own; uvicorn would change the policy of the whole process."""
    with asyncio.Runner(loop_factory=_new_loop) as runner:
        runner.run(server.serve(sockets=[listener]))


def _new_loop() -> asyncio.AbstractEventLoop:
    if sys.platform == "win32":
        return asyncio.new_event_loop()
    import uvloop

    return uvloop.new_event_loop()


def _files_of(load: Callable[[], Settings]) -> set[Path] | None:
    """The files that, changed, would change the answers: settings, packs and their term lists.

    None while the settings can't be read.
    """
    try:
        settings = load()
    except NertwinError:
        return None
    packs = {Path(card.pack) for card in settings.models.values() if card.pack.endswith(".toml")}
    lists = {path for pack in packs for path in pack.parent.glob("*.txt")}
    source = {settings.source} if settings.source else set()
    return packs | lists | source


@contextlib.contextmanager
def running_server(settings: Settings | None = None) -> Iterator[RunningServer]:
    """A server in a thread of this process, on a free port if the settings name port 0.

    Raises:
        CannotListen: As for :func:`serve`.
        DidNotStart: It was not ready within ten seconds.
    """
    settings = settings or Settings(port=0)
    started = threading.Event()
    with bind(settings.host, settings.port) as listener:
        server = _Server(settings, on_start=started.set)
        thread = threading.Thread(
            target=_run_server, args=(server, listener), name="nertwin", daemon=True
        )
        thread.start()
        if not started.wait(_STARTS_WITHIN):
            server.should_exit = True
            raise DidNotStart(f"no server at {_url(listener)} after {_STARTS_WITHIN:.0f} seconds")
        try:
            yield RunningServer(_url(listener), server.control_token, server.memory)
        finally:
            server.should_exit = True
            thread.join()


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


def _remedy(error: OSError) -> str:
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return "Choose a --host of this machine, as 127.0.0.1."
    return "Choose another --port, or 0 for a free one."


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


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


class _Server(uvicorn.Server):
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
        return self._app.control.token

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.should_exit:
            if not self._app.settings.is_shared:  # Else it would be a copy, maybe an old one.
                self.memory = Memory(self._app.sessions)
            if self._desk is not None:
                self._desk.open(self._take_over)
            self._on_start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
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
