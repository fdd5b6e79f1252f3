"""A session held to its contract, whatever is done to it: in this process, and over a socket."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from support.lifecontract import MODELS
from support.lifedrivers import Driver, InProcess, OverSocket
from support.lifemachine import LifeMachine

from nertwin.mockserver import ModelCard, Settings, create_app, running_server
from nertwin.mockserver.control.client import Control

SERVED: dict[str, Any] = {"models": {model: ModelCard(id=model) for model in MODELS}}
#: What may decide a call or a look-up; a run that hasn't met them all has shown too little.
GATES = {"rule", "cache", "availability", "auth", "quota", "request", "fault"}


def run(connect: Callable[..., Driver], examples: int) -> set[str]:
    """Run the machine, the same way each time, and tell what it has met."""
    seen: set[str] = set()
    run_state_machine_as_test(
        lambda: LifeMachine(connect, seen),  # type: ignore[arg-type]  # Any callable that makes one.
        settings=settings(
            max_examples=examples,
            stateful_step_count=25,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.explicit, Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )
    return seen


def test_session_in_this_process_keeps_the_contract() -> None:
    with asyncio.Runner() as runner:
        seen = run(partial(InProcess, create_app(Settings(**SERVED)), runner), examples=80)

    assert seen == GATES


def test_session_over_a_socket_keeps_the_contract() -> None:
    with running_server(Settings(port=0, **SERVED)) as server, Control(server.url) as control:
        seen = run(partial(OverSocket, control), examples=50)

    assert seen == GATES
