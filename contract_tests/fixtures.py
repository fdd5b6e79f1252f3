"""Fixtures: a stand-in for the tests of any project.

Every run of pytest that has nertwin installed imports this module, so it imports nothing but
pytest until a test asks for one of its fixtures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

if TYPE_CHECKING:
    import httpx
    import huggingface_hub

    from nertwin.mockserver import RunningServer

    from .inprocess import InProcess
    from .marking import Setup
    from .redirect import Redirect
    from .sleeping import Sleeps
    from .standins import ServingProcess, StandIns
    from .twin import Twin

_Made = TypeVar("_Made")
_TWINS: pytest.StashKey[list[Twin | InProcess | Redirect]] = pytest.StashKey()
_HAS_FAILED: pytest.StashKey[bool] = pytest.StashKey()
_SECTION = "nertwin"
_HOST = "127.0.0.1"
_ON_SOCKETS = frozenset(("nertwin_server", "nertwin_subprocess", "make_nertwin"))


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line(
        "markers",
        "nertwin(profile='router', clock='real', models=[...], strict=False, ...): settings of"
        " the stand-in that this test gets, and profile, level and select of nertwin_check; it"
        " stands on every item of nertwin_check; of several markers the closest wins",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where pytest-socket blocks every host, let tests of a stand-in reach this machine."""
    allowed = config.getoption("allow_hosts", None)
    if not (allowed or config.getoption("disable_socket", None)):
        return
    hosts = [*filter(None, (allowed or "").split(",")), _HOST]
    for item in items:
        if _ON_SOCKETS.isdisjoint(getattr(item, "fixturenames", ())):
            continue
        if item.get_closest_marker("allow_hosts") is None:
            item.add_marker(pytest.mark.allow_hosts(hosts))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Fail a test that passed although its stand-in got requests that no test wants."""
    result = yield
    for twin in item.stash.get(_TWINS, ()):
        if problem := twin.surprises():
            pytest.fail(problem, pytrace=False)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Add what came and what was answered to the report of a test that fails."""
    report: Any = yield
    twins = item.stash.get(_TWINS, [])
    if twins and report.failed:
        item.stash[_HAS_FAILED] = True
        text = "\n\n".join(f"{twin.url}\n{twin.account()}" for twin in twins)
        report.sections.append((_SECTION, text))
    if twins and report.when == "teardown":
        del item.stash[_TWINS]
        item.stash[_HAS_FAILED] = False  # Some plugins run an item again.
    return report  # type: ignore[no-any-return]  # As any wrapper of a hook gives it.


@pytest.fixture(scope="session")
def _nertwin_stand_ins(pytestconfig: pytest.Config) -> Iterator[StandIns]:
    from .standins import StandIns

    stand_ins = StandIns(pytestconfig.rootpath)
    yield stand_ins
    stand_ins.close()


@pytest.fixture(scope="session")
def nertwin_server(_nertwin_stand_ins: StandIns) -> RunningServer:
    """A stand-in in a thread of its own, on a free port of this machine.

    It has the settings of the project's ``nertwin.toml`` or ``pyproject.toml``, and its time
    stands still unless they set a clock.
    """
    return _or_fail(lambda: _nertwin_stand_ins.get({}))


@pytest.fixture
def nertwin(
    request: pytest.FixtureRequest, nertwin_server: RunningServer, _nertwin_stand_ins: StandIns
) -> Iterator[Twin]:
    """The stand-in as if it were this test's alone; in a TestCase also ``self.nertwin``."""
    setup = _or_fail(lambda: _setup(request.node))
    server = nertwin_server
    if setup.server:
        server = _or_fail(lambda: _nertwin_stand_ins.get(setup.server))
    with ExitStack() as stack:
        twin = _or_fail(lambda: _begin(request, _nertwin_stand_ins, server, setup, stack))
        if _is_test_case(request.instance):
            request.instance.nertwin = twin
        yield twin


@pytest.fixture
def nertwin_url(nertwin: Twin) -> str:
    """The address of the stand-in in this test."""
    return nertwin.url


@pytest.fixture
def nertwin_sleep(nertwin: Twin, monkeypatch: pytest.MonkeyPatch) -> Sleeps:
    """Sleeping, by ``time`` or ``asyncio``, takes no time and advances the session's clock.

    So a retry is tested in no time, and ``nertwin.assert_polite()`` can tell who has waited.
    """
    from .sleeping import replace_sleep

    sleeps = _or_fail(lambda: replace_sleep(nertwin.clock, monkeypatch))
    nertwin.drive()
    return sleeps


@pytest.fixture
def make_nertwin(
    request: pytest.FixtureRequest, _nertwin_stand_ins: StandIns
) -> Iterator[Callable[..., Twin]]:
    """Call it with settings, those of the marker, for one more stand-in on a port of its own."""
    with ExitStack() as stack:
        made = 0

        def make(**settings: object) -> Twin:
            from .marking import read_setup

            nonlocal made
            made += 1
            setup = read_setup(settings)
            server = _nertwin_stand_ins.get(setup.server, number=made)
            return _begin(request, _nertwin_stand_ins, server, setup, stack)

        yield make


@pytest.fixture
def nertwin_asgi(request: pytest.FixtureRequest) -> Iterator[httpx.ASGITransport]:
    """A transport of ``httpx.AsyncClient`` to a stand-in in this process, without sockets.

    It has the marker's settings; its ``app`` is the stand-in.
    """
    httpx = pytest.importorskip(
        "httpx", reason="nertwin_asgi gives a transport of httpx, which is not installed"
    )
    from nertwin.mockserver import create_app

    from .inprocess import InProcess
    from .watching import tell_watchers

    setup = _or_fail(lambda: _setup(request.node))
    app = _or_fail(lambda: create_app(setup.settings(request.config.rootpath)))
    stand_in = InProcess(app, is_strict=setup.strict)
    watch(request.node, stand_in)
    yield httpx.ASGITransport(app=app)
    tell_watchers(request.node, stand_in.visits)
    app.close()


@pytest.fixture(scope="session")
def nertwin_subprocess(pytestconfig: pytest.Config) -> Iterator[ServingProcess]:
    """A ``nertwin serve`` in a process of its own; ``control.session()`` gives a test its own."""
    from .standins import serving_process

    with ExitStack() as stack:
        yield _or_fail(lambda: stack.enter_context(serving_process(pytestconfig.rootpath)))


@pytest.fixture
def nertwin_inference_client(
    request: pytest.FixtureRequest, nertwin: Twin
) -> Iterator[huggingface_hub.InferenceClient]:
    """huggingface_hub's client, which calls the stand-in's default model."""
    from .readyclient import ready_client

    yield from ready_client(request.node, nertwin, "InferenceClient")


@pytest.fixture
def nertwin_async_inference_client(
    request: pytest.FixtureRequest, nertwin: Twin
) -> Iterator[huggingface_hub.AsyncInferenceClient]:
    """The same for coroutines; use it in an ``async with``, or close it."""
    from .readyclient import ready_client

    yield from ready_client(request.node, nertwin, "AsyncInferenceClient")


def watch(item: pytest.Item, watched: Twin | InProcess | Redirect) -> None:
    """Have a test fail by what it is surprised by, and its report say what happened there."""
    item.stash.setdefault(_TWINS, []).append(watched)


def fail_late(item: pytest.Item, problem: str) -> None:
    """Fail a test that has ended, where there is a problem and it has not failed anyway."""
    if problem and not item.stash.get(_HAS_FAILED, False):
        pytest.fail(problem, pytrace=False)


def _is_test_case(instance: object) -> bool:
    """Whether it is one of unittest's, which get no arguments."""
    if instance is None:
        return False
    from unittest import TestCase

    return isinstance(instance, TestCase)


def _setup(item: pytest.Item) -> Setup:
    from .marking import read_marks

    return read_marks((mark.args, mark.kwargs) for mark in item.iter_markers("nertwin"))


def _begin(
    request: pytest.FixtureRequest,
    stand_ins: StandIns,
    server: RunningServer,
    setup: Setup,
    stack: ExitStack,
) -> Twin:
    """A session of the server that ends with the stack."""
    from .beginning import session_id
    from .twin import Twin

    item: pytest.Item = request.node
    worker = getattr(item.config, "workerinput", {}).get("workerid", "main")
    control = stand_ins.control(server.url, getattr(server, "control_token", ""))
    id_ = session_id(worker, item.name, item.nodeid)
    settings = stand_ins.settings(server)
    memory = None if settings is None else server.memory
    twin = Twin(control, id_, setup, settings=settings, memory=memory)
    watch(item, twin)
    stack.callback(_end, item, twin)
    return twin


def _end(item: pytest.Item, twin: Twin) -> None:
    """Close the twin; what came after the test itself may fail it still."""
    from nertwin.mockserver import ControlError

    from .watching import tell_watchers

    try:
        problem = twin.surprises()
        tell_watchers(item, twin.visits)
        twin.close()
    except ControlError as error:
        problem = f"nertwin: {error}"
    fail_late(item, problem)


def _or_fail(make: Callable[[], _Made]) -> _Made:
    """What ``make`` gives; a mistake of the author's fails the test without a traceback."""
    from nertwin.mockserver import NertwinError

    try:
        return make()
    except NertwinError as error:
        problem = f"nertwin: {error}"
    pytest.fail(problem, pytrace=False)
