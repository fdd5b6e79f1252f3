"""A session held to its contract, whatever is done to it: in this process, and over a socket."""

import asyncio
from functools import partial
from typing import Any

from support.lifecontract import MODELS
from support.lifedrivers import InProcess, OverSocket
from support.lifeproperty import GATES, run

from nertwin.mockserver import ModelCard, Settings, create_app, running_server
from nertwin.mockserver.control.client import Control

SERVED: dict[str, Any] = {"models": {model: ModelCard(id=model) for model in MODELS}}


def test_session_in_this_process_keeps_the_contract() -> None:
    with asyncio.Runner() as runner:
        seen = run(partial(InProcess, create_app(Settings(**SERVED)), runner), examples=80)

    assert seen == GATES


def test_session_over_a_socket_keeps_the_contract() -> None:
    with running_server(Settings(port=0, **SERVED)) as server, Control(server.url) as control:
        seen = run(partial(OverSocket, control), examples=50)

    assert seen == GATES
