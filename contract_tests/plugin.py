"""Plugin: the contract as pytest items, one a clause.

Every run of pytest that has nertwin installed imports this module, so it imports nothing but
pytest until a test asks for one of its fixtures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter

    from .hearing import Place
    from .items import Hearings

#: The fixtures and the marker have modules of their own.
pytest_plugins = ("nertwin.contract_tests.fixtures", "nertwin.contract_tests.guard")

_HEARINGS: pytest.StashKey[Hearings] = pytest.StashKey()

#: The property of an item that holds the outcome of its clause.
OUTCOME = "nertwin_outcome"

_OPTIONS = {
    "endpoint": ("URL", "what nertwin_check judges; stand-in is nertwin's own"),
    "model": ("ID", "model to call"),
    "cold-model": ("ID", "model that nobody has called yet, for the 503"),
    "profile": ("NAME", "dialect to judge by: classic, router or dedicated"),
    "level": ("LEVEL", "the weakest clauses to judge: must, should (the default) or may"),
    "select": ("GLOBS", "only clauses like these, blanks between them"),
    "seed": ("N", "repeats a run"),
    "max-requests": ("N", "most requests of the session, 400 by default"),
    "rate": ("R", "requests a second, 5 by default and 0 (no limit) for this machine"),
    "timeout": ("S", "seconds for one answer, 30 by default"),
    "token-env": ("NAME", "variable that holds the token to send"),
}
_FLAGS = {
    "verdict": "list green tests whose clients are impolite to the stand-in",
    "cov": "list what the contract holds that no test has shown to the code under test",
}
_LEAST = ("PERCENT", "fail where the tests show less of the contract; means --nertwin-cov")
_NO_ENDPOINT = (
    "no endpoint to judge: give --nertwin-endpoint URL, set nertwin_endpoint in pytest's"
    " configuration, or override the fixture nertwin_endpoint"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add each option to the command line and to the configuration file."""
    group = parser.getgroup("nertwin", "the token-classification contract (nertwin)")
    for name, (metavar, text) in _OPTIONS.items():
        group.addoption(f"--nertwin-{name}", metavar=metavar, default=None, help=text)
        parser.addini(_ini(name), f"{text} (--nertwin-{name})", default="")
    metavar, text = _LEAST
    group.addoption("--nertwin-cov-fail-under", metavar=metavar, default=None, help=text)
    parser.addini("nertwin_cov_fail_under", text, default="")
    for name, text in _FLAGS.items():
        group.addoption(f"--nertwin-{name}", action="store_true", default=None, help=text)
        parser.addini(_ini(name), f"{text} (--nertwin-{name})", type="bool", default=False)


def pytest_configure(config: pytest.Config) -> None:
    """Watch the tests for what is asked for."""
    if _is_wanted(config, "verdict"):
        from . import verdicts

        verdicts.register(config)
    least = _least(config)
    if least is not None or _is_wanted(config, "cov"):
        from . import exposure

        exposure.register(config, least=least)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make one item a clause of each test that asks for ``nertwin_check``."""
    if "nertwin_check" not in metafunc.fixturenames:
        return
    from nertwin.mockserver.errors import NertwinError

    from .items import cases
    from .marking import check_options

    given = {name: wish(metafunc.config, name) for name in _OPTIONS}
    marks = [(mark.args, mark.kwargs) for mark in metafunc.definition.iter_markers("nertwin")]
    problem, found = "", []
    try:
        found = cases(given | check_options(marks))
    except NertwinError as error:
        problem = f"nertwin: {error}"
    if problem:
        pytest.fail(problem, pytrace=False)
    params = [pytest.param(case, id=case.clause.id, marks=pytest.mark.nertwin) for case in found]
    metafunc.parametrize("nertwin_check", params, indirect=True)


@pytest.fixture(scope="session")
def nertwin_endpoint(pytestconfig: pytest.Config) -> Place:
    """The endpoint that ``nertwin_check`` judges; override it to point at yours.

    It may be a URL, a ``nertwin.contract_tests.endpoint.Endpoint`` or an ASGI application.
    """
    url = wish(pytestconfig, "endpoint")
    if not url:
        pytest.skip(_NO_ENDPOINT)
    return url


@pytest.fixture
def nertwin_check(
    request: pytest.FixtureRequest, nertwin_endpoint: Place
) -> Iterator[Callable[[], None]]:
    """Call it: it fails with the violation, or skips with the reason, or returns."""
    from .items import Hearings

    hearings = request.config.stash.get(_HEARINGS, None)
    if hearings is None:
        hearings = request.config.stash[_HEARINGS] = Hearings(workers=_workers(request.config))
        request.config.add_cleanup(hearings.close)
    judgement = hearings.judge(nertwin_endpoint, request.param)
    request.node.user_properties.append((OUTCOME, judgement.outcome))
    was_told = False

    def tell() -> None:
        nonlocal was_told
        was_told = True
        judgement.tell()

    yield tell
    if not was_told:
        pytest.fail("nertwin_check was not called, so this item says nothing", pytrace=False)


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Say how many clauses were decided: a skipped item is no clause that holds."""
    found = {
        report.nodeid: value
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == OUTCOME
    }
    if found:
        counts = {value: list(found.values()).count(value) for value in sorted(found.values())}
        text = ", ".join(f"{count} {value}" for value, count in counts.items())
        terminalreporter.write_line(f"nertwin: {len(found)} clauses, {text}")


def wish(config: pytest.Config, name: str) -> str:
    """What the command line says of an option, else the configuration file; may be empty."""
    given = config.getoption(f"--nertwin-{name}")
    return str(config.getini(_ini(name)) if given is None else given).strip()


def _is_wanted(config: pytest.Config, name: str) -> bool:
    given = config.getoption(f"--nertwin-{name}")
    return bool(config.getini(_ini(name)) if given is None else given)


def _least(config: pytest.Config) -> float | None:
    """How many percent must be shown, if anybody says so."""
    text = wish(config, "cov-fail-under")
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 100:
        raise pytest.UsageError(
            f"nertwin: --nertwin-cov-fail-under is {text[:80]!r}; it must be a number from 0 to 100"
        )
    return value


def _ini(name: str) -> str:
    return f"nertwin_{name.replace('-', '_')}"


def _workers(config: pytest.Config) -> int:
    """How many processes of pytest-xdist share the work, and so the budget."""
    return int(getattr(config, "workerinput", {}).get("workercount", 1))
