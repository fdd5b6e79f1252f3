"""What the fixtures cost: ``python -m benchmarks.fixtures [ROUNDS]``.

The runs of each kind take turns, and each figure is a median: of all tests but the first of a
run, of first tests, of runs. Beside it stands the least processor time, both threads counted,
which says more on a machine that does other work. A test calls once, by way of ``http.client``;
the bare application is one function of Starlette on uvicorn in a thread, for all tests. The first
test of a run imports what serves it, of either, and starts it.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from .processes import keeping_bytecode, python

_TESTS = 100
_HEAD = """
import http.client
import json
import threading
import time
from contextlib import closing
from urllib.parse import urlsplit

import pytest

_BODY = json.dumps({"inputs": "Ada Lovelace lived in London"}).encode()

def call(url):
    parts = urlsplit(url)
    with closing(http.client.HTTPConnection(parts.netloc)) as connection:
        connection.request("POST", parts.path, _BODY, {"content-type": "application/json"})
        response = connection.getresponse()
        assert response.status == 200
        assert json.loads(response.read())
"""
_BARE = """
_ANSWER = b'[{"entity_group":"PER","score":0.9,"word":"Ada Lovelace","start":0,"end":12}]'

@pytest.fixture(scope="session")
def bare_server():
    import uvicorn  # Here, because the stand-in's fixture imports it no sooner.
    from starlette.applications import Starlette
    from starlette.responses import Response
    from starlette.routing import Route

    async def answer(request):
        await request.body()
        return Response(_ANSWER, media_type="application/json")

    app = Starlette(routes=[Route("/models/{model:path}", answer, methods=["POST"])])
    config = uvicorn.Config(app, port=0, log_level="critical", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.001)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join()
"""
_USES = {
    "bare": f"""{_BARE}
@pytest.mark.parametrize("turn", range({_TESTS + 1}))
def test_it(bare_server, turn):
    call(f"http://127.0.0.1:{{bare_server}}/models/dslim/bert-base-NER")
""",
    "nertwin": f"""
@pytest.mark.parametrize("turn", range({_TESTS + 1}))
def test_it(nertwin, turn):
    call(nertwin.model_url())
""",
}
# The first test starts the server, so it is timed by itself.
_TIMING = """
import time
ends = []
def pytest_runtest_logstart():
    if not ends:
        pytest_runtest_logfinish()
def pytest_runtest_logfinish():
    ends.append((time.perf_counter(), time.process_time()))
def pytest_unconfigure():
    for name, times in zip(("TIMES", "CPU"), zip(*ends)):
        print(name, *(later - earlier for earlier, later in zip(times, times[1:])))
"""
_EMPTY = "def test_it(): pass\n"
_PLUGIN = ("-p", "nertwin.contract_tests.plugin")
_EMPTY_RUNS = {"with": _PLUGIN, "without": ("-p", "no:nertwin")}


def main(rounds: int = 9) -> None:
    """Run each in turn, and print medians and their ratios."""
    first: dict[str, list[_Cost]] = {name: [] for name in _USES}
    rest: dict[str, list[_Cost]] = {name: [] for name in _USES}
    start: dict[str, list[float]] = {name: [] for name in _EMPTY_RUNS}
    with tempfile.TemporaryDirectory() as folder, keeping_bytecode() as environment:
        for turn in range(rounds + 1):
            for name, tests in _USES.items():
                one, *others = _run(Path(folder, name), _HEAD + tests, environment)
                if turn:  # The first leaves the bytecode, and isn't counted.
                    first[name].append(one)
                    rest[name] += others
            for name, options in _EMPTY_RUNS.items():
                taken = _startup(Path(folder, name), options, environment)
                if turn:
                    start[name].append(taken)
    _tell(f"{_TESTS} tests with one call each", rest, digits=2)
    _tell("first use of the server", first, digits=0)
    added = statistics.median(start["with"]) - statistics.median(start["without"])
    print(f"start of an empty run: {added * 1000:+.1f} ms with the plugin")


class _Cost(NamedTuple):
    """Seconds of a test, and of the processor for it."""

    elapsed: float
    computed: float


def _tell(title: str, costs: Mapping[str, list[_Cost]], *, digits: int) -> None:
    """Print what the stand-in costs beside what the bare application does."""
    medians = {name: statistics.median(each.elapsed for each in costs[name]) for name in costs}
    least = {name: min(each.computed for each in costs[name]) for name in costs}
    print(
        f"{title}: {medians['nertwin'] / medians['bare']:.2f} x a bare application's,"
        f" {least['nertwin'] / least['bare']:.2f} x by processor time"
    )
    for name, median in medians.items():
        told, computed = (f"{1000 * each:.{digits}f} ms" for each in (median, least[name]))
        print(f"  {name}: {told}, {computed} of the processor")


def _run(folder: Path, tests: str, environment: Mapping[str, str]) -> list[_Cost]:
    """What each test costs."""
    output = _pytest(folder, _TIMING, tests, (*_PLUGIN, "-s"), environment)
    times, computed = (
        map(float, output.partition(f"{name} ")[2].splitlines()[0].split())
        for name in ("TIMES", "CPU")
    )
    return [*map(_Cost, times, computed)]


def _startup(folder: Path, options: Sequence[str], environment: Mapping[str, str]) -> float:
    """Seconds of processor time that an empty run takes, as far as it can be told."""
    output = _pytest(folder, _CPU, _EMPTY, (*options, "-s"), environment)
    return float(output.partition("CPU ")[2].split()[0])


_CPU = """
import time
def pytest_unconfigure():
    print("CPU", time.process_time())
"""


def _pytest(
    folder: Path, conftest: str, tests: str, options: Sequence[str], environment: Mapping[str, str]
) -> str:
    if not folder.exists():  # Files that are written anew are compiled anew.
        folder.mkdir()
        (folder / "conftest.py").write_text(conftest)
        (folder / "test_it.py").write_text(tests)
    # Other people's plugins would blur what is measured.
    alone = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONHASHSEED": "0"}
    done = subprocess.run(  # Nothing in it comes from outside.
        python("-m", "pytest", "-q", "-p", "no:cacheprovider", *options, "."),
        cwd=folder,
        env={**os.environ, **environment, **alone},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    return done.stdout


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
