"""Draws: Hypothesis as a source of plans, and the smallest plan that fails."""

from __future__ import annotations

from collections.abc import Callable

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Flaky
from hypothesis.strategies import SearchStrategy

from .checks.check import Plan

_MOST_WHILE_SHRINKING = 80


class _Falsified(Exception):
    """The plan at hand fails."""


def falsify(
    plans: SearchStrategy[Plan], fails: Callable[[Plan], bool], *, seed: int, examples: int
) -> Plan | None:
    """The smallest plan found that fails, or None if none of so many examples does.

    The same seed draws the same plans. ``fails`` answers the same for the same plan.
    """
    failed: list[Plan] = []
    asked_since = 0

    def trial(drawn: Plan) -> None:
        nonlocal asked_since
        asked_since += bool(failed)
        is_over = asked_since > _MOST_WHILE_SHRINKING and drawn not in failed
        if not is_over and fails(drawn):
            failed.append(drawn)
            raise _Falsified

    search = hypothesis.seed(seed)(
        settings(
            max_examples=examples,
            database=None,
            derandomize=False,
            deadline=None,
            phases=(Phase.generate, Phase.shrink),
            print_blob=False,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        )(given(plans)(trial))
    )
    try:
        search()
    except (_Falsified, Flaky):
        return failed[-1]
    return None
