"""The fixture nertwin_redirect and the guard, by the tests they let pass and fail."""

import shutil
import sys
from pathlib import Path

import huggingface_hub.constants
import pytest

# Schemathesis makes a warning of what another plugin says of a test.
QUIET = ("-p", "no:cacheprovider", "-p", "no:schemathesis", "-p", "no:randomly")
HEAD = """
import asyncio
import os
import subprocess
import sys

import pytest

MODEL = "dslim/bert-base-NER"
URL = f"https://router.huggingface.co/hf-inference/models/{MODEL}"
"""


def run(pytester: pytest.Pytester, tests: str, *arguments: str) -> pytest.RunResult:
    pytester.makepyfile(HEAD + tests)
    return pytester.runpytest_inprocess(*QUIET, *arguments)


def run_apart(pytester: pytest.Pytester, tests: str, *arguments: str) -> pytest.RunResult:
    """The same in a process of its own, where libraries are not imported yet."""
    pytester.makepyfile(HEAD + tests)
    return pytester.runpytest_subprocess(*QUIET, *arguments, timeout=60)


def test_model_id_is_all_that_an_application_needs_to_name(pytester: pytest.Pytester) -> None:
    result = run_apart(
        pytester,
        """
def classify(text):
    from huggingface_hub import InferenceClient
    return InferenceClient(token="hf_no_token").token_classification(text, model=MODEL)

async def classify_async(text):
    from huggingface_hub import AsyncInferenceClient
    async with AsyncInferenceClient(token="hf_no_token") as client:
        return await client.token_classification(text, model=MODEL)

@pytest.mark.parametrize("turn", [1, 2])
def test_sync(nertwin, nertwin_redirect, turn):
    nertwin.say("[Bob](MISC) met Ada")
    assert classify("Bob met Ada")[0].entity_group == "MISC"
    asked = [each["path"] for each in nertwin.journal if "harness" not in each["path"]]
    assert len(asked) == 3, "the look-ups are asked again"

def test_async(nertwin, nertwin_redirect):
    nertwin.fail_next(503)
    with pytest.raises(OSError, match="503"):
        asyncio.run(classify_async("Ada"))
    nertwin.assert_called(times=1, inputs="Ada", status=503)
""",
    )

    result.assert_outcomes(passed=3)


needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl in PATH")
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="there is no node in PATH")
BODY = '{"inputs": "Ada"}'
REQUESTS = f"import requests; print(requests.post(URL, data='{BODY}').text)"
FETCH = f"fetch(URL, {{method: 'POST', body: '{BODY}'}}).then((r) => r.text()).then(console.log)"
HTTPS = (
    "const request = require('https').request(URL, {method: 'POST'}, (answer) =>"
    f" answer.on('data', (piece) => console.log(String(piece)))); request.end('{BODY}')"
)
PROGRAMS = [
    pytest.param(["curl", "-sS", "URL", "-d", BODY], id="curl", marks=needs_curl),
    pytest.param([sys.executable, "-c", REQUESTS], id="python"),
    pytest.param([sys.executable, "-I", "-c", REQUESTS], id="isolated python"),
    pytest.param(["node", "-e", FETCH], id="fetch", marks=needs_node),
    pytest.param(["node", "-e", HTTPS], id="node:https", marks=needs_node),
]


@pytest.mark.parametrize("program", PROGRAMS)
def test_program_that_a_test_starts_is_redirected(
    pytester: pytest.Pytester, program: list[str]
) -> None:
    result = run(
        pytester,
        f"""
def test_it(nertwin, nertwin_redirect):
    command = [part.replace("URL", URL if part == "URL" else repr(URL)) for part in {program!r}]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert '"word":"Ada"' in done.stdout
    nertwin.assert_called(times=1, inputs="Ada")
""",
    )

    result.assert_outcomes(passed=1)


def test_leak_fails_the_test_though_the_application_hides_it(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
import urllib.request

def test_it(nertwin_redirect):
    for _ in range(2):
        try:
            urllib.request.urlopen("https://cdn-lfs.huggingface.co/a?token=hf_secretsecret")
        except OSError:
            pass
    assert len(nertwin_redirect.attempts) == 2
""",
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "nertwin's guard refused requests that would have left this machine:",
            "  GET cdn-lfs.huggingface.co/a, from test_*.py:* (2×)",
            "The stand-in answers for the API's hosts only, and clients that `nertwin doctor`*",
        ]
    )
    result.stdout.no_fnmatch_line("*hf_secret*https*")


OWN_LOOKUP = (
    "require('net').connect({port: 9, host: 'hf.space', lookup: (host, options, done) =>"
    " done(null, [{address: '127.0.0.1', family: 4}])})"
)
LEAKS = [
    pytest.param([sys.executable, "-c", "import socket; socket.getaddrinfo('hf.space', 443)"]),
    pytest.param(["node", "-e", "fetch('https://hf.space/')"], marks=needs_node),
    pytest.param(["node", "-e", "require('https').get('https://hf.space/')"], marks=needs_node),
    pytest.param(["node", "-e", "require('net').connect(443, 'hf.space')"], marks=needs_node),
    pytest.param(["node", "-e", OWN_LOOKUP], marks=needs_node),
    pytest.param(["node", "-e", "require('dns').promises.lookup('hf.space')"], marks=needs_node),
    pytest.param(["curl", "-sS", "https://hf.space/"], marks=needs_curl),
]
LEAKS_BY = ["python", "fetch", "node:https", "node:net", "own lookup", "node:dns", "curl"]


@pytest.mark.parametrize("program", LEAKS, ids=LEAKS_BY)
def test_leak_of_a_program_fails_the_test_that_starts_it(
    pytester: pytest.Pytester, program: list[str]
) -> None:
    result = run(
        pytester,
        f"""
def test_it(nertwin_redirect):
    subprocess.run({program!r}, capture_output=True)
""",
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["nertwin's guard refused*", "  *hf.space*"])


def test_leak_of_a_forked_process_fails_the_test(pytester: pytest.Pytester) -> None:
    result = run_apart(
        pytester,
        """
import multiprocessing
import socket

def leak(host):
    try:
        socket.create_connection((host, 443))
    except OSError:
        return "refused"

def test_it(nertwin_redirect):
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.apply(leak, ["hf.space"]) == "refused"
""",
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["nertwin's guard refused*", "  hf.space, from test_*"])


def test_all_is_as_before_when_the_test_has_ended(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
import http.client
import httpx

def state():
    return dict(os.environ), http.client.HTTPConnection.connect, httpx.HTTPTransport.handle_request

BEFORE = state()

def names(environ):
    return {name for name in environ if not name.startswith("PYTEST_")}

def test_redirected(nertwin_redirect):
    assert state()[1:] != BEFORE[1:]
    assert nertwin_redirect.environment["HTTPS_PROXY"] == os.environ["HTTPS_PROXY"]

def test_after():
    assert names(state()[0]) == names(BEFORE[0])
    assert state()[1:] == BEFORE[1:]
""",
    )

    result.assert_outcomes(passed=2)


def test_hub_that_was_told_to_be_offline_is_answered(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)

    result = run(
        pytester,
        """
import huggingface_hub

def test_it(nertwin_redirect):
    client = huggingface_hub.InferenceClient(token="hf_no_token")
    assert client.token_classification("Ada", model=MODEL)[0].word == "Ada"

def test_after():
    assert os.environ["HF_HUB_OFFLINE"] == "1"
    assert huggingface_hub.constants.HF_HUB_OFFLINE
""",
    )

    result.assert_outcomes(passed=2)


def test_ready_client_calls_its_stand_in_and_nobody_else_though_the_hub_is_offline(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_DISABLE_TELEMETRY", False)

    result = run(
        pytester,
        """
import huggingface_hub

def test_client(nertwin_inference_client):
    assert nertwin_inference_client.token_classification("Ada")[0].word == "Ada"

def test_others(nertwin_inference_client):
    with pytest.raises(Exception, match="nertwin refused"):
        huggingface_hub.model_info(MODEL)

def test_after():
    assert huggingface_hub.constants.HF_HUB_OFFLINE
""",
    )

    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["nertwin's guard refused*", "  GET huggingface.co/api/models/*"])


@pytest.mark.parametrize("mirror", ["https://hub.corp.example", "https://corp.example/hub/"])
def test_hub_that_was_told_of_a_mirror_is_answered(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, mirror: str
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", mirror)
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", mirror.rstrip("/"))

    result = run(
        pytester,
        """
import huggingface_hub

def test_it(nertwin, nertwin_redirect):
    client = huggingface_hub.InferenceClient(token="hf_no_token")
    assert client.token_classification("Ada", model=MODEL)[0].word == "Ada"
    assert "/api/models/dslim/bert-base-NER" in [each["path"] for each in nertwin.journal]
""",
    )

    result.assert_outcomes(passed=1)


def test_without_trustme_this_process_is_redirected_and_others_are_refused(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "trustme", None)

    result = run(
        pytester,
        f"""
import requests

def test_it(nertwin, nertwin_redirect):
    assert requests.post(URL, json={{"inputs": "Ada"}}).json()[0]["word"] == "Ada"
    done = subprocess.run([sys.executable, "-I", "-c", {REQUESTS!r}.replace("URL", repr(URL))])
    assert done.returncode != 0
    nertwin.assert_called(times=2)
""",
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["E *wanted 2 calls; found 1*", "note: *router.huggingface.co*'nertwin[[]redirect]'"]
    )


UNGUARDED = """
import requests

def test_it():
    with pytest.raises(requests.ConnectionError):
        requests.get("https://HOST/a/b")
"""


@pytest.mark.parametrize(
    ("mode", "host"), [("api", "router.huggingface.co"), ("any", "example.invalid")]
)
def test_guard_of_the_run_holds_in_every_test(
    pytester: pytest.Pytester, mode: str, host: str
) -> None:
    result = run(pytester, UNGUARDED.replace("HOST", host), f"--nertwin-guard={mode}")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["nertwin's guard refused*", f"  GET {host}/a/b, from *", "*use the fixture nertwin_red*"]
    )


def test_guard_of_the_run_holds_when_tests_are_imported(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
import contextlib
import requests

with contextlib.suppress(OSError):
    requests.get("https://router.huggingface.co/a/b")

def test_it(): pass
""",
        "--nertwin-guard=api",
    )

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["* ERROR collecting *", "nertwin's guard refused*", "  GET router.huggingface.co/a/b, *"]
    )


def test_guarded_hub_is_no_leak_by_itself(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("HF_HUB_DISABLE_TELEMETRY", raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path))  # Where it keeps what it has asked.

    result = run_apart(
        pytester,
        """
@pytest.mark.parametrize("turn", [1, 2])
def test_it(nertwin_inference_client, turn):
    assert nertwin_inference_client.token_classification("Ada")
""",
        "--nertwin-guard=api",
    )

    result.assert_outcomes(passed=2)


def test_guard_can_be_set_in_the_configuration(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nnertwin_guard = api")

    result = run(pytester, UNGUARDED.replace("HOST", "hf.co"))

    result.assert_outcomes(failed=1)


def test_guard_that_there_is_none_of_is_a_usage_error(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nnertwin_guard = all")

    result = run(pytester, "def test_it(): pass")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*nertwin_guard is 'all'; it must be one of api, any, off*"])


def test_guard_of_the_run_leaves_stand_ins_alone(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
import requests

def test_it(nertwin):
    assert requests.post(nertwin.model_url(), json={"inputs": "Ada"}).status_code == 200

def test_redirected(nertwin_redirect):
    assert requests.post(URL, json={"inputs": "Ada"}).status_code == 200
""",
        "--nertwin-guard=any",
    )

    result.assert_outcomes(passed=2)


def test_redirect_works_where_sockets_are_blocked(pytester: pytest.Pytester) -> None:
    result = run_apart(
        pytester,
        """
def test_it(nertwin_redirect):
    import requests
    assert requests.post(URL, json={"inputs": "Ada"}).status_code == 200
""",
        "--disable-socket",
    )

    result.assert_outcomes(passed=1)


def test_client_of_the_hub_made_meanwhile_is_not_used_afterwards(
    pytester: pytest.Pytester,
) -> None:
    pytest.importorskip("huggingface_hub", "1.0", reason="older releases use requests")
    result = run_apart(
        pytester,
        """
from huggingface_hub.utils import get_session

seen = []

def test_before():
    seen.append(get_session())

def test_redirected(nertwin_redirect):
    assert get_session() is seen[0]
    import huggingface_hub
    huggingface_hub.close_session()
    seen.append(get_session())

def test_afterwards():
    assert get_session() is not seen[1]
    assert seen[1].is_closed
""",
    )

    result.assert_outcomes(passed=3)


def test_urllib_asks_no_proxy_of_ours_afterwards(pytester: pytest.Pytester) -> None:
    result = run_apart(
        pytester,
        """
import urllib.request

def ask(url):
    with urllib.request.urlopen(url, b'{"inputs": "Ada"}') as response:
        return response.status

def test_first(nertwin, nertwin_redirect):
    assert ask(URL) == 200

def test_then(nertwin):
    assert ask(nertwin.model_url()) == 200
""",
    )

    result.assert_outcomes(passed=2)


def test_report_of_a_failed_test_says_what_was_redirected(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_it(nertwin, nertwin_redirect):
    import requests
    requests.post(URL, json={"inputs": "Ada"})
    assert False
""",
    )

    result.stdout.fnmatch_lines(
        [
            "*#1 POST /hf-inference/models/* -> 200 *",
            "what is for the API's hosts comes here; nothing was refused",
        ]
    )
