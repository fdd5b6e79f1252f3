"""Guard: tests whose calls of the real API are answered by their stand-in, or refused.

Every run of pytest that has nertwin installed imports this module, so it imports nothing but
pytest until a test asks for one of its fixtures.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import pytest

from .fixtures import fail_late, watch

if TYPE_CHECKING:
    from .redirect import Redirect, Redirector
    from .twin import Twin

_GUARDS = ("api", "any", "off")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the guard's option to the command line and to the configuration file."""
    text = (
        "refuse requests of every test to Hugging Face's hosts (api), or to any host but this"
        " machine (any); off lets even nertwin_redirect refuse none"
    )
    group = parser.getgroup("nertwin", "the token-classification contract (nertwin)")
    group.addoption("--nertwin-guard", metavar="WHAT", choices=_GUARDS, default=None, help=text)
    parser.addini("nertwin_guard", f"{text} (--nertwin-guard)", default="")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Guard a test and its fixtures, where the run's options say so."""
    mode = _guard(item.config)
    if mode in ("", "off"):
        return (yield)
    from .redirect import guarding

    with guarding(mode) as guard:
        watch(item, guard)
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Guard what runs when a file of tests is imported."""
    mode = _guard(collector.config)
    if mode in ("", "off") or not isinstance(collector, pytest.File):
        return (yield)
    from .redirect import guarding

    with guarding(mode) as guard:
        report = yield
    problem = guard.surprises()
    if problem and report.passed:
        report.outcome = "failed"
        report.longrepr = problem
    return report


@pytest.fixture(scope="session")
def _nertwin_redirector() -> Iterator[Redirector]:
    from .redirect import Redirector

    redirector = Redirector()
    yield redirector
    redirector.close()


@pytest.fixture
def nertwin_redirect(
    request: pytest.FixtureRequest, nertwin: Twin, _nertwin_redirector: Redirector
) -> Iterator[Redirect]:
    """Has an application that names only a model's id answered by ``nertwin``.

    Calls of this process to the API's hosts go there whichever library makes them; programs
    that the test starts inherit an environment that does the same. Other requests to Hugging
    Face's hosts are refused, and fail the test.
    """
    item: pytest.Item = request.node
    with _nertwin_redirector.redirect(nertwin.url, guard=_guard(item.config) or "api") as redirect:
        watch(item, redirect)
        yield redirect
    fail_late(item, redirect.surprises())


def _guard(config: pytest.Config) -> str:
    """What the run's options refuse to every test; empty where they say nothing."""
    mode = str(config.getoption("--nertwin-guard") or config.getini("nertwin_guard")).strip()
    if mode and mode not in _GUARDS:
        raise pytest.UsageError(
            f"nertwin_guard is {mode!r}; it must be one of {', '.join(_GUARDS)}"
        )
    return mode
