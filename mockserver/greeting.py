"""Greeting: what a server tells who starts it, before it answers anybody."""

from __future__ import annotations

import asyncio
import logging
import sys

from .control.access import is_loopback
from .errors import StateLost
from .log import json_line
from .settings import Settings

_LOG = logging.getLogger("nertwin")


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
