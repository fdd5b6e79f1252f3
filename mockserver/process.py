"""Process: the stand-in as a process of its own, or as several."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from .app import create_endpoint
from .control.access import choose_token
from .errors import NertwinError
from .greeting import greet, tell_control_token
from .listening import bind, url_of
from .server import Server, leave_signals_to_uvicorn, run_server
from .settings import Settings


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
        url = url_of(listener)
        if settings.workers == 1 and not settings.reload:
            server = Server(settings, on_start=lambda: announce(url))
            leave_signals_to_uvicorn()
            if not settings.is_shared:
                tell_control_token(settings, server.control_token)
            run_server(server, listener)
            return
        # Most servers are one process.
        from .inboxes import Inboxes
        from .owners import have_owners
        from .supervisor import Supervisor
        from .worker import work

        create_endpoint(settings)  # A mistake is told here once, and not by each worker.
        token = settings.control_token
        if not settings.is_shared:
            token = choose_token(settings)
            tell_control_token(settings, token)
        Supervisor(
            partial(work, load, token),
            listener,
            count=settings.workers,
            watched=partial(_files_of, load) if settings.reload else None,
            new_inboxes=Inboxes if have_owners(settings) else None,
        ).run(announce=lambda: announce(url))


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
