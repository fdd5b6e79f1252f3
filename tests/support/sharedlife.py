"""The contract of a session that several servers share, each of which is asked in turn."""

from contextlib import ExitStack
from functools import partial
from typing import Any

from nertwin.mockserver import ModelCard, Settings, running_server
from nertwin.mockserver.control.client import Control
from support.lifecontract import MODELS
from support.lifedrivers import InTurns
from support.lifeproperty import run
from support.redises import RedisServer

SERVED: dict[str, Any] = {"models": {model: ModelCard(id=model) for model in MODELS}}
SERVERS = 4


def keep_the_contract(redis_server: RedisServer, *, examples: int) -> set[str]:
    """What decided the calls to four servers that share their state."""
    state = f"{redis_server.url}?namespace=lifecycle"
    with ExitStack() as stack:
        servers = [
            stack.enter_context(running_server(Settings(port=0, state=state, **SERVED)))
            for _ in range(SERVERS)
        ]
        controls = [stack.enter_context(Control(server.url)) for server in servers]
        return run(partial(InTurns, controls), examples)
