"""What the fixtures cost: ``python benchmarks/fixtures.py [ROUNDS]``.

The runs of each kind take turns, and each figure is a median: of all tests but the first of a
run, of first tests, of runs. Beside it stands the least processor time, both threads counted,
which says more on a machine that does other work. A test calls once, by way of ``http.client``;
the bare application is one function of Starlette on uvicorn in a thread, for all tests.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

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
import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

_ANSWER = b'[{"entity_group":"PER","score":0.9,"word":"Ada Lovelace","start":0,"end":12}]'

async def answer(request):
    await request.body()
    return Response(_ANSWER, media_type="application/json")

@pytest.fixture(scope="session")
def bare_server():
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


def main(rounds: int = 9) -> None:
    """Run each in turn, and print medians and their ratios."""
    first: dict[str, list[float]] = {name: [] for name in _USES}
    rest: dict[str, list[float]] = {name: [] for name in _USES}
    computed: dict[str, list[float]] = {name: [] for name in _USES}  # The same, of the processor.
    start: dict[str, list[float]] = {"with": [], "without": []}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            for name, tests in _USES.items():
                (one, *others), (_, *cpu) = _run(Path(folder), _HEAD + tests)
                first[name].append(one)
                rest[name] += others
                computed[name] += cpu
            for name, options in (("with", ()), ("without", ("-p", "no:nertwin"))):
                start[name].append(_startup(Path(folder), *options))
    ratio = statistics.median(rest["nertwin"]) / statistics.median(rest["bare"])
    least = min(computed["nertwin"]) / min(computed["bare"])
    print(
        f"{_TESTS} tests with one call each: {ratio:.2f} x those of a bare application,"
        f" {least:.2f} x by processor time"
    )
    for name, times in rest.items():
        least = min(computed[name])
        print(f"  {name}: {statistics.median(times) * 1000:.2f} ms a test, {least * 1000:.2f} ms")
    print(f"first use of the server: {statistics.median(first['nertwin']) * 1000:.0f} ms")
    added = statistics.median(start["with"]) - statistics.median(start["without"])
    print(f"start of an empty run: {added * 1000:+.1f} ms with the plugin")


def _run(folder: Path, tests: str) -> tuple[list[float], list[float]]:
    """Seconds of each test, and of the processor for it."""
    (folder / "conftest.py").write_text(_TIMING)
    (folder / "test_it.py").write_text(tests)
    output = _pytest(folder, "-s", "-p", "nertwin.contract_tests.plugin")
    times, computed = (
        [*map(float, output.partition(f"{name} ")[2].splitlines()[0].split())]
        for name in ("TIMES", "CPU")
    )
    return times, computed


def _startup(folder: Path, *options: str) -> float:
    """Seconds of processor time that an empty run takes, as far as it can be told."""
    (folder / "conftest.py").write_text(_CPU)
    (folder / "test_it.py").write_text(_EMPTY)
    if not options:
        options = ("-p", "nertwin.contract_tests.plugin")
    return float(_pytest(folder, "-s", *options).partition("CPU ")[2].split()[0])


_CPU = """
import time
def pytest_unconfigure():
    print("CPU", time.process_time())
"""


def _pytest(folder: Path, *options: str) -> str:
    # Other people's plugins would blur what is measured.
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONHASHSEED": "0"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, "."]
    done = subprocess.run(  # Nothing in it comes from outside.
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    return done.stdout


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
