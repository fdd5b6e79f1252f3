"""The property that a session keeps its contract, for whichever way to sessions."""

from collections.abc import Callable

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from support.lifedrivers import Driver
from support.lifemachine import LifeMachine

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
