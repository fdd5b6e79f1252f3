"""Worker: the life of one of several server processes, or of one that is begun anew."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from .errors import NertwinError
from .log import configure_log
from .server import Server, leave_signals_to_uvicorn, run_server
from .settings import Settings

if TYPE_CHECKING:
    from .inboxes import Seat
    from .supervisor import Ready


def work(
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
        server = Server(settings, on_start=ready.set, seat=seat)
        leave_signals_to_uvicorn()
        run_server(server, listener)
    except NertwinError as error:
        sys.exit(f"nertwin: {error}")
